"""Which version of the guideline was in force when, kept in the description of our project."""

from __future__ import annotations

import re
from dataclasses import dataclass

ENTRY = re.compile(r"Guideline (\w+) since (\S+Z)\.")


@dataclass(frozen=True)
class Guidelines:
    """The versions of a guideline, the oldest first.

    Attributes
    ----------
    since : tuple of (str, str)
        From when each was in force, ISO 8601 in UTC with microseconds, and which.
    """

    since: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, description: str) -> Guidelines:
        """Read what ``str`` wrote, whatever else the text holds.

        Examples
        --------
        >>> Guidelines.read("Ours. Guideline a1 since 2026-01-01T00:00:00.000000Z.").newest
        'a1'
        """
        return cls(tuple((moment, version) for version, moment in ENTRY.findall(description)))

    @property
    def newest(self) -> str | None:
        """The version in force; None where none is known."""
        return self.since[-1][1] if self.since else None

    def followed_by(self, version: str, moment: str) -> Guidelines:
        """Add a version, unless it is in force already."""
        return self if version == self.newest else Guidelines((*self.since, (moment, version)))

    def at(self, moment: str) -> str | None:
        """Give the version that was in force at a moment; None before all that is known."""
        begun = [version for since, version in self.since if since <= moment]
        return begun[-1] if begun else None

    def __str__(self) -> str:
        return " ".join(f"Guideline {version} since {moment}." for moment, version in self.since)
