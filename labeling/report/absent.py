"""A section that has nothing to show yet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Absent:
    """Why a section is empty, and what fills it."""

    why: str

    def to_dict(self) -> dict[str, str]:
        """Give a JSON-ready mapping."""
        return {"absent": self.why}
