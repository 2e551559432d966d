"""Artifacts: columnar tables in files that never change, each named by the digest of its content."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem

from labeling.errors import QuorumError
from labeling.store import ManifestEntry
from labeling.types import digest_of

BATCH = 1 << 16
KIND = re.compile(r"[A-Za-z0-9_-]+")
OURS = re.compile(r"[A-Za-z0-9_-]+/[0-9a-f]{32}\.parquet(\.[0-9a-f]{32}\.tmp)?")


class Artifacts:
    """The files under one root; which of them exist is for the manifest to say.

    Parameters
    ----------
    root : str
        A folder, or any URL of fsspec.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._files, base = fsspec.core.url_to_fs(root)
        self._base = base.rstrip("/")

    def write(
        self, kind: str, table: pa.Table, *, key: str, meta: Mapping[str, Any] | None = None
    ) -> ManifestEntry:
        """Write a table unless its content is there already.

        Gives the entry that the caller records in its transaction, last of all: until then the file is
        garbage.

        Parameters
        ----------
        kind : str
            Folder of the file: letters, digits, ``_`` and ``-``.
        key : str
            What the table is of, unique within its kind.
        meta : mapping, optional
            JSON that goes with it into the manifest.
        """
        if KIND.fullmatch(kind) is None:
            raise ValueError(f"kind is {kind!r}, expected letters, digits, _ and -")
        table = _storable(table)
        digest = content_digest(table)
        entry = ManifestEntry(kind, key, f"{kind}/{digest}.parquet", digest, table.num_rows, dict(meta or {}))
        if not self._is_sound(entry):
            self._publish(entry.path, table)
        return entry

    def read(self, entry: ManifestEntry) -> pa.Table:
        """Read a table and make sure that it is the one that was written.

        Raises
        ------
        QuorumError
            The file is missing, or its content is not the one of the manifest.
        """
        try:
            table = table_of(self.data(entry))
            sound = content_digest(table) == entry.digest
        except FileNotFoundError as error:
            raise self._fault(entry, "is missing") from error
        except (OSError, ValueError, TypeError, pa.ArrowException) as error:
            raise self._fault(entry, f"is damaged ({error})") from error
        if not sound:
            raise self._fault(entry, "is damaged (its content has another digest)")
        return table

    def data(self, entry: ManifestEntry) -> bytes:
        """Give the bytes of a file."""
        return bytes(self._files.cat_file(self._path(entry.path)))

    def put(self, entry: ManifestEntry, data: bytes) -> None:
        """Write the bytes of a file, as `data` gave them."""
        self._place(entry.path, pa.py_buffer(data))

    def garbage(self, entries: Iterable[ManifestEntry]) -> list[str]:
        """List the files, relative to the root, that no entry names, unfinished ones too.

        ``entries`` are *all* of the manifest. Only who holds the lease may ask: what another process has
        written and not recorded yet would be garbage, too.
        """
        named = {entry.path for entry in entries}
        found = self._files.find(self._base, maxdepth=2)
        paths = [str(path).removeprefix(self._base).lstrip("/") for path in found]
        return sorted(path for path in paths if OURS.fullmatch(path) and path not in named)

    def exists(self, entry: ManifestEntry) -> bool:
        """Tell whether the file of an entry is there."""
        return bool(self._files.exists(self._path(entry.path)))

    def size(self, path: str) -> int:
        """Give the bytes of a file that ``garbage`` listed, 0 where it is gone."""
        try:
            return int(self._files.size(self._path(path)))
        except FileNotFoundError:
            return 0

    def age(self, path: str) -> float:
        """Give how many seconds ago a file that ``garbage`` listed was written."""
        try:
            written = self._files.modified(self._path(path))
        except FileNotFoundError:
            return 0.0
        return float((datetime.now(UTC) - written.replace(tzinfo=written.tzinfo or UTC)).total_seconds())

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files that ``garbage`` listed; one that is gone is no error."""
        for path in paths:
            with suppress(FileNotFoundError):
                self._files.rm_file(self._path(path))

    def _path(self, path: str) -> str:
        return f"{self._base}/{path}"

    def _is_sound(self, entry: ManifestEntry) -> bool:
        # A damaged file has to be replaced, or no run could ever mend it.
        if not self._files.exists(self._path(entry.path)):
            return False
        try:
            self.read(entry)
        except QuorumError:
            return False
        return True

    def _publish(self, path: str, table: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        self._place(path, sink.getvalue())

    def _place(self, path: str, data: pa.Buffer) -> None:
        if isinstance(self._files, LocalFileSystem):
            replace_file(Path(self._path(path)), data)
        else:
            # Object stores show an object only once it is whole.
            self._files.pipe_file(self._path(path), data.to_pybytes())

    def _fault(self, entry: ManifestEntry, what: str) -> QuorumError:
        return QuorumError(
            f"{self.root}/{entry.path}: the file of {entry.kind} {entry.key!r} {what}. "
            "Restore it from a copy."
        )


def vectors_of(array: npt.NDArray[np.float32]) -> pa.Array:
    """Give a dense array, float32 of shape (n, d) with d > 0, as a column of n vectors.

    Raises
    ------
    TypeError
        The array is not float32.
    """
    if array.dtype != np.float32:
        raise TypeError(f"the array is {array.dtype}, expected float32")
    n, d = array.shape
    vectors = pa.py_buffer(np.ascontiguousarray(array, dtype="<f4"))
    return pa.Array.from_buffers(pa.binary(d * 4), n, [None, vectors])


def array_of(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    """Give a column of vectors as an array, shape (n, d), that is the caller's own to change."""
    d = column.type.byte_width // 4
    array = np.empty((len(column), d), dtype=np.float32)
    start = 0
    for chunk in column.chunks:
        array[start : start + len(chunk)] = np.frombuffer(_fixed_width(chunk), dtype="<f4").reshape(-1, d)
        start += len(chunk)
    return array


