"""Leases: who alone may turn the loop, kept by a heartbeat, with a token that tells old holders from new."""

from __future__ import annotations

import os
import shlex
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from threading import Event, Thread
from types import TracebackType

import psutil
from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from labeling.errors import Unavailable
from labeling.store.clock import now
from labeling.store.database import Store
from labeling.store.schema import leases

POLL_SECONDS = 0.2
BEATS_PER_TTL = 3
FREE = ""
OF_NAME = select(leases).where(leases.c.name == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that may hold a lease."""

    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    command: str = field(default_factory=lambda: shlex.join(sys.argv))

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} ({self.command})"

    def is_dead(self) -> bool:
        """Whether the process is known to have ended; of other hosts nothing is known."""
        if self.host != socket.gethostname():
            return False
        try:
            return psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True


@dataclass
class Lease:
    """A lease that was had; as a context manager it is released at the end.

    A thread of its own prolongs it three times per ``ttl`` seconds. A holder that was suspended for
    longer than that may have lost it: ``check`` belongs into every write transaction that relies on it.
    """

    store: Store
    name: str
    token: int
    ttl: float
    _stop: Event = field(default_factory=Event, repr=False)
    _thread: Thread | None = field(default=None, repr=False)

    def check(self, tx: Connection) -> None:
        """Make sure that the lease is still ours.

        Raises
        ------
        Unavailable
            Somebody took it over; the transaction that this is raised in must not commit.
        """
        row = _find(tx, self.name)
        if row is None or row.token != self.token:
            by = "nobody" if row is None else _holder(row)
            raise Unavailable(
                f"lease {self.name!r}: taken over by {by} while this process did not answer. Run it again."
            )

    def release(self) -> None:
        """Give the lease back; one that was lost is left to its new holder."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self.store.write() as tx:
            tx.execute(update(leases).where(self._ours()).values(expires=FREE))

    def keep(self) -> None:
        """Start the heartbeat."""
        self._thread = Thread(target=self._beat, name=f"lease {self.name}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _ours(self) -> ColumnElement[bool]:
        return (leases.c.name == self.name) & (leases.c.token == self.token)

    def _beat(self) -> None:
        while not self._stop.wait(self.ttl / BEATS_PER_TTL):
            # A beat that finds the database busy is made up for by the next one.
            try:
                with self.store.write() as tx:
                    times = {"heartbeat": now(), "expires": now(after=self.ttl)}
                    prolonged = tx.execute(update(leases).where(self._ours()).values(times))
            except Unavailable:
                continue
            if prolonged.rowcount == 0:
                return


def acquire(
    store: Store, name: str, wait: float = 0.0, ttl: float = 60.0, holder: Holder | None = None
) -> Lease:
    """Take a lease, with its heartbeat running.

    It is taken over from a holder whose time has passed or whose process, on this same host, has ended.

    Parameters
    ----------
    wait : float
        Seconds to wait for another holder.
    ttl : float
        Seconds after which a holder without a heartbeat has lost it.
    holder : Holder, optional
        Who takes it; this process if None.

    Raises
    ------
    Unavailable
        Another process still holds it after ``wait`` seconds; the message names it.
    """
    until = time.monotonic() + wait
    while True:
        with store.write() as tx:
            present = _find(tx, name)
            if present is None or _is_free(present):
                lease = Lease(store, name, _take(tx, name, present, ttl, holder or Holder()), ttl)
                break
        left = until - time.monotonic()
        if left <= 0:
            raise Unavailable(
                f"lease {name!r}: held by {_holder(present)}, last heard of at {present.heartbeat}. "
                "Wait for it to end, or end it."
            )
        time.sleep(min(POLL_SECONDS, left))
    lease.keep()
    return lease


def _take(
    tx: Connection, name: str, present: Row[tuple[object, ...]] | None, ttl: float, holder: Holder
) -> int:
    times = {"heartbeat": now(), "expires": now(after=ttl)}
    if present is None:
        tx.execute(insert(leases).values(name=name, token=1, **asdict(holder), **times))
        return 1
    token = int(present.token) + 1
    tx.execute(update(leases).where(leases.c.name == name).values(token=token, **asdict(holder), **times))
    return token


def _find(tx: Connection, name: str) -> Row[tuple[object, ...]] | None:
    return tx.execute(OF_NAME, {"of": name}).one_or_none()


def _holder(row: Row[tuple[object, ...]]) -> Holder:
    return Holder(row.host, row.pid, row.command)


def _is_free(row: Row[tuple[object, ...]]) -> bool:
    return bool(row.expires <= now()) or _holder(row).is_dead()
