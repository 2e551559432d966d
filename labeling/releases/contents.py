"""The tables of a release: labels by row, votes and answers by content, with what they were made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from labeling.artifacts import content_digest
from labeling.errors import InputError
from labeling.export import given_labels, round_routes
from labeling.libraries import library_versions
from labeling.pool import Pool, load_pool
from labeling.pool.people import People, read_people
from labeling.pool.prelabels import project_voters
from labeling.project import Project
from labeling.store import Round, StoredTest, certificates, rounds
from labeling.types import digest_of

DIGEST_TYPE = pa.binary(16)
VOTE = "vote:"
"""What the names of the columns of votes begin with, so that none is taken for the digest."""


@dataclass(frozen=True)
class Contents:
    """What is in a release.

    Attributes
    ----------
    labels : pyarrow.Table of one line per row
        ``id``, ``digest`` of its content, ``label`` and ``source`` (null where nobody vouches for one),
        ``annotators``.
    votes : pyarrow.Table of one line per content
        ``digest``, and a column of int8 for each voter: index into ``classes``, -1 abstains.
    answers : pyarrow.Table
        ``digest``, ``annotator``, ``label`` (null where skipped), ``lane``: all answers of that time.
    made_of : mapping
        JSON: ``round``, ``scorer``, ``certificate``, ``classes``, ``voters``, ``people``, ``data``, ...
    number : int or None
        None before it is published.
    """

    labels: pa.Table = field(repr=False)
    votes: pa.Table = field(repr=False)
    answers: pa.Table = field(repr=False)
    made_of: dict[str, Any] = field(repr=False)
    number: int | None = None

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of the votes' indices."""
        return list(self.made_of["classes"])

    @property
    def certificate(self) -> int | None:
        """Number of the certificate in force; None where none was."""
        number: int | None = self.made_of["certificate"]
        return number

    @property
    def identity(self) -> str:
        """Digest of what tells releases apart; not the round that happened to bring the labels about."""
        named = ("certificate", "classes", "schema", "voters")
        tables = [content_digest(t) for t in (self.labels, self.votes, self.answers)]
        return digest_of(tables, [self.made_of[name] for name in named])


def present_contents(project: Project) -> Contents:
    """Give what a release would hold now, by the last round.

    Raises
    ------
    InputError
        There is no round yet.
    """
    pool = load_pool(project, tells_refused=False)
    with project.store.read() as tx:
        latest, champion = rounds.latest(tx), certificates.champion(tx)
        people = read_people(tx, project.schema)
    if latest is None:
        raise InputError("there is no round to release. Run `quorum run` first.")
    labels = _labels(project, pool, latest)
    made_of = _made_of(project, pool, people, latest, champion) | {"labels": _sources(labels)}
    return Contents(labels=labels, votes=_votes(pool), answers=_answers(people), made_of=made_of)


def _labels(project: Project, pool: Pool, latest: Round) -> pa.Table:
    items = pool.items
    given = given_labels(project, pool, latest, round_routes(project, latest, items.digests))
    of_row = pa.array(items.row_item)
    by_item = pa.table(
        {
            "digest": items.digest_column,
            "label": pa.array(given.labels, pa.string()),
            "source": pa.array(given.sources, pa.string()),
            "annotators": pa.array(map(list, given.annotators), pa.list_(pa.string())),
        }
    )
    ids = items.id_column.combine_chunks().cast(pa.string())
    return by_item.take(of_row).add_column(0, "id", [ids]).combine_chunks()


def _sources(labels: pa.Table) -> dict[str, int]:
    """Count the rows with a label, by its source."""
    counted = Counter(labels["source"].drop_null().to_pylist())
    return dict(sorted(counted.items()))


def _votes(pool: Pool) -> pa.Table:
    hard = pool.applied.votes.hard
    columns = {name: np.ascontiguousarray(hard[:, j]) for j, name in enumerate(pool.applied.votes.voters)}
    return pa.table({"digest": pool.items.digest_column, **{f"{VOTE}{n}": c for n, c in columns.items()}})


def _answers(people: People) -> pa.Table:
    lanes = {task.task_id: str(task.lane) for task in people.tasks}
    given = sorted((d, a.annotator, a.label or "", lanes.get(a.task_id, "")) for d, a in people.given)
    digests, annotators, labels, asked = zip(*given, strict=True) if given else ((), (), (), ())
    return pa.table(
        {
            "digest": pa.array([bytes.fromhex(d) for d in digests], DIGEST_TYPE),
            "annotator": pa.array(annotators, pa.string()),
            "label": pa.array([label or None for label in labels], pa.string()),
            "lane": pa.array(asked, pa.string()),
        }
    )


def _made_of(
    project: Project, pool: Pool, people: People, latest: Round, champion: StoredTest | None
) -> dict[str, Any]:
    counts = Counter(annotation.annotator for _, annotation in people.given)
    return {
        "round": latest.number,
        "scorer": latest.scorer,
        "certificate": champion.number if champion else None,
        "certified_scorer": champion.scorer if champion else None,
        "promise": _promise(champion),
        "schema": project.schema.version,
        "classes": list(project.schema.names),
        "voters": _voters(project, pool),
        "prompts": _prompts(project),
        "people": dict(sorted(counts.items())),
        "data": {"digest": pool.items.digest, "rows": pool.items.n_rows, "items": len(pool)},
        "files": sorted({source.name for source in pool.items.source}),
        "libraries": [list(pair) for pair in library_versions()],
        "program": version("quorum"),
    }


def _promise(champion: StoredTest | None) -> dict[str, Any] | None:
    if champion is None:
        return None
    return {key: value for key, value in champion.result.items() if key != "answers"}


def _voters(project: Project, pool: Pool) -> dict[str, dict[str, str | None]]:
    """Give kind and version of each voter; the version of a recorded column is its rows'."""
    models = {v.name: v for v in project_voters(project, pool.items.public_fields).voters}
    recorded = {*pool.items.recorded_columns.column_names}
    told: dict[str, dict[str, str | None]] = {
        name: {"kind": "llm", "version": v.version, "model": v.model, "refused": "no answers yet"}
        for name, v in models.items()
    }
    for run in pool.applied.runs:
        if run.name in recorded:
            told[run.name] = {"kind": "column", "version": None}
        elif run.name in models:
            told[run.name].pop("refused")
        else:
            told[run.name] = {"kind": "function", "version": run.fingerprint}
        if run.refused is not None:
            told[run.name]["refused"] = run.refused
    return told


def _prompts(project: Project) -> dict[str, str]:
    """Give the text of each prompt file, by its path as the config has it."""
    paths = {path for voter in project.config.voters if voter.llm for path in voter.llm.prompts}
    files = {path: Path(project.config.resolve(path)) for path in sorted(paths)}
    return {path: file.read_text(encoding="utf-8") for path, file in files.items() if file.is_file()}
