"""Votes are computed once per content and version of a function, whatever happens in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from labeling.apply import FunctionApplier, Limits
from labeling.artifacts import Artifacts
from labeling.errors import QuorumError
from labeling.items import Items, read_items
from labeling.lf import LabelingFunction
from labeling.project import silent
from labeling.store import Store, manifest, open_store
from labeling.types import Item, LabelClass, LabelSchema
from labeling.votes import VoteStore
from labeling.votes.applied import AppliedVotes
from tests.projects import opened, small_rows, write_project, write_rows

SCHEMA = LabelSchema((LabelClass("BILL"), LabelClass("SHIP")))
Apply = Callable[..., AppliedVotes]


@dataclass(frozen=True)
class Versioned(LabelingFunction):
    """A function whose version is said, since what a test counts would be part of a fingerprint."""

    version: int = 1

    @property
    def fingerprint(self) -> str:
        return f"{self.name} {self.version}"


class Counting:
    """A function that counts its calls by text."""

    def __init__(self, vote: Callable[[Item], object]) -> None:
        self.vote = vote
        self.calls: Counter[str] = Counter()

    def named(self, name: str, version: int = 1) -> LabelingFunction:
        return Versioned(name, self._call, version=version)

    def _call(self, item: Item) -> object:
        self.calls[item.text] += 1
        return self.vote(item)


def by_word(item: Item) -> str | None:
    return "BILL" if "refund" in item.text else "SHIP" if "parcel" in item.text else None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened_store = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened_store
    opened_store.close()


@pytest.fixture
def items_of(tmp_path: Path) -> Callable[[int], Items]:
    config = write_project(tmp_path / "project", small_rows(12))

    def read(n: int, start: int = 0) -> Items:
        write_rows(tmp_path / "project", small_rows(start + n)[start:])
        with opened(config) as project:
            return read_items(project.config)

    return read


@pytest.fixture
def apply(store: Store, tmp_path: Path) -> Apply:
    votes = VoteStore(Artifacts(str(tmp_path / "artifacts")))

    def run(
        items: Items, *functions: LabelingFunction, schema: LabelSchema = SCHEMA, faults: float = 1.0
    ) -> AppliedVotes:
        limits = {"": Limits(max_fault_rate=faults)}
        return FunctionApplier(items, schema, store, votes, silent, limits).apply(functions)

    return run


def test_votes_are_the_functions_own(apply: Apply, items_of: Callable[..., Items]) -> None:
    items = items_of(12)
    applied = apply(items, Counting(by_word).named("word"))
    expected = [-1 if (v := by_word(item)) is None else SCHEMA.index[v] for item in items]
    assert applied.votes.hard[:, 0].tolist() == expected
    assert (applied.ran, applied.cached) == (12, 0)


def test_a_second_run_calls_nothing_and_gives_the_same(apply: Apply, items_of: Callable[..., Items]) -> None:
    items, counting = items_of(12), Counting(by_word)
    first = apply(items, counting.named("word"))
    second = apply(items, counting.named("word"))
    assert set(counting.calls.values()) == {1}
    assert (second.ran, second.cached) == (0, 12)
    assert np.array_equal(first.votes.hard, second.votes.hard)


def test_an_edited_function_runs_again_alone(apply: Apply, items_of: Callable[..., Items]) -> None:
    items, kept, edited = items_of(12), Counting(by_word), Counting(by_word)
    apply(items, kept.named("kept"), edited.named("edited"))
    again = apply(items, kept.named("kept"), edited.named("edited", version=2))
    assert [run.ran for run in again.runs] == [0, 12]
    assert set(kept.calls.values()) == {1}
    assert set(edited.calls.values()) == {2}


def test_new_rows_are_computed_for_themselves_in_a_block_of_their_own(
    apply: Apply, items_of: Callable[..., Items], store: Store
) -> None:
    counting = Counting(by_word)
    apply(items_of(10), counting.named("word"))
    grown = apply(items_of(13), counting.named("word"))
    assert (grown.ran, grown.cached) == (3, 10)
    assert set(counting.calls.values()) == {1}
    with store.read() as tx:
        sizes = [entry.rows for entry in manifest.entries(tx, "block")]
        assert sorted(sizes) == [3, 10]
        assert len(manifest.entries(tx, "votes")) == 2


def test_rows_in_another_order_keep_their_votes(apply: Apply, items_of: Callable[..., Items]) -> None:
    counting = Counting(by_word)
    first = apply(items_of(10), counting.named("word"))
    moved = apply(items_of(7, 3), counting.named("word"))
    assert moved.ran == 0
    assert np.array_equal(moved.votes.hard, first.votes.hard[3:])


def test_a_row_that_was_absent_is_computed_when_it_comes_back(
    apply: Apply, items_of: Callable[..., Items]
) -> None:
    old, new = Counting(by_word), Counting(by_word)
    everybody = items_of(10)
    apply(everybody, old.named("old"))
    some = apply(items_of(8, 2), old.named("old"), new.named("new"))
    assert [run.ran for run in some.runs] == [0, 8]
    back = apply(everybody, old.named("old"), new.named("new"))
    assert [(run.ran, run.cached) for run in back.runs] == [(0, 10), (2, 8)]
    assert set(new.calls.values()) == {1}
    assert np.array_equal(back.votes.hard[:, 0], back.votes.hard[:, 1])


def test_a_fault_costs_that_vote_alone_and_is_told(apply: Apply, items_of: Callable[..., Items]) -> None:
    items = items_of(12)

    def faulty(item: Item) -> str | None:
        if "parcel" in item.text:
            raise KeyError("no such thing")
        return by_word(item)

    applied = apply(items, Counting(faulty).named("faulty"), Counting(by_word).named("word"))
    broken = ["parcel" in text for text in items.texts]
    run = applied.runs[0]
    assert run.faults == sum(broken) > 0
    assert run.first_fault is not None
    assert run.first_fault["item"] == items.digests[broken.index(True)]
    assert "KeyError: 'no such thing'" in run.first_fault["traceback"]
    assert applied.votes.hard[broken, 0].tolist() == [-1] * sum(broken)
    assert (applied.votes.hard[~np.array(broken), 0] == applied.votes.hard[~np.array(broken), 1]).all()
    assert applied.runs[1].faults == 0
    again = apply(items, Counting(faulty).named("faulty"))
    assert (again.ran, again.runs[0].faults, again.runs[0].first_fault) == (0, run.faults, run.first_fault)


@pytest.mark.parametrize("vote", [0, True, ["BILL"], {"BILL"}, b"BILL", "\ud800"])
def test_what_is_no_name_is_a_fault(apply: Apply, items_of: Callable[..., Items], vote: object) -> None:
    applied = apply(items_of(3), Counting(lambda item: vote).named("odd"))
    assert applied.runs[0].faults == 3
    assert not applied.votes.covered.any()


def test_a_name_that_is_no_class_is_a_fault_until_there_is_such_a_class(
    apply: Apply, items_of: Callable[..., Items]
) -> None:
    items, counting = items_of(10), Counting(lambda item: "FIRE")
    before = apply(items, counting.named("fire"))
    assert before.runs[0].faults == 10
    assert before.runs[0].first_fault is not None
    assert "'FIRE', expected None or one of BILL, SHIP" in before.runs[0].first_fault["traceback"]
    assert not before.votes.covered.any()
    with_fire = LabelSchema((*SCHEMA.classes, LabelClass("FIRE")))
    after = apply(items, counting.named("fire"), schema=with_fire)
    assert (after.ran, after.runs[0].faults, after.runs[0].first_fault) == (0, 0, None)
    assert set(after.votes.hard[:, 0].tolist()) == {2}


def test_classes_in_another_order_do_not_remean_stored_votes(
    apply: Apply, items_of: Callable[..., Items]
) -> None:
    items, counting = items_of(12), Counting(by_word)
    first = apply(items, counting.named("word"))
    turned = LabelSchema(SCHEMA.classes[::-1])
    second = apply(items, counting.named("word"), schema=turned)
    assert second.ran == 0
    named = [
        [schema.names[c] if c >= 0 else None for c in votes.hard[:, 0]]
        for schema, votes in ((SCHEMA, first.votes), (turned, second.votes))
    ]
    assert named[0] == named[1]


def test_an_end_in_the_middle_keeps_what_is_done(apply: Apply, items_of: Callable[..., Items]) -> None:
    items, done, late = items_of(12), Counting(by_word), Counting(by_word)

    def ends(item: Item) -> str | None:
        if item.text == items.texts[5]:
            raise KeyboardInterrupt
        return by_word(item)

    broken = Counting(ends)
    with pytest.raises(KeyboardInterrupt):
        apply(items, done.named("done"), broken.named("broken"), late.named("late"))
    broken.vote = by_word
    applied = apply(items, done.named("done"), broken.named("broken"), late.named("late"))
    assert [run.ran for run in applied.runs] == [0, 7, 12]
    assert np.array_equal(applied.votes.hard[:, 0], applied.votes.hard[:, 1])


def test_a_function_that_exits_is_at_fault_alone(apply: Apply, items_of: Callable[..., Items]) -> None:
    def leaves(item: Item) -> None:
        raise SystemExit(3)

    applied = apply(items_of(3), Counting(leaves).named("leaves"), Counting(by_word).named("word"))
    assert [run.faults for run in applied.runs] == [3, 0]


def test_a_damaged_column_is_an_error_and_not_a_guess(
    apply: Apply, items_of: Callable[..., Items], store: Store, tmp_path: Path
) -> None:
    items, counting = items_of(12), Counting(by_word)
    applied = apply(items, counting.named("word"))
    with store.read() as tx:
        [entry] = manifest.entries(tx, "votes")
    assert entry.key.endswith(applied.runs[0].fingerprint)
    (tmp_path / "artifacts" / entry.path).write_bytes(b"nonsense")
    with pytest.raises(QuorumError, match="is damaged"):
        apply(items, counting.named("word"))
