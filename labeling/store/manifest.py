"""What artifacts exist: a file that no row here names is garbage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from labeling.store.schema import manifest


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One artifact: what it is (``kind``, ``key``, unique together) and the file that holds it.

    ``path`` is relative to the root of the artifacts; ``digest`` is the one of the content; ``meta`` is
    JSON.
    """

    kind: str
    key: str
    path: str
    digest: str
    rows: int
    meta: dict[str, Any] = field(default_factory=dict)


def record(tx: Connection, entry: ManifestEntry) -> None:
    """Say that an artifact exists; another one under the same kind and key is replaced."""
    present = find(tx, entry.kind, entry.key)
    if present is None:
        tx.execute(insert(manifest).values(asdict(entry)))
    elif present != entry:
        same = (manifest.c.kind == entry.kind) & (manifest.c.key == entry.key)
        tx.execute(update(manifest).where(same).values(asdict(entry)))


def remove(tx: Connection, found: Iterable[ManifestEntry]) -> None:
    """Say that artifacts exist no longer; their files become garbage."""
    for entry in found:
        same = (manifest.c.kind == entry.kind) & (manifest.c.key == entry.key)
        tx.execute(delete(manifest).where(same))


def find(tx: Connection, kind: str, key: str) -> ManifestEntry | None:
    """Look one artifact up."""
    query = select(manifest).where(manifest.c.kind == kind, manifest.c.key == key)
    row = tx.execute(query).one_or_none()
    return None if row is None else ManifestEntry(**row._mapping)


def entries(tx: Connection, kind: str | None = None) -> list[ManifestEntry]:
    """List the artifacts of one kind, or of all, by kind and key."""
    query = select(manifest).order_by(manifest.c.kind, manifest.c.key)
    if kind is not None:
        query = query.where(manifest.c.kind == kind)
    return [ManifestEntry(**row._mapping) for row in tx.execute(query)]
