from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import select, update

from labeling.errors import Unavailable
from labeling.store import Holder, Store, cursors
from labeling.store.clock import now
from labeling.store.lease import Lease, acquire
from labeling.store.schema import leases

ELSEWHERE = Holder("another-host", 4321, "quorum relabel")


def _expire(store: Store, lease: Lease) -> None:
    """Do to a lease what a suspended holder does to it."""
    lease._stop.set()
    with store.write() as tx:
        tx.execute(update(leases).values(expires=now(after=-1)))


def test_a_lease_is_held_by_one_and_names_the_holder(store: Store) -> None:
    with (
        acquire(store, "loop", holder=ELSEWHERE),
        pytest.raises(Unavailable, match=r"process 4321 on another-host \(quorum relabel\)"),
    ):
        acquire(store, "loop")


def test_leases_of_other_names_do_not_matter(store: Store) -> None:
    with acquire(store, "loop") as one, acquire(store, "other") as other, store.write() as tx:
        one.check(tx)
        other.check(tx)
        assert (one.name, other.name) == ("loop", "other")


def test_a_released_lease_is_free_and_the_token_grows(store: Store) -> None:
    tokens = []
    for _ in range(3):
        with acquire(store, "loop", holder=ELSEWHERE) as lease, store.write() as tx:
            lease.check(tx)
            tokens.append(lease.token)
    assert tokens == [1, 2, 3]


def test_a_lease_is_released_when_its_block_fails(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), acquire(store, "loop"):
        raise ZeroDivisionError
    acquire(store, "loop").release()


def test_waiting_ends_when_the_holder_ends(store: Store) -> None:
    held = acquire(store, "loop", holder=ELSEWHERE)
    end = threading.Timer(0.3, held.release)
    end.start()
    with acquire(store, "loop", wait=10) as lease:
        assert lease.token == 2
    end.join()


def test_waiting_ends_after_its_time(store: Store) -> None:
    with acquire(store, "loop", holder=ELSEWHERE):
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            acquire(store, "loop", wait=0.3)
        assert 0.3 <= time.monotonic() - begun < 5


def test_the_heartbeat_prolongs_a_lease(store: Store) -> None:
    with acquire(store, "loop", ttl=0.6, holder=ELSEWHERE) as lease:
        with pytest.raises(Unavailable):
            acquire(store, "loop", wait=1.5)
        with store.write() as tx:
            lease.check(tx)


def test_a_lease_whose_time_has_passed_is_taken_over_and_fences_its_old_holder(store: Store) -> None:
    old = acquire(store, "loop", holder=ELSEWHERE)
    _expire(store, old)
    new = acquire(store, "loop")
    assert new.token == old.token + 1

    def write() -> None:
        with store.write() as tx:
            cursors.put(tx, "answers", "by the old holder")
            old.check(tx)

    with pytest.raises(Unavailable, match=f"taken over by process .* on {socket.gethostname()}"):
        write()
    old.release()
    with store.write() as tx:
        assert cursors.get(tx, "answers") == ""
        new.check(tx)
    new.release()


def test_the_heartbeat_of_an_old_holder_ends_and_leaves_the_new_one_alone(store: Store) -> None:
    old = acquire(store, "loop", ttl=0.3, holder=ELSEWHERE)
    with store.write() as tx:
        tx.execute(update(leases).values(token=9, expires=now(after=60)))
    assert old._thread is not None
    old._thread.join(timeout=10)
    assert not old._thread.is_alive()
    with store.read() as tx:
        assert tx.scalar(select(leases.c.expires)) > now(after=30)


def test_a_dead_process_on_this_host_holds_nothing(store: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    dead = Holder(socket.gethostname(), ended.pid, "quorum up")
    lost = acquire(store, "loop", holder=dead)
    with acquire(store, "loop") as lease:
        assert lease.token == 2
    lost.release()


def test_a_process_that_ended_and_was_not_collected_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        holder = Holder(pid=process.pid)
        until = time.monotonic() + 10
        while not holder.is_dead() and time.monotonic() < until:
            time.sleep(0.01)
        assert holder.is_dead()


def test_the_same_number_on_another_host_says_nothing() -> None:
    assert not Holder("another-host", 2**22 + 1, "").is_dead()
    assert not Holder().is_dead()
