"""The trace of scheduled jobs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from labeling.project import Project
from labeling.store import jobs


def recent_jobs(project: Project, limit: int) -> dict[str, Any]:
    """Give the last jobs with their reports, the last first, JSON-ready."""
    with project.store.read() as tx:
        return {"jobs": [asdict(job) for job in jobs.recent(tx, limit)]}
