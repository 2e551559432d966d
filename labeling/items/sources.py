"""Data files: found by path, glob or URL, stamped, and read as a stream of decompressed bytes."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import fsspec
import zstandard

from labeling.errors import InputError

PIECE_BYTES = 4 << 20


@dataclass(frozen=True)
class SourceFile:
    """A data file as it stands now.

    Parameters
    ----------
    name : str
        As messages show it.
    url : str
        Where it is: an absolute path or URL.
    size : int
        Bytes as stored.
    modified : str
        ETag or time of the last change.
    """

    name: str
    url: str
    size: int
    modified: str

    @property
    def suffixes(self) -> tuple[str, str]:
        """Format and compression by the name's ending: ``("jsonl", "gz")``, empty where there is none."""
        name = PurePosixPath(self.url.lower())
        if name.suffix in (".gz", ".zst"):
            return PurePosixPath(name.stem).suffix[1:], name.suffix[1:]
        return name.suffix[1:], ""


def find_sources(pattern: str, *, written: str, place: str) -> tuple[SourceFile, ...]:
    """Give the files that an absolute path, glob or URL names, sorted by name.

    Parameters
    ----------
    pattern : str
        The resolved path.
    written, place : str
        The path as the user wrote it, and where.

    Raises
    ------
    InputError
        Nothing matches, or it is a folder.
    """
    try:
        fs, path = fsspec.core.url_to_fs(pattern)
        if fs.isdir(path):
            raise InputError(f'{place}: expected files, got the folder "{written}". Write {written}/*.csv.')
        magic = not fs.exists(path) and any(c in path for c in "*?[")
        paths = sorted(p for p in fs.glob(path) if not fs.isdir(p)) if magic else [path]
        if not paths or not fs.exists(paths[0]):
            raise InputError(f'{place}: expected a file, got "{written}". {_nothing(fs, path, magic)}')
        return tuple(_stamped(fs, path, written, magic) for path in paths)
    except (OSError, ImportError, ValueError) as error:
        raise InputError(f'{place}: cannot read "{written}": {error}. Check the address.') from None


def read_pieces(source: SourceFile) -> Iterator[bytes]:
    """Read and decompress a file, piece by piece.

    Raises
    ------
    InputError
        It cannot be read, is not compressed as its name says, or is cut off.
    """
    compression = source.suffixes[1]
    try:
        with _opened(source) as stream:
            yield from _DECOMPRESS[compression](stream)
    except (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise InputError(
            f"{source.name}: expected a whole .{compression} file, got {error}. Copy or compress it again."
        ) from None
    except OSError as error:
        raise _unreadable(source, error) from None


def source_digest(source: SourceFile) -> str:
    """Give the SHA-256 of a file as it is stored, in hex.

    Raises
    ------
    InputError
        It cannot be read.
    """
    hasher = hashlib.sha256()
    try:
        with _opened(source) as stream:
            for piece in _plain(stream):
                hasher.update(piece)
    except OSError as error:
        raise _unreadable(source, error) from None
    return hasher.hexdigest()


def _opened(source: SourceFile) -> Any:
    fs, path = fsspec.core.url_to_fs(source.url)
    return fs.open(path, "rb")


def _unreadable(source: SourceFile, error: OSError) -> InputError:
    return InputError(f"{source.name}: cannot be read: {error.strerror or error}.")


def _plain(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE_BYTES):
        yield piece


def _gunzip(stream: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=stream) as unpacked:
        yield from _plain(cast("BinaryIO", unpacked))


def _unzstd(stream: BinaryIO) -> Iterator[bytes]:
    frame = None
    for piece in _plain(stream):
        rest = piece
        while rest:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(rest)
            rest, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
    if frame:
        raise EOFError("an end before the end of the data")


_DECOMPRESS: Mapping[str, Callable[[BinaryIO], Iterator[bytes]]] = {
    "": _plain,
    "gz": _gunzip,
    "zst": _unzstd,
}


def _stamped(fs: Any, path: str, written: str, magic: bool) -> SourceFile:
    info = fs.info(path)
    local = "file" in (fs.protocol if isinstance(fs.protocol, tuple) else (fs.protocol,))
    url = path if local else fs.unstrip_protocol(path)
    modified = next((info[k] for k in ("ETag", "mtime", "LastModified", "created") if info.get(k)), "")
    name = _beside(written, path) if magic else written
    return SourceFile(name, url, int(info["size"] or 0), str(modified))


def _beside(written: str, path: str) -> str:
    """Name one match of a glob as the user would have written it."""
    depth = len(PurePosixPath(written.split("://")[-1]).parts)
    if "**" in written or Path(written).is_absolute():
        return path
    return str(PurePosixPath(*PurePosixPath(path).parts[-depth:]))


def _nothing(fs: Any, path: str, magic: bool) -> str:
    if magic:
        return "No file matches; check the pattern."
    folder, _, name = path.rpartition("/")
    if not fs.isdir(folder):
        return f"The folder {folder} does not exist."
    there = [PurePosixPath(p).name for p in fs.ls(folder, detail=False)]
    near = get_close_matches(name, there, n=1)
    return f"Did you mean {near[0]}?" if near else f"No such file in {folder}."
