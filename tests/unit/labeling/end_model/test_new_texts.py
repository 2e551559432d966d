"""New texts from files and standard input, in blocks."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from labeling.end_model.texts import BLOCK, NewText, Row, read_texts
from labeling.errors import InputError

ROW = Row("text")


def read(path: Path, row: Row = ROW, kind: str | None = None) -> list[NewText]:
    return [text for block in read_texts(str(path), kind, row) for text in block]


def test_lines_of_text(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    path.write_bytes(b'first\r\n\n  \n{"not": "json"}\nlast')
    assert read(path) == [NewText(1, "first"), NewText(4, '{"not": "json"}'), NewText(5, "last")]


def test_lines_of_json_and_packed_ones(tmp_path: Path) -> None:
    lines = '{"id": "a", "text": "x"}\n\n{"text": "y", "id": null}\n{"text": "z", "id": 7}\n'
    (tmp_path / "new.jsonl").write_text(lines)
    (tmp_path / "new.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    expected = [NewText("a", "x"), NewText(3, "y"), NewText(7, "z")]
    assert read(tmp_path / "new.jsonl") == read(tmp_path / "new.jsonl.gz") == expected
    (tmp_path / "new.log").write_text('{"key": 1, "body": "x"}')
    assert read(tmp_path / "new.log", Row("body", id="key"), "jsonl") == [NewText(1, "x")]


def test_rows_without_a_text_are_written_out(tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    path.write_text('{"plan": "free", "age": 41.0, "left": null}\n{"row_text": "age: 3"}\n')
    row = Row("row_text", ["age", "plan", "left"])
    assert [t.text for t in read(path, row)] == ["age: 41\nplan: free", "age: 3"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"text": 5}', "expected a text under 'text', got 5"),
        ('{"body": "x"}', "got null"),
        ("[1]", r"expected an object, got \[1\]"),
        ("{", "Expecting property name"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "new.jsonl"
    path.write_text(f'{{"text": "x"}}\n{line}\n')
    with pytest.raises(InputError, match=rf"new.jsonl:2: .*{why}.*\. Correct the line"):
        read(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("text\nx\n")
    with pytest.raises(InputError, match="Say which by --as"):
        read(tmp_path / "new.csv")
    with pytest.raises(InputError, match=r"Did you mean new\.csv"):
        read(tmp_path / "mew.csv")
    (tmp_path / "new.txt").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match="expected UTF-8"):
        read(tmp_path / "new.txt")


def test_standard_input_is_read_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return self.readline()

    pipe = Pipe("\n".join(json.dumps({"text": f"t{i}"}) for i in range(3)).encode())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=pipe))
    blocks = read_texts("-", "jsonl", ROW)
    assert [t.text for t in next(blocks)] == ["t0"]
    assert len(pipe.read()) > 0, "the rest was not waited for"


def test_blocks_are_small(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    path.write_text("x\n" * (BLOCK + 1))
    assert [len(block) for block in read_texts(str(path), None, ROW)] == [BLOCK, 1]
