from __future__ import annotations

import pytest

from labeling.store import Store, state_digest, voters


def applied(store: Store, *applications: dict[str, str]) -> None:
    for versions in applications:
        with store.write() as tx:
            voters.record_versions(tx, versions.items())


def before(store: Store, name: str, fingerprint: str) -> str | None:
    with store.read() as tx:
        return voters.previous_version(tx, name, fingerprint)


def test_nothing_was_applied_yet(store: Store) -> None:
    with store.read() as tx:
        assert voters.latest(tx) is None
        assert voters.application(tx, 1) is None
    assert before(store, "links", "a") is None


def test_an_application_comes_back_as_it_was(store: Store) -> None:
    applied(store, {"links": "a", "love": "x"})
    with store.read() as tx:
        last = voters.latest(tx)
        assert last is not None
        assert last == voters.application(tx, 1)
    assert (last.number, last.versions) == (1, {"links": "a", "love": "x"})
    assert last.applied_at.endswith("+00:00")


def test_the_same_again_writes_nothing(store: Store) -> None:
    applied(store, {"links": "a", "love": "x"}, {"love": "x", "links": "a"}, {})
    with store.read() as tx:
        last = voters.latest(tx)
    assert last is not None
    assert last.number == 1


def test_an_edit_of_one_keeps_the_others(store: Store) -> None:
    applied(store, {"links": "a", "love": "x"}, {"links": "b", "love": "x"})
    with store.read() as tx:
        last = voters.latest(tx)
    assert last is not None
    assert (last.number, last.versions) == (2, {"links": "b", "love": "x"})
    assert before(store, "links", "b") == "a"
    assert before(store, "links", "a") is None
    assert before(store, "love", "x") is None


def test_the_version_before_a_new_one_is_the_last_applied(store: Store) -> None:
    applied(store, {"links": "a"}, {"links": "b"})
    assert before(store, "links", "never applied") == "b"
    assert before(store, "unknown", "a") is None


@pytest.mark.parametrize(("present", "expected"), [("a", "b"), ("b", "a"), ("c", "a")])
def test_a_version_that_came_back(store: Store, present: str, expected: str) -> None:
    applied(store, {"links": "a"}, {"links": "b"}, {"links": "a"})
    assert before(store, "links", present) == expected


def test_a_function_that_was_away_remembers_its_version(store: Store) -> None:
    applied(store, {"links": "a", "love": "x"}, {"love": "x"}, {"links": "b", "love": "x"})
    assert before(store, "links", "b") == "a"


def test_edits_on_the_way_do_not_matter_to_the_state(store: Store) -> None:
    with store.read() as tx:
        untouched = state_digest(tx)
    applied(store, {"links": "a"}, {"links": "b"})
    with store.read() as tx:
        assert state_digest(tx) == untouched


def test_all_applications_are_listed(store: Store) -> None:
    applied(store, {"links": "a"}, {"links": "b"}, {"love": "x"})
    with store.read() as tx:
        listed = voters.applications(tx)
    assert [(a.number, a.versions) for a in listed] == [
        (1, {"links": "a"}),
        (2, {"links": "b"}),
        (3, {"love": "x"}),
    ]
