"""The watch over released labels: accepted texts, drawn at random, that people answer without knowing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from labeling.certificates.audit import keyed_hashes
from labeling.certificates.certificate import Certificate
from labeling.certificates.ending import wrong_allowed
from labeling.certificates.watch import rings, watch_wealth
from labeling.gold import GoldLabel
from labeling.items import Items
from labeling.pool.people import People
from labeling.pool.releases import KIND
from labeling.project import Project
from labeling.rounds.batches import Batch
from labeling.store import ManifestEntry, StoredTest, certificates, frames, manifest
from labeling.types import Bools, Ints, among

DRAWN = "watched"
ALARM = "the standing alarm rang: "


@dataclass(frozen=True)
class Draws:
    """Accepted texts that were drawn so far, in their order; a text may be several items.

    Attributes
    ----------
    texts : tuple of tuple of str
        Content digests of each.
    remaining : tuple of int
        Texts that could be drawn when each was, itself included.
    """

    texts: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    remaining: tuple[int, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def contents(self) -> frozenset[str]:
        """Content digests of all."""
        return frozenset(digest for text in self.texts for digest in text)

    def table(self) -> pa.Table:
        """Give the draws as they are kept, a line per item."""
        lines = [
            (i, digest, left)
            for i, (text, left) in enumerate(zip(self.texts, self.remaining, strict=True))
            for digest in text
        ]
        columns = zip(*lines, strict=True) if lines else ((), (), ())
        draw, digest, remaining = (list(column) for column in columns)
        return pa.table({"draw": draw, "digest": pa.array(digest, pa.string()), "remaining": remaining})

    @classmethod
    def from_table(cls, table: pa.Table) -> Draws:
        """Read what ``table`` gave."""
        texts: dict[int, list[str]] = {}
        remaining: dict[int, int] = {}
        for line in table.to_pylist():
            texts.setdefault(line["draw"], []).append(line["digest"])
            remaining[line["draw"]] = line["remaining"]
        return cls(tuple(map(tuple, texts.values())), tuple(remaining.values()))


def read_draws(project: Project, tx: sa.Connection, certificate: int) -> Draws:
    """Read what was drawn for the watch over a certificate's labels."""
    entry = manifest.find(tx, DRAWN, str(certificate))
    return Draws() if entry is None else Draws.from_table(project.artifacts.read(entry))


def draw_more(
    draws: Draws, items: Items, accepted: Collection[str], gone: Bools, waiting: int, salt: str
) -> Draws:
    """Draw accepted texts until ``waiting`` of them are open, in the order of a hash that knows no score.

    Parameters
    ----------
    draws : Draws
        Those before, of which some may be settled.
    accepted : collection of str
        Contents whose label the certificate accepts.
    gone : mask, shape (n,)
        Items that selection picked: people see them anyhow.
    waiting : int
        How many to draw.
    salt : str
        Secret, of this certificate alone.
    """
    names, unit = items.cluster_groups
    inside, drawn = among(items.digests, accepted), among(items.digests, draws.contents)
    able = np.zeros(len(names), dtype=bool)
    able[unit[inside]] = True
    able[unit[gone | drawn]] = False
    left = np.flatnonzero(able)
    first = left[np.argsort(keyed_hashes(salt, names[left].tolist()), kind="stable")][:waiting]
    texts = tuple(tuple(items.digests[inside & (unit == u)].tolist()) for u in first)
    remaining = tuple(range(len(left), len(left) - len(first), -1))
    return Draws(draws.texts + texts, draws.remaining + remaining)


