"""Versions of the guideline: kept in a description, told by the time of an answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations.label_studio.guidelines import Guidelines

FIRST, SECOND, THIRD = (f"2026-01-0{day}T00:00:00.000000Z" for day in (1, 2, 3))


@given(st.lists(st.tuples(st.datetimes(), st.text("0123456789abcdef", min_size=1)), max_size=4))
def test_versions_survive_in_a_description(entries: list[tuple[object, str]]) -> None:
    written = Guidelines(
        tuple((moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), version) for moment, version in entries)  # type: ignore[attr-defined]
    )
    assert Guidelines.read(f"Quorum project 'x', schema 12. Keep it. {written} by hand") == written


def test_a_version_in_force_is_not_added_again() -> None:
    one = Guidelines().followed_by("a", FIRST)
    assert one.followed_by("a", SECOND) is one
    back = one.followed_by("b", SECOND).followed_by("a", THIRD)
    assert [version for _, version in back.since] == ["a", "b", "a"]


def test_each_moment_has_the_version_of_then() -> None:
    told = Guidelines().followed_by("a", FIRST).followed_by("b", THIRD)
    assert [told.at(moment) for moment in (FIRST, SECOND, THIRD)] == ["a", "a", "b"]
    assert told.at("2025-12-31T23:59:59.999999Z") is None
    assert (Guidelines().newest, Guidelines().at(FIRST)) == (None, None)
