from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from labeling.releases.changes import RowChanges, compare, voter_changes
from labeling.releases.contents import Contents
from tests.release_contents import contents

Row = tuple[str, str, str | None, str | None]


def certified(*labels: str | None, start: int = 0) -> list[Row]:
    return [
        (f"r{i}", f"text {i}", label, "certified" if label else None) for i, label in enumerate(labels, start)
    ]


ROWS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.sampled_from("xy"), st.sampled_from(["HAM", "SPAM", None])),
    max_size=6,
)


def made(rows: dict[str, tuple[str, str | None]]) -> Contents:
    return contents(
        [(i, text, label, "certified" if label else None) for i, (text, label) in rows.items()], certificate=1
    )


@given(ROWS, ROWS)
def test_counts_are_those_of_a_plain_comparison(
    before: dict[str, tuple[str, str | None]], after: dict[str, tuple[str, str | None]]
) -> None:
    found = compare(made(before), made(after))
    both = before.keys() & after.keys()
    assert found.rows == RowChanges(
        len(after.keys() - both), sum(before[i][0] != after[i][0] for i in both), len(before.keys() - both)
    )
    assert {(f.id, f.before, f.after) for f in found.flips} == {
        (i, before[i][1], after[i][1]) for i in both if before[i][1] != after[i][1]
    }
    assert (
        found.flipped + found.gained + found.lost == len(found.flips) == sum(m["rows"] for m in found.moves)
    )
    assert all(flip.why for flip in found.flips)
    assert bool(found) == (before != after)


def test_there_and_back_swaps_what_came_and_what_went() -> None:
    one, other = contents(certified("HAM", "SPAM"), certificate=1), contents(certified("HAM", start=1))
    there, back = compare(one, other), compare(other, one)
    assert (there.rows.added, there.rows.gone) == (back.rows.gone, back.rows.added) == (0, 1)
    assert there.certificate == (1, None)
    assert back.certificate == (None, 1)


def test_before_the_first_release_all_is_new() -> None:
    after = contents(
        certified("HAM", None), votes={"a": {}}, answers=[("text 0", "ada", "HAM")], certificate=2
    )
    found = compare(None, after)
    assert found.rows == RowChanges(2, 0, 0)
    assert [(v.name, v.what) for v in found.voters] == [("a", "added")]
    assert (found.answers, found.certificate, found.flips) == ((1, 0), (None, 2), ())


def test_the_same_is_no_change() -> None:
    same = contents(certified("HAM", None), votes={"a": {"text 0": "HAM"}}, certificate=1)
    found = compare(same, same)
    assert not found
    assert found.to_dict()["changed"]["rows"] == {"added": 0, "changed": 0, "gone": 0}


def test_voters_that_came_went_or_were_edited() -> None:
    before = {"a": {"version": "1"}, "b": {"version": "1"}, "c": {"version": None}}
    after = {"a": {"version": "2"}, "c": {"version": None}, "d": {"version": "1"}}
    assert [(v.name, v.what, v.before, v.after) for v in voter_changes(before, after)] == [
        ("a", "edited", "1", "2"),
        ("b", "removed", "1", None),
        ("d", "added", None, "1"),
    ]


def test_an_edited_answer_came_and_went() -> None:
    rows = certified("HAM")
    before = contents(rows, answers=[("text 0", "ada", "HAM"), ("text 0", "bob", "HAM")])
    after = contents(
        rows, answers=[("text 0", "ada", "SPAM"), ("text 0", "bob", "HAM"), ("text 1", "bob", None)]
    )
    assert compare(before, after).answers == (2, 1)


def test_the_identity_is_of_labels_votes_answers_voters_and_certificate() -> None:
    first = contents(certified("HAM"), votes={"a": {"text 0": "HAM"}}, certificate=1)
    others = [
        contents(certified("SPAM"), votes={"a": {"text 0": "HAM"}}, certificate=1),
        contents(certified("HAM"), votes={"a": {"text 0": "SPAM"}}, certificate=1),
        contents(certified("HAM"), votes={"a": {"text 0": "HAM"}}, certificate=2),
        contents(certified("HAM"), votes={"a": {"text 0": "HAM"}}, voters={"a": "v2"}, certificate=1),
        contents(
            certified("HAM"),
            votes={"a": {"text 0": "HAM"}},
            answers=[("text 0", "ada", "HAM")],
            certificate=1,
        ),
    ]
    assert len({first.identity, *(other.identity for other in others)}) == 6
    assert replace(first, made_of={**first.made_of, "round": 9}).identity == first.identity


def test_it_is_json() -> None:
    found = compare(contents(certified("HAM"), certificate=1), contents(certified("SPAM"), certificate=2))
    told = json.loads(json.dumps(found.to_dict()))
    assert (told["flipped"], told["moves"]) == (1, [{"before": "HAM", "after": "SPAM", "rows": 1}])
