from __future__ import annotations

from sqlalchemy import Connection

from labeling.store import Store, certificates, frames, releases, rounds


def _test(tx: Connection, *, passed: bool, frame: int = 1) -> int:
    turn = rounds.record(tx, inputs="in", scorer="s", score_table="t", summary={})
    return certificates.record_test(
        tx,
        frame=frame,
        round_number=turn.number,
        scorer=turn.scorer,
        score_table=turn.score_table,
        passed=passed,
        result={"errors": 2},
    )


def test_the_champion_is_the_last_test_that_passed_and_holds(store: Store) -> None:
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
        assert certificates.champion(tx) is None
        first, second, failed = (_test(tx, passed=passed) for passed in (True, True, False))
        assert (first, second, failed) == (1, 2, 3)
        champion = certificates.champion(tx)
        assert champion is not None
        assert (champion.number, champion.result, champion.void_reason) == (second, {"errors": 2}, None)
        certificates.void(tx, second, "an auditor's answers were withdrawn")
        certificates.void(tx, second, "later reason")
        fallen = certificates.find(tx, second)
        assert fallen is not None
        assert fallen.void_reason == "an auditor's answers were withdrawn"
        assert certificates.champion(tx) == certificates.find(tx, first)


def test_every_test_of_a_frame_is_counted(store: Store) -> None:
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
        number = _test(tx, passed=True)
        _test(tx, passed=False)
        certificates.void(tx, number, "reason")
        frames.open_frame(tx, "pepper", 0.1)
        assert [certificates.tests_in_frame(tx, frame) for frame in (1, 2)] == [2, 0]


def test_releases_are_numbered(store: Store) -> None:
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
        test = _test(tx, passed=True)
        assert releases.latest(tx) is None
        assert [releases.publish(tx, test, table) for table in ("t", "u")] == [1, 2]
        last = releases.latest(tx)
    assert last is not None
    assert (last.number, last.test_number, last.score_table) == (2, test, "u")
