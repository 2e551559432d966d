"""Planned draws: labels frozen as they are, an audit drawn among the safest once, for one test."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from labeling.certificates import AuditedUnits, Terms
from labeling.certificates.draw import Draw, drawn_positions, plan_draw
from labeling.certificates.planning import AuditPlan
from labeling.certificates.units import Audit, Clusters
from labeling.errors import GateRefused, QuorumError
from labeling.gold import gold_array
from labeling.items import Objects
from labeling.pool import Pool, load_pool, never_audited
from labeling.pool.doubles import with_second_answers
from labeling.pool.people import People, read_people
from labeling.project import Project
from labeling.rounds.audit_frames import renew_frame
from labeling.rounds.turn import run_round
from labeling.store import AuditFrame, Lease, ManifestEntry, Round, frames, manifest, rounds
from labeling.types import ABSTAIN, Bools, Codes, Floats, Ints, LabelSchema, Lane, among

NOTHING = "nothing could be accepted yet: every text is critical, without a vote or in front of people"


@dataclass(frozen=True)
class Frozen:
    """The labels of n items as they were when an audit was drawn for them.

    Attributes
    ----------
    digests : array of str, shape (n,)
    clusters : Clusters
        u of them.
    labels : list of str, length n
    confidence : array, shape (n,)
    outside : mask, shape (n,)
        Items that were in front of people, known or in the dev split then.
    position : array of int, shape (u,)
        Place of each cluster in the region, from 1, safest first; 0 outside it.
    order : str
        Digest of the table of all this.
    asked : mapping
        Seed, sizes and what is promised.
    """

    digests: Objects = field(repr=False)
    clusters: Clusters = field(repr=False)
    labels: list[str] = field(repr=False)
    confidence: Floats = field(repr=False)
    outside: Bools = field(repr=False)
    position: Ints = field(repr=False)
    order: str
    asked: dict[str, Any] = field(repr=False)

    def audit(self, project: Project, pool: Pool, people: People, frame: AuditFrame) -> Audit:
        """Give the drawn audit with the answers so far; what was picked or set aside since is outside."""
        names = self.clusters.names
        drawn = among(names, frame.drawn or ())
        answers = gold_array(people.gold, self.digests.tolist(), project.schema, Lane.AUDIT)
        apart = people.picked | set(pool.items.digests[never_audited(project, pool)])
        since = among(self.digests, apart)
        audit = Audit(self.clusters, drawn, self.outside | since, answers)
        share = project.config.routing.double_audit
        return with_second_answers(audit, people, self.digests, frame.salt, share, project.schema)

    def units(self, audit: Audit, schema: LabelSchema) -> AuditedUnits:
        """Give what the test looks at: the region, less what left it."""
        inside = (self.position > 0)[self.clusters.unit]
        return audit.units(self.codes(schema), self.confidence, inside, schema.critical)

    def codes(self, schema: LabelSchema) -> Codes:
        """Class indices of the labels, shape (n,).

        Raises
        ------
        GateRefused
            The classes are others now.
        """
        if self.asked["schema"] != schema.version:
            raise GateRefused(
                "certify: the classes changed since the audit was drawn, so its answers say nothing of them. "
                "Run `quorum certify --fresh`."
            )
        return np.array([schema.index[name] for name in self.labels], dtype=np.int8)

    def gone(self, audit: Audit, people: People, present: Objects) -> str:
        """Say how many unanswered texts of the audit nobody can be asked about any more; empty where none."""
        members = self.digests[audit.item_members]
        missing = set(members.tolist()) - set(present.tolist()) - people.gold.keys()
        if not missing:
            return ""
        return (
            f"; {len(missing):,} of the open ones are gone from the data. Bring these rows back, or run "
            "`quorum certify --fresh` to draw anew"
        )

    def draw(self, audit: Audit) -> Draw:
        """Give what anybody needs to draw the positions again."""
        gone = audit.clusters.any(audit.outside) & (self.position > 0)
        left = tuple(sorted(self.position[gone].tolist()))
        return Draw(self.asked["seed"], self.asked["region"], self.asked["size"], left, self.order)

    def terms(self, terms: Terms) -> Terms:
        """Give the terms as they were when the audit was drawn, whatever the config says now."""
        return replace(terms, **{key: self.asked[key] for key in ("promise", "alpha", "delta")})


@dataclass(frozen=True)
class Planned:
    """A table of frozen labels that an audit is about to be drawn for."""

    table: pa.Table
    plan: AuditPlan
    asked: dict[str, Any]


def draw_audit(project: Project, lease: Lease) -> str:
    """Retire former answers, score anew, freeze the labels, and draw an audit among the safest of them.

    Returns
    -------
    str
        What was drawn and what it will probably bring, or why there is a new standing audit instead.
    """
    renew_frame(project, lease, load_pool(project))
    if project.config.routing.groups is not None:
        return "a new standing audit was drawn, for each group has safest texts of its own"
    run_round(project, lease, choose=False)
    planned = plan_of(project, load_pool(project))
    if planned is None:
        return f"a new standing audit was drawn: {NOTHING}"
    frame = _open(project, lease, planned)
    return (
        f"audit {frame.number} was drawn, for a single test of today's labels: {planned.plan.audited:,} of "
        f"the {planned.asked['region']:,} safest texts; {planned.plan.describe()}"
    )


def plan_of(project: Project, pool: Pool) -> Planned | None:
    """Freeze the labels of the last round and plan a draw; None where none of them could be accepted."""
    routing, items = project.config.routing, pool.items
    with project.store.read() as tx:
        people, turn = read_people(tx, project.schema), rounds.latest(tx)
        scored = manifest.find(tx, "scores", turn.scorer) if turn else None
    if turn is None or scored is None:
        raise GateRefused("certify: there is no round to test. Run `quorum run` first.")
    scores = project.artifacts.read(scored).select(["digest", "cluster", "label", "score", "eligible"])
    if scores["digest"].to_pylist() != items.digests.tolist():
        raise QuorumError("certify: the data changed meanwhile. Run `quorum certify --fresh` again.")
    outside = people.is_picked(items.digests) | never_audited(project, pool)
    clusters = Clusters(*items.cluster_groups)
    order, errors = _safest_first(clusters, scores, outside)
    most, population = min(routing.audit, len(order)), int((~clusters.any(outside)).sum())
    if not most:
        return None
    region, plan = plan_draw(routing.promise, errors, population, most, routing.alpha, routing.delta)
    position = np.zeros(len(clusters), dtype=np.int64)
    position[order[:region]] = np.arange(1, region + 1)
    table = scores.append_column("outside", pa.array(outside))
    table = table.append_column("position", pa.array(position[clusters.unit]))
    asked = {"schema": project.schema.version, "round": turn.number, "region": region, "size": plan.audited}
    asked |= {"plan": plan.describe()} | {key: getattr(routing, key) for key in ("promise", "alpha", "delta")}
    return Planned(table, plan, asked)


def _safest_first(clusters: Clusters, scores: pa.Table, outside: Bools) -> tuple[Ints, Floats]:
    """Give the clusters that could be accepted, safest first, and how probably each of them is wrong."""
    nobody, unanswered = np.zeros(len(clusters), dtype=bool), np.full(len(outside), ABSTAIN, dtype=np.int8)
    audit = Audit(clusters, nobody, outside, unanswered)
    eligible = scores["eligible"].to_numpy(zero_copy_only=False)
    units = audit.units(unanswered, scores["score"].to_numpy(), eligible, np.zeros(0, dtype=bool))
    order = units.safest_first()
    return order, 1 - units.scores[order]


def _open(project: Project, lease: Lease, planned: Planned) -> AuditFrame:
    """Draw the seed, now that the order stands, and open the frame of the draw."""
    entry = project.artifacts.write(frames.DRAW, planned.table, key="")
    seed, region, size = secrets.token_hex(16), planned.asked["region"], planned.asked["size"]
    frozen = frozen_labels(planned.table, entry)
    inside = np.argsort(frozen.position, kind="stable")[-region:]
    drawn = frozen.clusters.names[inside[drawn_positions(seed, region, size) - 1]]
    asked = {**planned.asked, "seed": seed, "drawn": sorted(drawn.tolist())}
    with project.store.write() as tx:
        lease.check(tx)
        frame = frames.open_frame(tx, seed, 0.0)
        manifest.record(tx, replace(entry, key=str(frame.number), meta=asked))
        return frames.current(tx) or frame


def read_frozen(project: Project, frame: AuditFrame) -> tuple[Frozen, Round]:
    """Read the labels that a draw froze, and the round that gave them."""
    with project.store.read() as tx:
        entry = manifest.find(tx, frames.DRAW, str(frame.number))
        turn = None if entry is None else rounds.numbered(tx, entry.meta["round"])
    if entry is None or turn is None:
        raise RuntimeError(f"audit frame {frame.number} has lost its draw")
    return frozen_labels(project.artifacts.read(entry), entry), turn


def frozen_labels(table: pa.Table, entry: ManifestEntry) -> Frozen:
    """Read the table of a draw."""
    clusters = Clusters.of(np.array(table["cluster"].to_pylist(), dtype=object))
    position = np.zeros(len(clusters), dtype=np.int64)
    position[clusters.unit] = table["position"].to_numpy()
    return Frozen(
        digests=np.array(table["digest"].to_pylist(), dtype=object),
        clusters=clusters,
        labels=table["label"].to_pylist(),
        confidence=table["score"].to_numpy(),
        outside=table["outside"].to_numpy(zero_copy_only=False),
        position=position,
        order=entry.digest,
        asked=entry.meta,
    )
