from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, update

from labeling.store import Store, certificates, frames, releases, rounds
from labeling.store.schema import tests


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


def test_the_history_holds_all_tests_with_their_times(store: Store) -> None:
    with store.write() as tx:
        assert certificates.history(tx) == []
        frames.open_frame(tx, "salt", 0.1)
        numbers = [_test(tx, passed=passed) for passed in (False, True)]
        certificates.void(tx, numbers[1], "reason")
        told = certificates.history(tx)
        assert [test for test, _ in told] == [certificates.find(tx, number) for number in numbers]
        assert all(at.endswith("+00:00") for _, at in told)


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


def _given(tx: Connection, days_ago: float, expires: int | None) -> int:
    number = _test(tx, passed=True)
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="microseconds")
    tx.execute(
        update(tests).where(tests.c.number == number).values(recorded_at=at, result={"expires": expires})
    )
    return number


def test_a_certificate_holds_up_to_its_last_day(store: Store) -> None:
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
        endless = _given(tx, 4000, None)
        assert certificates.champion(tx) == certificates.find(tx, endless)
        young = certificates.find(tx, _given(tx, 29.9, 30))
        assert young is not None
        assert certificates.champion(tx) == young
        assert not certificates.has_expired(tx, young)


def test_an_expired_certificate_gives_no_older_one_back(store: Store) -> None:
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
        endless = _given(tx, 4000, None)
        old = certificates.find(tx, _given(tx, 30.1, 30))
        assert old is not None
        assert certificates.has_expired(tx, old)
        assert (certificates.ends_at(tx, old) or "") < datetime.now(UTC).isoformat()
        assert certificates.champion(tx) is None
        assert certificates.last_passed(tx) == old
        assert (certificates.why_ended(tx, old) or "").startswith("certificate 2 expired on 20")
        certificates.void(tx, old.number, "reason")
        voided = certificates.find(tx, old.number)
        assert voided is not None
        assert certificates.why_ended(tx, voided) == "reason"
        assert certificates.champion(tx) == certificates.find(tx, endless)


def test_the_tests_of_a_frame_come_by_number(store: Store) -> None:
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
        first, second = _test(tx, passed=False), _test(tx, passed=True)
        frames.open_frame(tx, "pepper", 0.1)
        third = _test(tx, passed=True, frame=2)
        found = [[t.number for t in certificates.of_frame(tx, frame)] for frame in (1, 2, 3)]
        retired = frames.find(tx, 1)
        assert frames.find(tx, 3) is None
    assert found == [[first, second], [third], []]
    assert retired is not None
    assert (retired.number, retired.salt) == (1, "salt")
