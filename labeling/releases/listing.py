"""All releases with what they hold, and the log of who made which of them current."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from labeling.project import Project
from labeling.store import Release, certificates, promotions, releases


def list_releases(project: Project) -> dict[str, Any]:
    """Give releases, which is current, and the log, JSON-ready, the oldest first."""
    with project.store.read() as tx:
        found, log = releases.all_releases(tx), promotions.log(tx)
        void = {
            r.number: certificates.why_ended(tx, test)
            for r in found
            if r.test_number and (test := certificates.find(tx, r.test_number)) is not None
        }
    return {
        "current": log[-1].release if log else None,
        "releases": [_told(release, void.get(release.number)) for release in found],
        "log": [asdict(entry) for entry in log],
    }


def _told(release: Release, void: str | None) -> dict[str, Any]:
    made_of = release.made_of or {}
    return {
        "number": release.number,
        "published_at": release.published_at,
        "certificate": release.test_number,
        "void": void,
        "kept": release.identity is not None,
        "made_of": {name: value for name, value in made_of.items() if name != "prompts"},
        "prompts": sorted(made_of.get("prompts", {})),
    }
