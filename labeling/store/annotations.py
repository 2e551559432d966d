"""Answers of people: append-only, each edit and each deletion a further revision."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from labeling.store.clock import now
from labeling.store.schema import annotations
from labeling.types import Annotation

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class StoredAnnotation:
    """One revision of an answer; ``digest`` is the content that it was given for."""

    annotation: Annotation
    digest: str
    revision: int = 1
    deleted: bool = False


def record(tx: Connection, given: Iterable[Annotation], digests: Mapping[str, str]) -> int:
    """Store what is new or changed and give how many that were.

    Parameters
    ----------
    given : iterable of Annotation
        Present states, in any number of repetitions; those of tasks that ``digests`` lacks are left out
        (see ``unknown``).
    digests : mapping of str to str
        Content digest by task id.
    """
    known = [a for a in given if a.task_id in digests]
    latest = _latest(tx, {a.annotation_id for a in known})
    revisions = []
    for annotation in known:
        before = latest.get(annotation.annotation_id)
        if before is None or before.deleted or before.annotation != annotation:
            number = 1 if before is None else before.revision + 1
            after = StoredAnnotation(annotation, digests[annotation.task_id], number)
            latest[annotation.annotation_id] = after
            revisions.append(after)
    _append(tx, revisions)
    return len(revisions)


def unknown(given: Iterable[Annotation], digests: Mapping[str, str]) -> int:
    """Count the annotations that ``record`` leaves out, since their task is not ours."""
    return sum(a.task_id not in digests for a in given)


def mark_deleted(tx: Connection, present: frozenset[str]) -> int:
    """Follow deletions: ``present`` holds the ids of all annotations that exist now.

    A known one that is absent becomes a deleted revision, one that is back a revived one; gives how many
    these were.
    """
    states = tx.execute(_newest(annotations.c.annotation_id, annotations.c.deleted))
    turned = {s.annotation_id for s in states if s.deleted == (s.annotation_id in present)}
    before = _latest(tx, turned).values()
    _append(tx, [replace(a, revision=a.revision + 1, deleted=not a.deleted) for a in before])
    return len(turned)


def current(tx: Connection) -> list[StoredAnnotation]:
    """Give the latest revision of every annotation that is not deleted, in order of first arrival."""
    rows = tx.execute(_newest(*annotations.c).where(~annotations.c.deleted))
    return [_stored(row) for row in rows]


def history(tx: Connection, digest: str) -> list[StoredAnnotation]:
    """Give all revisions for one content, oldest first."""
    rows = tx.execute(select(annotations).where(annotations.c.digest == digest).order_by(annotations.c.seq))
    return [_stored(row) for row in rows]


def count(tx: Connection) -> int:
    """Count all revisions: as many as before means that nobody answered, edited or deleted."""
    return tx.scalar(select(func.count()).select_from(annotations)) or 0


def _newest(*columns: Any) -> Select[Any]:
    other = annotations.alias()
    last = select(func.max(other.c.revision)).where(other.c.annotation_id == annotations.c.annotation_id)
    return (
        select(*columns).where(annotations.c.revision == last.scalar_subquery()).order_by(annotations.c.seq)
    )


def _latest(tx: Connection, ids: Collection[str]) -> dict[str, StoredAnnotation]:
    wanted = sorted(ids)
    chunks = [wanted[i : i + CHUNK] for i in range(0, len(wanted), CHUNK)]
    queries = [_newest(*annotations.c).where(annotations.c.annotation_id.in_(chunk)) for chunk in chunks]
    return {row.annotation_id: _stored(row) for query in queries for row in tx.execute(query)}


def _append(tx: Connection, revisions: Iterable[StoredAnnotation]) -> None:
    rows = [asdict(r.annotation) | _state(r) for r in revisions]
    if rows:
        tx.execute(insert(annotations), rows)


def _state(stored: StoredAnnotation) -> dict[str, Any]:
    return {
        "digest": stored.digest,
        "revision": stored.revision,
        "deleted": stored.deleted,
        "recorded_at": now(),
    }


def _stored(row: Row[Any]) -> StoredAnnotation:
    values = row._mapping
    annotation = Annotation(**{f.name: values[f.name] for f in fields(Annotation)})
    return StoredAnnotation(annotation, row.digest, row.revision, row.deleted)
