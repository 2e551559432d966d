"""A project's items, read once: an unchanged source is found again by its stamps, or else by its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from labeling.errors import QuorumError
from labeling.items import Items, item_sources, read_items, read_test
from labeling.items.content import JSON_CELLS, is_json
from labeling.items.sources import SourceFile, source_digest
from labeling.items.tables import Part, Places
from labeling.project import Project
from labeling.store import ManifestEntry, forgotten, manifest
from labeling.store.forgotten import Forgotten
from labeling.types import digest_of

READER = 1
"""Version of how files are read; what another version read is read anew."""

FIELD, RECORDED, HELD_OUT = "field:", "recorded:", "held out:"
"""What the names of stored columns begin with, so that none is taken for an id or a digest."""


@dataclass(frozen=True)
class StoredItems:
    """Where the items of a project are kept: the artifact of their rows and the one of their contents."""

    rows: ManifestEntry
    contents: ManifestEntry

    @property
    def digest(self) -> str:
        """Digest of all that was read."""
        return digest_of(self.rows.digest, self.contents.digest, self.rows.meta["roles"])

    @property
    def public_fields(self) -> tuple[str, ...]:
        """The fields that may be shown and sent."""
        return tuple(self.rows.meta["public"])


def stored_items(project: Project, *, held_out: Sequence[str] = ()) -> Items:
    """Give the items of a project; its files are read only if they changed since they were read last.

    Parameters
    ----------
    project : Project
    held_out : sequence of str
        Columns of known labels beside those that the config names.

    Raises
    ------
    InputError
        What is wrong with the data.
    """
    located = locate_items(project, held_out=held_out)
    try:
        return _load(project, located)
    except QuorumError:
        # The source is still there, so a damaged artifact is no loss.
        return _load(project, _read(project, held_out))


def locate_items(project: Project, *, held_out: Sequence[str] = ()) -> StoredItems:
    """Find the stored items; read and keep them where the files, or the parts of their columns, changed.

    Raises
    ------
    InputError
        What is wrong with the data.
    """
    found = _find(project, held_out)
    if found is None or found.rows.meta["roles"] != _roles(project):
        return _read(project, held_out)
    sources = item_sources(project.config)
    if found.rows.meta["sources"] == _stamps(sources) and not project.rescan:
        return found
    if found.rows.meta["bytes"] != _bytes(sources):
        return _read(project, held_out)
    return _keep(project, found, sources)


def _find(project: Project, held_out: Sequence[str]) -> StoredItems | None:
    key = _key(project, held_out)
    with project.store.read() as tx:
        rows, contents = manifest.find(tx, "rows", key), manifest.find(tx, "items", key)
    return StoredItems(rows, contents) if rows and contents else None


def _keep(project: Project, found: StoredItems, sources: Sequence[SourceFile]) -> StoredItems:
    """Note the new stamps of files whose bytes are the same."""
    meta = {**found.rows.meta, "sources": _stamps(sources)}
    entry = ManifestEntry(**{**asdict(found.rows), "meta": meta})
    with project.store.write() as tx:
        manifest.record(tx, entry)
    return StoredItems(entry, found.contents)


def _read(project: Project, held_out: Sequence[str]) -> StoredItems:
    # Digested before they are parsed: files that change meanwhile have other bytes the next time.
    sources = item_sources(project.config)
    digests = _bytes(sources)
    items = read_present(project, held_out=held_out)
    key, rows, contents = _key(project, held_out), _rows(items), _contents(items)
    meta = {
        "roles": _roles(project),
        "sources": _stamps(sources),
        "bytes": digests,
        "parts": [[part.name, part.n_rows] for part in items.places.parts],
        "text": items.text_field,
        "public": list(items.public_fields),
        "json": _json_names(rows),
    }
    stored = StoredItems(
        project.artifacts.write("rows", rows, key=key, meta=meta),
        project.artifacts.write("items", contents, key=key, meta={"json": _json_names(contents)}),
    )
    with project.store.write() as tx:
        manifest.record(tx, stored.rows)
        manifest.record(tx, stored.contents)
    return stored


def read_present(project: Project, *, held_out: Sequence[str] = ()) -> Items:
    """Read the files of a project; rows that were forgotten are left out.

    Raises
    ------
    InputError
        What is wrong with the data.
    """
    return _remembered(project, read_items(project.config, held_out=held_out))


def read_held_out(project: Project) -> Items:
    """Read the held-out file of a project; rows that were forgotten are left out.

    Raises
    ------
    InputError
        What is wrong with the data, or the config names no such file.
    """
    return _remembered(project, read_test(project.config))


def _remembered(project: Project, items: Items) -> Items:
    with project.store.read() as tx:
        known = forgotten.keys(tx, Forgotten.ROW)
    if not known:
        return items
    gone = (forgotten.key_of(Forgotten.ROW, row_id) in known for row_id in items.row_ids)
    return items.without(np.fromiter(gone, dtype=bool, count=items.n_rows))


def _load(project: Project, located: StoredItems) -> Items:
    rows = _marked(project.artifacts.read(located.rows), located.rows)
    contents = _marked(project.artifacts.read(located.contents), located.contents)
    meta = located.rows.meta
    return Items(
        id_column=rows["id"],
        row_item=rows["item"].to_numpy(),
        digest_column=contents["digest"].combine_chunks(),
        content=_part(contents, FIELD),
        text_field=meta["text"],
        public_fields=tuple(meta["public"]),
        recorded_columns=_part(rows, RECORDED),
        held_out_columns=_part(rows, HELD_OUT),
        source=tuple(SourceFile(**stamp) for stamp in meta["sources"]),
        places=_places(rows["line"], meta["parts"]),
    )


def _rows(items: Items) -> pa.Table:
    lines = [_lines(part) for part in items.places.parts]
    table = pa.table(
        {"id": items.id_column, "item": items.row_item, "line": pa.chunked_array(lines, pa.int64())}
    )
    for prefix, part in ((RECORDED, items.recorded_columns), (HELD_OUT, items.held_out_columns)):
        table = _with(table, prefix, part)
    return table


def _contents(items: Items) -> pa.Table:
    return _with(pa.table({"digest": items.digest_column}), FIELD, items.content)


def _with(table: pa.Table, prefix: str, part: pa.Table) -> pa.Table:
    for field in part.schema:
        table = table.append_column(field.with_name(prefix + field.name), part[field.name])
    return table


def _part(table: pa.Table, prefix: str) -> pa.Table:
    names = [name for name in table.column_names if name.startswith(prefix)]
    return table.select(names).rename_columns([name.removeprefix(prefix) for name in names])


def _json_names(table: pa.Table) -> list[str]:
    return [field.name for field in table.schema if is_json(field)]


def _marked(table: pa.Table, entry: ManifestEntry) -> pa.Table:
    """Say which columns hold JSON: files are named by their values alone, and shared."""
    marked = [field.remove_metadata() for field in table.schema]
    marked = [f.with_metadata(JSON_CELLS) if f.name in entry.meta["json"] else f for f in marked]
    return pa.table(table.columns, pa.schema(marked))


def _lines(part: Part) -> pa.Array:
    return pa.nulls(part.n_rows, pa.int64()) if part.lines is None else pa.array(part.lines)


def _places(lines: pa.ChunkedArray, parts: Sequence[tuple[str, int]]) -> Places:
    made, start = [], 0
    for name, n_rows in parts:
        own = lines.slice(start, n_rows)
        made.append(Part(name, n_rows, None if own.null_count else own.to_numpy()))
        start += n_rows
    return Places(tuple(made))


def _stamps(sources: Sequence[SourceFile]) -> list[dict[str, Any]]:
    return [asdict(source) for source in sources]


def _bytes(sources: Sequence[SourceFile]) -> list[list[str]]:
    return [[source.name, source_digest(source)] for source in sources]


def _key(project: Project, held_out: Sequence[str]) -> str:
    return digest_of(project.config.items.path, sorted(held_out))


def _roles(project: Project) -> str:
    """Digest all of the config that has a say in which column plays which part."""
    config = project.config
    known = [config.gold and config.gold.column, config.test and config.test.column]
    voters = [voter.columns for voter in config.voters]
    slices = {name: sorted(chosen.expression.columns) for name, chosen in config.slices.items()}
    return digest_of(READER, config.items.model_dump(), known, voters, slices)
