from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pytest
import zstandard

from labeling.errors import InputError
from labeling.items.content import json_value
from labeling.items.readers import read_table, read_tables
from labeling.items.sources import find_sources
from labeling.items.tables import Table

CSV = b'id,text\n007,"a, ""b""\nc"\n\n8,NA\n9,\n'


def read(folder: Path, name: str, data: bytes) -> Table:
    (folder / name).write_bytes(data)
    return read_table(find_sources(str(folder / name), written=name, place="items.path")[0])


def problems(folder: Path, name: str, data: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, name, data)
    return list(caught.value.problems)


def lines(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_csv_cells_stay_text_and_only_the_empty_one_is_missing(tmp_path: Path) -> None:
    table = read(tmp_path, "p.csv", CSV)
    assert table.columns == {"id": ["007", "8", "9"], "text": ['a, "b"\nc', "NA", None]}
    assert [table.place(i) for i in range(3)] == ["p.csv:2 row 1", "p.csv:5 row 2", "p.csv:6 row 3"]


def test_tsv(tmp_path: Path) -> None:
    assert read(tmp_path, "p.tsv", b"id\ttext\n1\ta, b\n").columns == {"id": ["1"], "text": ["a, b"]}


def test_json_lines_keep_values_and_lines(tmp_path: Path) -> None:
    data = lines({"id": 7, "text": "ü\u2028x"}, {"id": 8.0, "text": "", "more": {"b": [1.0, float("nan")]}})
    table = read(tmp_path, "p.ndjson", data.replace(b"\n", b"\r\n\r\n"))
    assert table.columns == {"id": [7, 8], "text": ["ü\u2028x", None], "more": [None, {"b": [1, None]}]}
    assert table.place(1) == "p.ndjson:3 row 2"


@pytest.mark.parametrize("data", [b'[{"id": 1}, {"id": 2}]', b'{"data": [{"id": 1}, {"id": 2}]}'])
def test_json_is_a_list_or_data(tmp_path: Path, data: bytes) -> None:
    table = read(tmp_path, "p.json", data)
    assert table.columns == {"id": [1, 2]}
    assert table.place(1) == "p.json row 2"


def test_parquet_values_become_json_values(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "id": [1, None],
            "text": ["a", None],
            "day": pd.to_datetime(["2026-01-02", None]),
            "tags": [["x"], []],
        }
    )
    frame.to_parquet(tmp_path / "q.parquet")
    assert read(tmp_path, "p.parquet", (tmp_path / "q.parquet").read_bytes()).columns == {
        "id": [1, None],
        "text": ["a", None],
        "day": ["2026-01-02T00:00:00", None],
        "tags": [["x"], []],
    }


def test_a_saved_index_is_no_column(tmp_path: Path) -> None:
    pd.DataFrame({"id": ["a", "b"]}, index=["x", "y"]).to_parquet(tmp_path / "q.parquet")
    assert list(read(tmp_path, "p.parquet", (tmp_path / "q.parquet").read_bytes()).columns) == ["id"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("p.csv.gz", gzip.compress(CSV, mtime=0)),
        ("p.csv.zst", zstandard.compress(CSV)),
        ("P.CSV.ZST", zstandard.compress(CSV[:9]) + zstandard.compress(CSV[9:])),
        ("p.csv", b"\xef\xbb\xbf" + CSV),
    ],
)
def test_compression_and_byte_order_marks_change_nothing(tmp_path: Path, name: str, data: bytes) -> None:
    assert read(tmp_path, name, data).columns == read(tmp_path, "plain.csv", CSV).columns


