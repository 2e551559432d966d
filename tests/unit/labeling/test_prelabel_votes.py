"""The votes of the ledger in the pool, with voters and answers of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeling.config.sections import LLMConfig
from labeling.errors import InputError
from labeling.pool import Pool, load_pool
from labeling.pool.stored import locate_items
from labeling.project import Project, ReadPrompts
from labeling.store import CallIntent, CallStatus, Settlement, StoredVote, llm_calls, llm_votes
from labeling.types import (
    ABSTAIN,
    CompletionAnswer,
    CompletionRequest,
    Item,
    Outcome,
    Reading,
    Turn,
    Usage,
)
from labeling.voting import analyse_votes, report_inputs
from tests.llm_projects import write_llm_project
from tests.projects import opened

NOTHING_READ = Reading(Outcome.NO_EVIDENCE, confidence=0.5, named="BILL")


@dataclass(frozen=True)
class StubVoter:
    """A voter that the ledger knows by its version; nobody asks it."""

    name: str
    version: str = "v1"
    model: str = "m"
    reader: int = 1

    def request(self, item: Item) -> CompletionRequest:
        return CompletionRequest(self.model, "", (Turn("user", item.text),), 10)

    def read(self, item: Item, answer: CompletionAnswer) -> Reading:
        return Reading(Outcome.ABSTAIN)

    def repair(self, item: Item, answer: CompletionAnswer, reading: Reading) -> CompletionRequest | None:
        return None


def with_voters(project: Project, *voters: StubVoter, lacking: Sequence[str] = ()) -> Project:
    def read_prompts(llm: LLMConfig, fields: Sequence[str], examples: Any) -> ReadPrompts:
        assert "phone" not in fields
        return ReadPrompts(voters, tuple(lacking))

    return replace(project, read_prompts=read_prompts)


def record(project: Project, version: str, readings: dict[str, Reading], reader: int = 1) -> None:
    """Write answers down as a run does."""
    with project.store.write() as tx:
        first = llm_calls.next_id(tx)
        ids = {item: first + i for i, item in enumerate(readings)}
        llm_calls.intend(
            tx,
            [CallIntent(ids[item], version, item, 0, f"{version}{item}", "m", 0.1) for item in readings],
        )
        answer = CompletionAnswer("{}", "end_turn", Usage(10, 5), "m")
        llm_calls.settle(tx, [Settlement(i, CallStatus.ANSWERED, answer, 0.01) for i in ids.values()])
        llm_votes.put(
            tx, [StoredVote(version, item, reading, reader, ids[item]) for item, reading in readings.items()]
        )


def vote(label: str, confidence: float | None = 0.75) -> Reading:
    return Reading(Outcome.VOTE, label, confidence, "words")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(write_llm_project(tmp_path, "http://127.0.0.1:9", n=10)) as project:
        yield with_voters(project, StubVoter("desk@m"))


def digests(project: Project) -> list[str]:
    return [str(d) for d in load_pool(project).items.digests]


def column(pool: Pool, name: str) -> list[int]:
    votes = pool.applied.votes
    return [int(code) for code in votes.hard[:, votes.voters.index(name)]]


def test_answers_become_votes_by_content(project: Project) -> None:
    items = digests(project)
    readings = {items[7]: vote("SHIP", 0.5), items[2]: vote("FIRE", None), items[4]: NOTHING_READ}
    record(project, "v1", readings | {"f" * 32: vote("BILL")})
    pool = load_pool(project)
    expected = [ABSTAIN] * 10
    expected[7], expected[2] = 1, 2
    assert column(pool, "desk@m") == expected
    sure = pool.applied.confidence["desk@m"]
    assert sure.dtype == np.float32
    assert [i for i in range(10) if not np.isnan(sure[i])] == [7]
    assert sure[7] == 0.5
    [run] = [run for run in pool.applied.runs if run.name == "desk@m"]
    assert (run.fingerprint, run.ran, run.cached, run.unasked) == ("v1", 0, 3, 7)
    assert run.abstained == {"no_evidence": 1}
    assert pool.left_out == ()
    assert pool.applied.votes.voters[-1] == "desk@m"


def test_a_damaged_copy_of_the_answers_is_made_again(project: Project) -> None:
    items = digests(project)
    record(project, "v1", {items[7]: vote("SHIP")})
    before = load_pool(project).applied
    [copy] = Path(project.artifacts.root).glob("prelabels/*.parquet")
    copy.write_bytes(b"broken")
    assert load_pool(project).applied.digest == before.digest
    copy.unlink()
    assert load_pool(project).applied.digest == before.digest


def test_a_class_that_is_gone_abstains_without_confidence(project: Project) -> None:
    items = digests(project)
    record(project, "v1", {items[0]: vote("GONE"), items[1]: vote("BILL")})
    pool = load_pool(project)
    assert column(pool, "desk@m")[:2] == [ABSTAIN, 0]
    assert np.isnan(pool.applied.confidence["desk@m"][0])


def test_each_version_has_its_own_answers(project: Project) -> None:
    items = digests(project)
    record(project, "v1", {items[0]: vote("BILL")})
    record(project, "v2", {items[0]: vote("SHIP"), items[1]: vote("SHIP")})
    first = load_pool(project)
    second = load_pool(with_voters(project, StubVoter("desk@m", "v2")))
    assert column(first, "desk@m")[:2] == [0, ABSTAIN]
    assert column(second, "desk@m")[:2] == [1, 1]
    assert first.applied.digest != second.applied.digest


def test_voters_without_answers_or_examples_are_left_out_with_a_line(project: Project) -> None:
    items = digests(project)
    record(project, "v1", {items[0]: vote("BILL")})
    voters = (StubVoter("desk@m"), StubVoter("cue@m", "v7"))
    pool = load_pool(with_voters(project, *voters, lacking=["near@m"]))
    assert "desk@m" in pool.applied.votes.voters
    assert "cue@m" not in pool.applied.votes.voters
    assert pool.left_out == (
        "near@m: no examples yet; `quorum llm run` takes them from review answers and seed gold",
        "cue@m: no answers yet; `quorum llm run` asks for them",
    )


def test_answers_about_other_items_alone_are_no_answers(project: Project) -> None:
    digests(project)
    record(project, "v1", {"e" * 32: vote("BILL")})
    assert "desk@m" not in load_pool(project).applied.votes.voters


def test_a_name_of_its_own_is_demanded(project: Project) -> None:
    with pytest.raises(InputError, match="'money' is the name of two voters"):
        load_pool(with_voters(project, StubVoter("money")))


def test_digests_change_when_answers_arrive_and_with_nothing_else(project: Project) -> None:
    items = digests(project)

    def both() -> tuple[str, str]:
        return load_pool(project).applied.digest, report_inputs(project, locate_items(project), [])

    nothing = both()
    assert both() == nothing
    record(project, "v2", {items[0]: vote("BILL")})
    assert both() == nothing
    seen = [nothing]
    for reading in ({items[0]: vote("BILL")}, {items[1]: NOTHING_READ}, {items[0]: vote("BILL", 0.95)}):
        record(project, "v1", reading)
        seen.append(both())
        assert both() == seen[-1]
    assert len({applied for applied, _ in seen}) == len({report for _, report in seen}) == 4


def test_reading_answers_anew_changes_the_report(project: Project) -> None:
    items = digests(project)
    record(project, "v1", {items[0]: NOTHING_READ})
    before = report_inputs(project, locate_items(project), [])
    with project.store.write() as tx:
        call = llm_votes.find(tx, "v1", [items[0]])[items[0]].call
        llm_votes.put(tx, [StoredVote("v1", items[0], vote("BILL"), 2, call)])
    assert report_inputs(project, locate_items(project), []) != before


def test_a_project_without_models_keeps_its_digests(tmp_path: Path) -> None:
    def change(text: str) -> str:
        return "\n".join(line for line in text.splitlines() if "llm:" not in line)

    with opened(write_llm_project(tmp_path, None, n=10, change=change)) as project:
        pool = load_pool(project)
        assert pool.applied.confidence == {}
        assert all(run.answers is None for run in pool.applied.runs)


def test_the_report_of_the_votes_follows_the_answers(project: Project) -> None:
    items = digests(project)
    assert analyse_votes(project).left_out == ("desk@m: no answers yet; `quorum llm run` asks for them",)
    record(project, "v1", {item: vote("BILL") for item in items[:4]})
    report = analyse_votes(project)
    assert report.left_out == ()
    [voter] = [v for v in report.voters if v.name == "desk@m"]
    assert (voter.coverage, voter.cached, voter.unasked, voter.abstained) == (0.4, 4, 6, {})
    assert analyse_votes(project) == report
    [other] = [v for v in report.voters if v.name == "money"]
    assert (other.unasked, other.abstained) == (None, None)
