"""The steps of a job that decide something: whom to ask, what to test, what may become current."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from labeling.drift import Drift, measure_drift
from labeling.errors import QuorumError
from labeling.pool.prelabels import project_voters
from labeling.pool.releases import read_released
from labeling.pool.stored import locate_items, stored_items
from labeling.prelabels.permission import llm_sections
from labeling.prelabels.run import run_prelabels
from labeling.project import Project
from labeling.relabel.report import HELD, PUBLISHED, UNCHANGED
from labeling.releases.contents import Contents
from labeling.releases.publication import is_pinned, publish, read_contents, who
from labeling.rounds.promotion import certify_challenger
from labeling.store import Lease, manifest, promotions, releases
from labeling.store.promotions import How


def ask_models(project: Project) -> tuple[dict[str, Any], list[str]]:
    """Ask language models what is missing; give calls and cost, and what is to be remarked.

    Raises
    ------
    QuorumError
        What ended the run early: a budget, a server.
    """
    nothing = {"asked": 0, "cost": None}
    sections = [llm for _, llm in llm_sections(project.config)]
    if not sections or not project_voters(project, locate_items(project).public_fields).voters:
        return nothing, []
    silent = [llm.model for llm in sections if not llm.may_send]
    if silent:
        return nothing, [f"{', '.join(silent)}: no consent: true, so nothing was asked"]
    report = run_prelabels(project)
    if report.failures:
        raise report.failures[0]
    told = report.to_dict()
    return {"asked": told["requests"], "cost": told["cost"]}, []


def try_challenger(project: Project, held: Lease) -> str | None:
    """Test the challenger where the config says so and there is something to gain; say what came of it.

    There is where no certificate is in force, or where it does not cover all texts. After a rollback
    nothing is tested.
    """
    if project.config.relabel.certify == "never":
        return None
    with project.store.read() as tx:
        released, pinned = read_released(project, tx), is_pinned(tx)
    if pinned:
        return "nothing was tested: after a rollback only `quorum certify` tests"
    present = stored_items(project).digests
    if released.certificate is not None and released.covered.issuperset(present):
        return None
    return certify_challenger(project, held).statement


def check_voters(project: Project, contents: Contents, unasked: Mapping[str, int]) -> None:
    """Make sure that the voters of the last release still vote.

    Raises
    ------
    QuorumError
        Some of them cannot run.
    """
    with project.store.read() as tx:
        last = releases.latest(tx)
    if last is None or last.made_of is None:
        return
    here = contents.made_of["voters"]
    refused = {name: here[name]["refused"] for name in here if "refused" in here[name]}
    refused |= {name: f"{count:,} texts have no answer yet" for name, count in unasked.items()}
    lost = {name: why for name, why in refused.items() if name in last.made_of["voters"]}
    if lost:
        said = "; ".join(f"{name} ({why})" for name, why in sorted(lost.items()))
        names = " ".join(f"--without {name}" for name in sorted(lost))
        raise QuorumError(
            f"relabel: voters of release {last.number} cannot run: {said}. Nothing was published. "
            f"Mend them, or go on with {names}."
        )


def drift_of(project: Project, contents: Contents) -> Drift:
    """Compare texts that came since the current release with those that it has."""
    with project.store.read() as tx:
        current = promotions.latest(tx)
        scored = manifest.find(tx, "scores", str(contents.made_of["scorer"]))
    if current is None or scored is None:
        return Drift(0, 0)
    known = read_contents(project, current.release).votes["digest"].combine_chunks()
    new = ~np.asarray(pc.is_in(contents.votes["digest"], value_set=known))
    scores = project.artifacts.read(scored)
    votes = [column.to_numpy() >= 0 for column in contents.votes.drop_columns(["digest"]).columns]
    covered = np.any(votes, axis=0) if votes else np.zeros(len(new), dtype=bool)
    index = {name: i for i, name in enumerate(contents.classes)}
    labels = np.array([index[name] for name in scores["label"].to_pylist()], dtype=np.int64)
    limits = project.config.relabel.drift
    return measure_drift(scores["score"].to_numpy(), covered, labels, np.asarray(new, dtype=bool), limits)


@dataclass(frozen=True)
class Outcome:
    """What became of the labels of a job."""

    status: str
    release: dict[str, int | None]
    remark: str | None


def publish_or_hold(project: Project, held: Lease, contents: Contents, drift: Drift) -> Outcome:
    """Publish, and make the release current unless its new rows drifted or somebody rolled back."""
    with project.store.read() as tx:
        pinned = is_pinned(tx)
    may = not drift.past and not pinned
    written = publish(project, held, contents, How.PUBLISHED if may else None)
    with project.store.write() as tx:
        held.check(tx)
        last, current = releases.latest(tx), promotions.latest(tx)
        waits = last is not None and (current is None or current.release != last.number)
        if last is not None and waits and may:
            current = promotions.record(tx, last.number, How.PUBLISHED, who())
            waits = False
    numbers = {
        "last": last.number if last else None,
        "current": current.release if current else None,
        "written": written,
    }
    status = HELD if waits and drift.past else PUBLISHED if written else UNCHANGED
    return Outcome(status, numbers, _remark(numbers, waits, drift, pinned))


def _remark(numbers: Mapping[str, int | None], waits: bool, drift: Drift, pinned: bool) -> str | None:
    if not waits:
        return None
    why = f"release {numbers['current']} was made current by a rollback" if pinned else drift.said
    last = numbers["last"]
    return f"release {last} was not made current: {why}. Look at it, then write `quorum promote {last}`."
