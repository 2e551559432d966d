from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import InputError
from labeling.items import sources
from labeling.items.blocks import text_blocks
from labeling.items.readers import read_table
from labeling.items.sources import find_sources, source_digest

CSV = b'id,text\r\n1,"a, ""b""\nc"\r\n\r\n2,\xc3\xbc\n3,\xe2\x80\xa8 z'
JSONL = b'{"id": 1, "text": "a"}\r\n\n{"id": 2.5, "more": [1]}\n{"id": "3", "text": "\xc3\xbc"}'


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@given(st.text("aü\n\r\u2028", max_size=40), st.integers(1, 9))
def test_blocks_are_whole_lines_with_their_numbers(text: str, size: int) -> None:
    blocks = list(text_blocks(pieces(text.encode(), size), "p"))
    assert "".join(block for _, block in blocks) == text
    assert all(block.endswith("\n") for _, block in blocks[:-1])
    starts = [text[: sum(len(b) for _, b in blocks[:i])].count("\n") + 1 for i in range(len(blocks))]
    assert [line for line, _ in blocks] == starts


@pytest.mark.parametrize("size", [1, 3, 5, 100])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"id\n1\n\xff\n", "p:3 byte 5: expected UTF-8, got byte 0xff."),
        (b"\xef\xbb\xbfid\n\xe9\n", "p:2 byte 6: expected UTF-8, got byte 0xe9."),
        (b"id\na\0b\n", "p:2 byte 4: expected text, got a NUL byte."),
        ("id\n1\n".encode("utf-16"), "p: expected UTF-8, got UTF-16."),
    ],
)
def test_faults_have_the_same_place_however_the_file_is_cut(size: int, data: bytes, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        list(text_blocks(pieces(data, size), "p"))
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize("size", [1, 2, 7, 31])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("p.csv", CSV),
        ("p.csv", b"\xef\xbb\xbf" + CSV),
        ("p.jsonl", JSONL),
        ("p.csv.gz", gzip.compress(CSV[:9], mtime=0) + gzip.compress(CSV[9:], mtime=0)),
        ("p.jsonl.zst", zstandard.compress(JSONL[:9]) + zstandard.compress(JSONL[9:])),
    ],
)
def test_tables_do_not_depend_on_the_size_of_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    [source] = find_sources(str(tmp_path / name), written=name, place="items.path")
    at_once, digest = read_table(source), source_digest(source)
    monkeypatch.setattr(sources, "PIECE_BYTES", size)
    cut = read_table(source)
    assert cut.columns == at_once.columns
    assert [cut.place(i) for i in range(len(cut))] == [at_once.place(i) for i in range(len(cut))]
    assert source_digest(source) == digest


@pytest.mark.parametrize("chunk", [1, 2])
def test_tables_do_not_depend_on_the_size_of_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    from labeling.items import delimited, objects, readers

    (tmp_path / "p.csv").write_bytes(CSV)
    (tmp_path / "p.json").write_text('[{"a": 1}, {"a": "x", "b": [1]}, {"b": 2.5}]')
    found = [find_sources(str(tmp_path / n), written=n, place="items.path")[0] for n in ("p.csv", "p.json")]
    at_once = [read_table(source).columns for source in found]
    for module, constant in ((delimited, "CHUNK_ROWS"), (objects, "CHUNK_ROWS"), (readers, "BATCH_ROWS")):
        monkeypatch.setattr(module, constant, chunk)
    assert [read_table(source).columns for source in found] == at_once


def test_a_file_that_goes_away_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(CSV)
    [source] = find_sources(str(tmp_path / "p.csv"), written="p.csv", place="items.path")
    (tmp_path / "p.csv").unlink()
    for read in (read_table, source_digest):
        with pytest.raises(InputError, match=r"p\.csv: cannot be read: No such file"):
            read(source)


def test_lines_end_as_python_ends_them() -> None:
    text = 'a,"b\rc"\r\nd\re\n'
    [(_, block)] = text_blocks([text.encode()], "p")
    assert list(io.StringIO(block, newline="")) == list(io.StringIO(text, newline=""))
