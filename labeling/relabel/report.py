"""What a job did, as it is shown and kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FLIPS_KEPT = 1_000
"""Rows with another label that a report lists; `quorum diff` lists all."""

PUBLISHED, UNCHANGED, HELD = "published", "unchanged", "held"


@dataclass(frozen=True)
class JobReport:
    """What a job did.

    Attributes
    ----------
    status : str
        ``published``; ``unchanged`` where there was nothing to publish; ``held`` where a release was written
        and not made current, for its new rows drifted.
    changes : mapping
        Since the release of the job before: see `Changes.to_dict`.
    calls : mapping
        ``ran`` and ``cached`` calls of functions; ``asked`` of language models, and their ``cost``.
    release : mapping
        ``last``, ``current`` (numbers or None), ``written`` (by this job, or None).
    drift : mapping
    round : int or None
    routes : mapping
        Items by decision.
    people : mapping
        ``pulled``, ``pushed``, ``withdrawn``, ``open``.
    tested : str or None
        What a test came to; None without one.
    remarks : list of str
    seconds : float
    """

    status: str
    changes: dict[str, Any] = field(repr=False)
    calls: dict[str, Any]
    release: dict[str, int | None]
    drift: dict[str, Any]
    round: int | None
    routes: dict[str, int]
    people: dict[str, int]
    tested: str | None = None
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "status": self.status,
            **self.changes,
            "flips": self.changes["flips"][:FLIPS_KEPT],
            "calls": self.calls,
            "release": self.release,
            "drift": self.drift,
            "round": self.round,
            "routes": self.routes,
            "people": self.people,
            "tested": self.tested,
            "remarks": self.remarks,
            "seconds": round(self.seconds, 2),
        }
