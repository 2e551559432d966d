"""What a round starts from: the pool, the people's answers, the audit and what is released."""

from __future__ import annotations

from dataclasses import dataclass

from labeling.pool import Pool
from labeling.pool.people import People
from labeling.pool.releases import Released
from labeling.store import AuditFrame


@dataclass(frozen=True)
class Start:
    """What a round starts from."""

    pool: Pool
    people: People
    frame: AuditFrame
    released: Released