def table_of(data: bytes) -> pa.Table:
    """Read the bytes of a Parquet file."""
    # Not read_table, which imports pandas; nor threads, for a process that ends while one starts is aborted.
    return pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)


def data_digest(data: bytes) -> str:
    """Give the `content_digest` of the table in a Parquet file.

    Raises
    ------
    ValueError
        It is no whole one.
    """
    try:
        return content_digest(table_of(data))
    except (TypeError, pa.ArrowException) as error:
        raise ValueError(str(error)) from error


def content_digest(table: pa.Table) -> str:
    """Digest column names, types and values: the same for any chunking, offset or file that holds them.

    Returns
    -------
    str
        Hex SHA-256, first 32 characters.

    Raises
    ------
    TypeError
        A column is of a type that is not stored here (maps, unions, views).

    Examples
    --------
    >>> whole = pa.table({"vote": [0, 1, -1]})
    >>> content_digest(whole) == content_digest(pa.concat_tables([whole[:1], whole[1:]]))
    True
    """
    hasher = hashlib.sha256(digest_of(table.column_names, table.num_rows).encode())
    for start in range(0, max(table.num_rows, 1), BATCH):
        for column in table.slice(start, BATCH).columns:
            _feed(hasher, column.combine_chunks())
    return hasher.hexdigest()[:32]


def _feed(hasher: hashlib._Hash, array: pa.Array) -> None:
    """Digest the type of an array, which of its values are valid, and these."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    hasher.update(_tag(array.type).encode())
    valid = np.frombuffer(_fixed_width(array.is_valid().cast(pa.uint8())), dtype=np.uint8)
    hasher.update(np.packbits(valid).tobytes())
    for part in _parts(array.drop_null()):
        if isinstance(part, pa.Array):
            _feed(hasher, part)
        else:
            hasher.update(part)


def _tag(kind: pa.DataType) -> str:
    # Parquet renames the item of a list, so the types of children come from the children themselves.
    if pa.types.is_struct(kind):
        return f"struct {[child.name for child in kind]}"
    return type(kind).__name__ if pa.types.is_nested(kind) else str(kind)


def _parts(values: pa.Array) -> Sequence[pa.Array | memoryview]:
    """Take an array without nulls apart, down to bytes that are the same wherever it came from."""
    kind = values.type
    if pa.types.is_null(kind):
        return []
    if pa.types.is_struct(kind):
        return list(values.flatten())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [pc.list_value_length(values).cast(pa.int64()), values.flatten()]
    if pa.types.is_boolean(kind):
        return [values.cast(pa.uint8())]
    if pa.types.is_fixed_size_binary(kind) or pa.types.is_primitive(kind) or pa.types.is_decimal(kind):
        return [_fixed_width(values)]
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return [pc.binary_length(values), _variable_width(values, np.dtype(np.int32))]
    if pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        return [pc.binary_length(values), _variable_width(values, np.dtype(np.int64))]
    raise TypeError(f"columns of type {kind} cannot be stored; cast them first")


def _fixed_width(values: pa.Array) -> memoryview:
    width = values.type.bit_width // 8
    data = memoryview(values.buffers()[1] or b"")
    return data[values.offset * width : (values.offset + len(values)) * width]


def _variable_width(values: pa.Array, offset: np.dtype[Any]) -> memoryview:
    _, offsets, data = values.buffers()
    if len(values) == 0:
        return memoryview(b"")
    ends = np.frombuffer(offsets, dtype=offset)[values.offset : values.offset + len(values) + 1]
    return memoryview(data or b"")[ends[0] : ends[-1]]


def _storable(table: pa.Table) -> pa.Table:
    """Cast the types that Parquet does not give back to those that it gives instead."""
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "s":
            kind = pa.timestamp("ms", field.type.tz)
        elif pa.types.is_time32(field.type):
            kind = pa.time32("ms")
        elif pa.types.is_date64(field.type):
            kind = pa.date32()
        else:
            continue
        table = table.set_column(i, field.name, table.column(i).cast(kind))
    return table


def replace_file(path: Path, data: pa.Buffer | bytes) -> None:
    """Put a file in its place whole and for good, whatever stops this process or the machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{uuid4().hex}.tmp")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sync_file(path.parent)


def sync_file(path: Path) -> None:
    """Have the disk keep what was written to a file, or the names in a folder."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