def test_a_huge_cell_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, "p.csv", b"id,text\n1," + b"x" * 400_000).columns["text"][0]) == 400_000


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("p.csv", b"", "p.csv: expected rows, got an empty file."),
        ("p.csv", b"\xef\xbb\xbf\n", "p.csv: expected rows, got an empty file."),
        ("p.csv", b"id,text\n", "p.csv: expected rows, got none."),
        ("p.json", b"[]", "p.json: expected rows, got none."),
        (
            "p.csv",
            b"id,text\n1,\xff\n",
            "p.csv:2 byte 10: expected UTF-8, got byte 0xff. Save the file as UTF-8.",
        ),
        ("p.csv", b"\xef\xbb\xbfid\n\xe9\n", "p.csv:2 byte 6: expected UTF-8, got byte 0xe9."),
        ("p.csv", "id,text\n1,a\n".encode("utf-16"), "p.csv: expected UTF-8, got UTF-16."),
        ("p.csv", b"id,text\n1,a\0b\n", "p.csv:2 byte 11: expected text, got a NUL byte. Take it out."),
        (
            "p.csv",
            b"id,text\n1,a,b\n",
            "p.csv:2 row 1: expected 2 cells, got 3. Quote cells that hold a comma.",
        ),
        ("p.tsv", b"id\ttext\n1\n", "p.tsv:2 row 1: expected 2 cells, got 1. Quote cells that hold a tab."),
        (
            "p.csv",
            b'id,text\n1,"a\n2,b\n',
            "p.csv:2 row 1: expected quotes in pairs, got: unexpected end of data.",
        ),
        ("p.csv", b"id,text,id\n1,a,2\n", "p.csv:1: expected each column once, got id again. Rename one."),
        (
            "p.jsonl",
            b'{"id": 1}\n{"id": \n',
            "p.jsonl:2 row 2: expected one JSON object, got expecting value at ",
        ),
        ("p.csv", b",id\n0,1\n", "p.csv:1: expected a name for each column, got none for column 1."),
        ("p.jsonl", b'{"id": 1}\n\n[1]\n', "p.jsonl:3 row 2: expected one JSON object, got "),
        (
            "p.jsonl",
            b"[" * 100_000,
            "p.jsonl:1 row 1: expected one JSON object, got a value that cannot be read",
        ),
        (
            "p.jsonl",
            b'{"\\ud83d": 1}',
            "p.jsonl: expected names of characters, got '\\ud83d', which holds half",
        ),
        ("p.jsonl", b'{"id": ' + b"1" * 5000 + b"}", "p.jsonl:1 row 1: expected one JSON object, got "),
        ("p.json", b'[{"id": 1},\n 2', "p.json:2: expected JSON, got "),
        ("p.json", b'{"rows": []}', 'p.json: expected a list of objects or {"data": [...]}'),
        ("p.json", b"[{}, 3]", "p.json row 2: expected an object with named values."),
        ("p.parquet", b"id,text\n", "p.parquet: expected a Parquet file, got: "),
        ("p.csv.gz", gzip.compress(CSV * 99, mtime=0)[:-9], "p.csv.gz: expected a whole .gz file, got "),
        ("p.csv.gz", CSV, "p.csv.gz: expected a whole .gz file, got Not a gzipped file"),
        ("p.csv.zst", zstandard.compress(CSV * 99)[:-9], "p.csv.zst: expected a whole .zst file, got "),
        ("p.csv.zst", CSV, "p.csv.zst: expected a whole .zst file, got "),
        ("p.xlsx", b"PK", 'p.xlsx: expected one of csv, tsv, json, jsonl, ndjson, parquet, got ".xlsx".'),
        (
            "p.gz",
            gzip.compress(CSV, mtime=0),
            'p.gz: expected one of csv, tsv, json, jsonl, ndjson, parquet, got "."',
        ),
    ],
)
def test_damaged_files(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    found = problems(tmp_path, name, data)
    assert found[0].startswith(expected)
    assert len(found) == 1


def test_faulty_rows_appear_together_up_to_five(tmp_path: Path) -> None:
    found = problems(tmp_path, "p.jsonl", b"x\n" * 9)
    assert [problem.split(": ")[0] for problem in found[:5]] == [f"p.jsonl:{i} row {i}" for i in range(1, 6)]
    assert found[5:] == ["p.jsonl: and 4 more of this kind."]


def sources(folder: Path, pattern: str) -> Any:
    return find_sources(str(folder / pattern), written=pattern, place="c.yaml:1 items.path")


def test_globs_are_read_in_order_of_names_with_places_by_file(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"id,text\n3,c\n")
    (tmp_path / "a.csv").write_bytes(b"text,id\na,1\nb,2\n")
    table = read_tables(sources(tmp_path, "*.csv"))
    assert table.columns == {"text": ["a", "b", "c"], "id": ["1", "2", "3"]}
    assert [table.place(i) for i in range(3)] == ["a.csv:2 row 1", "a.csv:3 row 2", "b.csv:2 row 1"]


def test_files_of_a_glob_must_have_the_same_columns(tmp_path: Path) -> None:
    for name, header in (("a", "id,text"), ("b", "id,txt"), ("c", "id,text,x")):
        (tmp_path / f"{name}.csv").write_text(f"{header}\n" + ",".join("1" for _ in header.split(",")))
    with pytest.raises(InputError) as caught:
        read_tables(sources(tmp_path, "*.csv"))
    assert list(caught.value.problems) == [
        "b.csv: expected the columns of a.csv, got them without text and also txt. Make them equal.",
        "c.csv: expected the columns of a.csv, got them also x. Make them equal.",
    ]


def test_faults_of_several_files_appear_together(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").touch()
    with pytest.raises(InputError) as caught:
        read_tables(sources(tmp_path, "?.csv"))
    assert [p.split(":")[0] for p in caught.value.problems] == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("pol.csv", 'c.yaml:1 items.path: expected a file, got "pol.csv". Did you mean pool.csv?'),
        ("other.json", 'expected a file, got "other.json". No such file in '),
        ("no/pool.csv", 'expected a file, got "no/pool.csv". The folder '),
        ("*.json", 'expected a file, got "*.json". No file matches; check the pattern.'),
        ("folder", 'expected files, got the folder "folder". Write folder/*.csv.'),
    ],
)
def test_paths_that_lead_nowhere(tmp_path: Path, pattern: str, expected: str) -> None:
    (tmp_path / "pool.csv").write_bytes(CSV)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as caught:
        sources(tmp_path, pattern)
    assert expected in str(caught.value)


