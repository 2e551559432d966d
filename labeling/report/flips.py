"""What changed between the last two releases, and the releases so far."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from labeling.releases.changes import Changes, compare
from labeling.releases.publication import read_contents
from labeling.report.absent import Absent
from labeling.report.present import Present
from labeling.store import Release, promotions, releases


@dataclass(frozen=True)
class ReleaseLine:
    """One release: when, under which certificate, how many rows of how many have a label."""

    number: int
    at: str
    certificate: int | None
    labelled: int | None
    rows: int | None
    current: bool


@dataclass(frozen=True)
class Flips:
    """The releases, and what is different between the last two whose labels were kept, if there are two."""

    releases: tuple[ReleaseLine, ...]
    before: int | None
    after: int | None
    changes: Changes | None = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "releases": [asdict(release) for release in self.releases],
            "before": self.before,
            "after": self.after,
            "changes": self.changes.to_dict() if self.changes else None,
        }


def measure_flips(present: Present) -> Flips | Absent:
    """Compare the last two releases."""
    project = present.project
    with project.store.read() as tx:
        found, current = releases.all_releases(tx), promotions.latest(tx)
    if not found:
        return Absent("no release yet: `quorum certify` or `quorum relabel` makes one.")
    lines = tuple(_line(release, current.release if current else None) for release in found)
    kept = [release.number for release in found if release.identity is not None][-2:]
    if len(kept) < 2:
        return Flips(lines, None, None, None)
    before, after = (read_contents(project, number) for number in kept)
    return Flips(lines, before.number, after.number, compare(before, after))


def _line(release: Release, current: int | None) -> ReleaseLine:
    made_of = release.made_of
    return ReleaseLine(
        number=release.number,
        at=release.published_at,
        certificate=release.test_number,
        labelled=sum(made_of["labels"].values()) if made_of else None,
        rows=made_of["data"]["rows"] if made_of else None,
        current=release.number == current,
    )
