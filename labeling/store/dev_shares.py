"""How large the dev split was made, each time with the audit that was drawn before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from labeling.store import frames
from labeling.store.clock import now
from labeling.store.schema import dev_shares


@dataclass(frozen=True, slots=True)
class DevShare:
    """A share of the dev split, in (0, 1), and the audit at that moment, which it leaves alone.

    ``salt`` is None, and ``rate`` 0, where no audit was drawn yet.
    """

    number: int
    share: float
    salt: str | None
    rate: float


def all_shares(tx: Connection) -> Sequence[DevShare]:
    """Give all shares, from the smallest, which is the oldest, to the one in force."""
    columns = (dev_shares.c.number, dev_shares.c.share, dev_shares.c.salt, dev_shares.c.rate)
    rows = tx.execute(select(*columns).order_by(dev_shares.c.number))
    return [DevShare(**row._mapping) for row in rows]


def raise_share(tx: Connection, share: float) -> None:
    """Make the dev split larger; a share that is not above the one in force changes nothing.

    Raises
    ------
    ValueError
        ``share`` is outside [0, 1).
    """
    if not 0 <= share < 1:
        raise ValueError(f"the share of the dev split is {share}, expected a number in [0, 1)")
    known = all_shares(tx)
    if share <= (known[-1].share if known else 0.0):
        return
    frame = frames.current(tx)
    row = {
        "number": len(known) + 1,
        "share": share,
        "salt": frame.salt if frame else None,
        "rate": frame.rate if frame else 0.0,
        "raised_at": now(),
    }
    tx.execute(insert(dev_shares).values(row))