@pytest.mark.parametrize("url", ["nosuch://x/p.csv", "memory://nowhere/p.csv"])
def test_addresses_that_lead_nowhere(url: str) -> None:
    with pytest.raises(InputError, match=r"items\.path: "):
        find_sources(url, written=url, place="items.path")


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    assert read(tmp_path, "pool[1].csv", CSV).name == "pool[1].csv"


def test_urls_are_read(tmp_path: Path) -> None:
    with fsspec.open("memory://bucket/a.csv.gz", "wb") as stream:
        stream.write(gzip.compress(CSV, mtime=0))
    for pattern in ("memory://bucket/a.csv.gz", "memory://bucket/*.csv.gz"):
        found = find_sources(pattern, written=pattern, place="items.path")
        assert read_table(found[0]).columns["id"] == ["007", "8", "9"]
        assert found[0].modified


def test_stamps_change_with_the_file_alone(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(CSV)
    before = sources(tmp_path, "p.csv")
    assert sources(tmp_path, "p.csv") == before
    (tmp_path / "p.csv").write_bytes(CSV + b"10,x\n")
    assert sources(tmp_path, "p.csv") != before


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7.0, "7"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (1e300, "1e+300"),
        (True, "true"),
        (2**70, str(2**70)),
        (float("inf"), "Infinity"),
    ],
)
def test_numbers_have_one_form(value: object, expected: str) -> None:
    assert json.dumps(json_value(value)) == expected
