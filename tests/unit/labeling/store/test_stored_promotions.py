from __future__ import annotations

from sqlalchemy import Connection

from labeling.store import Store, promotions, releases
from labeling.store.promotions import How


def publish(tx: Connection, count: int) -> None:
    for _ in range(count):
        releases.publish(tx, None, "t", identity="i", made_of={"round": 1})


def test_the_last_entry_is_in_force(store: Store) -> None:
    with store.write() as tx:
        assert promotions.latest(tx) is None
        publish(tx, 2)
        promotions.record(tx, 1, How.PUBLISHED, "ada@desk")
        promotions.record(tx, 2, How.PUBLISHED, "ada@desk")
        back = promotions.record(tx, 1, How.ROLLED_BACK, "bob@desk", reason="wrong", set_aside=[4, 5])
    with store.read() as tx:
        assert promotions.latest(tx) == back
        assert [(e.number, e.release, e.how) for e in promotions.log(tx)] == [
            (1, 1, How.PUBLISHED),
            (2, 2, How.PUBLISHED),
            (3, 1, How.ROLLED_BACK),
        ]
        assert (back.by, back.reason, back.set_aside) == ("bob@desk", "wrong", (4, 5))


def test_a_release_without_a_certificate_says_what_it_was_made_of(store: Store) -> None:
    with store.write() as tx:
        publish(tx, 1)
        found = releases.find(tx, 1)
        assert releases.find(tx, 2) is None
        assert releases.all_releases(tx) == [found]
    assert found is not None
    assert (found.test_number, found.identity, found.made_of) == (None, "i", {"round": 1})
