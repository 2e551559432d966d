"""The votes of language models as the ledger holds them, joined into the pool; nobody is asked here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from labeling.config.sections import LLMConfig
from labeling.items import Items
from labeling.pool.examples import Examples, frozen_examples
from labeling.pool.readings import stored_readings
from labeling.project import Project
from labeling.store import llm_votes
from labeling.types import ABSTAIN, Codes, LLMVoter, Outcome, VoteMatrix, digest_of
from labeling.votes.alignment import ABSENT, DigestRows
from labeling.votes.applied import AppliedVotes, VoterRun

NO_ANSWERS = "no answers yet; `quorum llm run` asks for them"
NO_EXAMPLES = "no examples yet; `quorum llm run` takes them from review answers and seed gold"


@dataclass(frozen=True)
class ProjectVoters:
    """The language models of a project with their sections, and the names of those that lack examples."""

    asked: tuple[tuple[LLMConfig, LLMVoter], ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """A line for each that lacks examples."""
        return tuple(f"{name}: {NO_EXAMPLES}" for name in self.lacking)

    @property
    def voters(self) -> tuple[LLMVoter, ...]:
        """The voters alone."""
        return tuple(voter for _, voter in self.asked)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(voter.name for voter in self.voters)

    @property
    def versions(self) -> frozenset[str]:
        """Their versions."""
        return frozenset(voter.version for voter in self.voters)


@dataclass(frozen=True)
class Prelabels:
    """What language models said of n items so far, and a line for each that has no say yet."""

    applied: AppliedVotes
    left_out: tuple[str, ...] = field(default=())


def project_voters(
    project: Project, fields: Sequence[str], examples: Examples | None = None
) -> ProjectVoters:
    """Load the language models that the config names, in its order.

    Parameters
    ----------
    fields : sequence of str
        The fields of items that may be sent.
    examples : sequence of (Item, str), optional
        Those of the snapshot if None.

    Raises
    ------
    InputError
        What is wrong with a prompt.
    """
    sections = [voter.llm for voter in project.config.voters if voter.llm]
    if not sections:
        return ProjectVoters()
    examples = frozen_examples(project) if examples is None else examples
    loaded = [(section, project.read_prompts(section, fields, examples)) for section in sections]
    made = [(section, voter) for section, found in loaded for voter in found.voters]
    lacking = [name for _, found in loaded for name in found.lacking]
    without = project.without
    return ProjectVoters(
        tuple((section, voter) for section, voter in made if voter.name not in without),
        tuple(name for name in lacking if name not in without),
    )


def take_prelabels(project: Project, items: Items, found: ProjectVoters) -> Prelabels:
    """Give the votes of the language models on all items; one without any answer has no column."""
    if not found.voters:
        return Prelabels(_side_by_side([], len(items), len(project.schema)), found.left_out)
    rows = DigestRows(items.digest_column)
    columns: list[Column] = []
    silent = []
    for voter in found.voters:
        readings = stored_readings(project, voter.version)
        column = _column(voter, readings, rows, len(items), project.schema.names)
        if column.run.cached:
            columns.append(column)
        else:
            silent.append(f"{voter.name}: {NO_ANSWERS}")
    applied = _side_by_side(columns, len(items), len(project.schema))
    return Prelabels(applied, (*found.left_out, *silent))


def prelabel_inputs(project: Project, found: ProjectVoters) -> list[tuple[str, str, str | None]]:
    """Give what a report of the votes depends on: name, version and digest of the answers, per voter."""
    with project.store.read() as tx:
        return [(v.name, v.version, llm_votes.answers_digest(tx, v.version)) for v in found.voters]


@dataclass(frozen=True)
class Column:
    """The votes of one model on n items."""

    codes: Codes
    confidence: npt.NDArray[np.float32]
    run: VoterRun


def _column(voter: LLMVoter, readings: pa.Table, lookup: DigestRows, n: int, names: Sequence[str]) -> Column:
    rows = lookup.rows(readings["digest"].combine_chunks())
    here = readings.filter(pa.array(rows != ABSENT))
    present = rows[rows != ABSENT]
    codes, confidence = np.full(n, ABSTAIN, dtype=np.int8), np.full(n, np.nan, dtype=np.float32)
    found = pc.index_in(here["label"], pa.array(names, pa.string())).fill_null(ABSTAIN)
    codes[present] = found.to_numpy().astype(np.int8)
    confidence[present] = here["confidence"].to_numpy()
    confidence[codes == ABSTAIN] = np.nan
    outcomes = {pair["values"]: pair["counts"] for pair in pc.value_counts(here["outcome"]).to_pylist()}
    run = VoterRun(
        voter.name,
        voter.version,
        cached=len(present),
        answers=_answers(codes, confidence, outcomes),
        unasked=n - len(present),
        abstained={o: c for o, c in sorted(outcomes.items()) if o != Outcome.VOTE},
    )
    return Column(codes, confidence, run)


def _answers(codes: Codes, confidence: npt.NDArray[np.float32], outcomes: Mapping[str, int]) -> str:
    """Digest what was answered; of abstentions, their number for each reason."""
    said = hashlib.sha256(codes.tobytes() + confidence.tobytes()).hexdigest()
    return digest_of(said, sorted(outcomes.items()))


def _side_by_side(columns: Sequence[Column], n: int, n_classes: int) -> AppliedVotes:
    hard = np.full((n, len(columns)), ABSTAIN, dtype=np.int8)
    for j, column in enumerate(columns):
        hard[:, j] = column.codes
    names = tuple(column.run.name for column in columns)
    return AppliedVotes(
        VoteMatrix(hard, names, n_classes),
        tuple(column.run for column in columns),
        {column.run.name: column.confidence for column in columns},
    )