@dataclass(frozen=True)
class Watched:
    """The draws of this round's watch, where they are kept, and the items to ask people about."""

    entry: ManifestEntry | None = None
    asked: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def watch_round(
    project: Project, items: Items, people: People, batch: Batch, certificate: int | None
) -> Watched:
    """Draw for the watch until as many texts wait for people as the config says.

    Parameters
    ----------
    batch : Batch
        Whom this round asks beside: what it asks people is not asked twice.
    certificate : int or None
        Number of the one in force.
    """
    size = project.config.routing.watch
    if certificate is None or size == 0:
        return Watched()
    with project.store.read() as tx:
        before = read_draws(project, tx, certificate)
        accepted = accepted_labels(project, tx, certificate)
        salt = _salt(tx, certificate)
    waiting = count_waiting(before, people.gold, set(items.digests))
    gone = people.is_picked(items.digests) | among(items.digests, batch.picked)
    draws = draw_more(before, items, accepted, gone, max(0, size - waiting), salt)
    asked_already = {*people.task_of, *people.gold, *(task.digest for task in batch.tasks)}
    asked = among(items.digests, draws.contents - asked_already)
    entry = project.artifacts.write(DRAWN, draws.table(), key=str(certificate))
    return Watched(entry, np.flatnonzero(asked))


def count_waiting(draws: Draws, gold: Mapping[str, GoldLabel], present: Collection[str]) -> int:
    """Count the draws that nobody has come to yet: what is skipped or gone must not stop the watch."""
    return sum(any(d in present and d not in gold for d in text) for text in draws.texts)


def accepted_labels(project: Project, tx: sa.Connection, certificate: int) -> Mapping[str, str]:
    """Give the labels that a certificate accepts, by content digest."""
    entry = manifest.find(tx, KIND, str(certificate))
    if entry is None:
        return {}
    table = project.artifacts.read(entry)
    return dict(zip(table["digest"].to_pylist(), table["label"].to_pylist(), strict=True))


def settled(text: Iterable[str], gold: Mapping[str, GoldLabel]) -> tuple[str, ...] | None:
    """Give what people say of a text's items; None while that of any is open."""
    said = [gold[d].label if d in gold else None for d in text]
    return None if None in said else tuple(str(label) for label in said)


def wrong_draws(draws: Draws, labels: Mapping[str, str], gold: Mapping[str, GoldLabel]) -> Bools:
    """Mask, shape (t,): draws that people settled as another label than the released one."""
    wrong = []
    for text in draws.texts:
        said = settled(text, gold)
        wrong.append(said is not None and any(labels[d] != s for d, s in zip(text, said, strict=True)))
    return np.array(wrong, dtype=bool)


def alarm(project: Project, tx: sa.Connection, test: StoredTest, gold: Mapping[str, GoldLabel]) -> str | None:
    """Say why the watch says that a certificate does not hold; None while it does not."""
    draws = read_draws(project, tx, test.number)
    if not len(draws):
        return None
    said = Certificate.from_dict(test.result)
    wrong = wrong_draws(draws, accepted_labels(project, tx, test.number), gold)
    allowed = wrong_allowed(said)
    if not rings(watch_wealth(wrong, draws.remaining, allowed), said.delta):
        return None
    looked = sum(settled(text, gold) is not None for text in draws.texts)
    return (
        f"{ALARM}certificate {test.number} no longer holds. Of {looked:,} accepted texts that people "
        f"answered since, without knowing, {int(wrong.sum()):,} have another label than the one released. "
        f"It promises at most {allowed:,} such among {said.accepted:,}; were that so, an alarm would ever "
        f"come with probability {said.delta:g} at most. Its audit counts no more: look at these texts, then "
        "run `quorum certify --fresh`."
    )


def watched_contents(project: Project) -> frozenset[str]:
    """Contents that the watch over the certificate in force drew."""
    with project.store.read() as tx:
        champion = certificates.champion(tx)
        return read_draws(project, tx, champion.number).contents if champion else frozenset()


def watch_status(project: Project, tx: sa.Connection, people: People, certificate: int) -> dict[str, int]:
    """Count what the watch over a certificate drew, what people settled and what of that is wrong."""
    draws = read_draws(project, tx, certificate)
    wrong = wrong_draws(draws, accepted_labels(project, tx, certificate), people.gold)
    looked = sum(settled(text, people.gold) is not None for text in draws.texts)
    return {"drawn": len(draws), "settled": looked, "wrong": int(wrong.sum())}


def _salt(tx: sa.Connection, certificate: int) -> str:
    test = certificates.find(tx, certificate)
    frame = frames.find(tx, test.frame) if test else None
    if frame is None:
        raise RuntimeError(f"certificate {certificate} has lost its audit")
    return f"watch {certificate} {frame.salt}"
