"""The dev split: the items whose known labels who writes functions may look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from labeling.certificates.audit import standing_sample
from labeling.items import Items
from labeling.pool.people import People
from labeling.project import Project
from labeling.store import DevShare, dev_shares
from labeling.types import ABSTAIN, BLIND, Bools, Lane, among

if TYPE_CHECKING:
    from labeling.pool import Pool


def dev_split(project: Project, items: Items) -> Bools:
    """Mask, shape (n,): items in the dev split; a share that the config raised takes effect here.

    A lowered share changes nothing, for who wrote the functions has looked at these items.
    """
    share = project.config.dev.share
    with project.store.read() as tx:
        shares = dev_shares.all_shares(tx)
    if share > max((s.share for s in shares), default=0.0):
        with project.store.write() as tx:
            dev_shares.raise_share(tx, share)
            shares = dev_shares.all_shares(tx)
    if not shares:
        return np.zeros(len(items), dtype=bool)
    return dev_members(project.config.project, items.clusters.tolist(), shares)


def dev_members(project: str, clusters: Sequence[str], shares: Sequence[DevShare]) -> Bools:
    """Mask, shape (n,): items whose text's keyed hash falls under a share, whatever their scores.

    Texts that belonged to the audit when a share was raised stay with the audit. The hash of the split
    knows nothing of the hash of the audit, so that what remains is a uniform sample of what remains.

    Parameters
    ----------
    project : str
        Name of the project: the key of the hash.
    clusters : sequence of str, length n
        Equal ones are equal texts and belong together.
    shares : sequence of DevShare
    """
    inside = np.zeros(len(clusters), dtype=bool)
    for share in shares:
        added = standing_sample(f"dev {project}", clusters, share.share)
        if share.salt is not None:
            added &= ~standing_sample(share.salt, clusters, share.rate)
        inside |= added
    return inside


def writers_gold(project: Project, pool: Pool, people: People) -> npt.NDArray[np.int8]:
    """Labels that who writes functions may look at, shape (n,), -1 without.

    These are the review answers, the gold column of the items in the dev split, and that column as a whole
    where the config gives it to the loop (``use: seed``); never what the auditors said, and never the gold
    column of what they were asked.
    """
    digests, gold = pool.items.digests, project.config.gold
    reviewed = people.labels(digests, project.schema, Lane.REVIEW)
    audited = {t.digest for t in people.tasks if t.lane in BLIND}
    shown = pool.dev & ~among(digests, audited)
    if gold is not None and gold.use == "seed":
        shown = np.ones(len(pool), dtype=bool)
    return np.where(reviewed != ABSTAIN, reviewed, np.where(shown, pool.score_gold, ABSTAIN)).astype(np.int8)
