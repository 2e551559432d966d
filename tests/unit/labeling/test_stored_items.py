from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labeling.app import open_project
from labeling.errors import InputError
from labeling.items import Items, gold_labels, read_items, recorded_votes
from labeling.pool import stored
from labeling.pool.stored import locate_items, stored_items
from labeling.project import Project

Row = dict[str, Any]

ROWS: list[Row] = [
    {"id": "1", "text": "a", "stars": 4.5, "tags": ["x"], "mixed": 1, "lf_a": "SPAM", "label": "HAM"},
    {"id": 2, "text": "b", "stars": 2, "tags": None, "mixed": "1", "lf_a": None, "label": True},
    {"id": "3", "text": "a", "stars": 4.5, "tags": ["x"], "mixed": 1, "lf_a": 1, "label": None},
]
LABELS = [{"name": "HAM"}, {"name": "SPAM"}, {"name": "1"}, {"name": "true"}]


def write_rows(folder: Path, rows: list[Row]) -> None:
    (folder / "pool.jsonl").write_text("\n".join(json.dumps(row) + "\n" for row in rows))


def project_in(folder: Path, *, rescan: bool = False, **sections: Any) -> Project:
    config = {
        "items": {"path": "pool.jsonl", "private": ["tags"]},
        "gold": {"column": "label"},
        "labels": LABELS,
        "voters": [{"columns": ["lf_*"]}],
        **sections,
    }
    (folder / "spam.yaml").write_text(json.dumps(config))
    return open_project(str(folder / "spam.yaml"), rescan=rescan)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_rows(tmp_path, ROWS)
    return project_in(tmp_path)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was read, in order: "parsed", and the names of digested files."""
    seen: list[str] = []

    def spy(name: str, note: Callable[..., str]) -> None:
        real = getattr(stored, name)

        def spied(*args: Any, **kwargs: Any) -> Any:
            seen.append(note(*args))
            return real(*args, **kwargs)

        monkeypatch.setattr(stored, name, spied)

    spy("read_items", lambda config: "parsed")
    spy("source_digest", lambda source: str(source.name))
    return seen


def told(items: Items) -> dict[str, Any]:
    """All that items tell, in plain values."""
    return {
        "ids": items.row_ids.tolist(),
        "row_item": items.row_item.tolist(),
        "first_row": items.first_row.tolist(),
        "digests": items.digests.tolist(),
        "row_digests": items.row_digests.tolist(),
        "fields": items.fields.to_dict("records"),
        "schema": items.content.schema.to_string(),
        "texts": items.texts,
        "clusters": items.clusters.tolist(),
        "recorded": {name: values.tolist() for name, values in items.recorded.items()},
        "held_out": {name: values.tolist() for name, values in items.held_out.items()},
        "digest": items.digest,
        "source": items.source,
        "public": items.public_fields,
        "places": [items.place(row) for row in range(items.n_rows)],
        "shown": [items.shown(i) for i in range(len(items))],
        "items": list(items),
    }


def test_what_is_stored_is_what_was_read(project: Project) -> None:
    expected = told(read_items(project.config))
    assert told(stored_items(project)) == expected
    assert expected["places"] == [f"pool.jsonl:{line} row {row}" for row, line in ((1, 1), (2, 3), (3, 5))]
    assert expected["fields"][1] == {"text": "b", "stars": 2, "tags": None, "mixed": "1"}


def test_cells_of_json_stay_values(project: Project) -> None:
    items = stored_items(project)
    assert recorded_votes(items, project.config).codes["lf_a"].tolist() == [-1, -1]
    assert gold_labels(items, "label", project.schema).rows.tolist() == [0, 3, -1]


def test_an_unchanged_source_is_not_read_again(project: Project, reads: list[str]) -> None:
    stored_items(project)
    assert reads == ["pool.jsonl", "parsed"]
    stored_items(project)
    assert reads == ["pool.jsonl", "parsed"]


def test_a_source_with_a_new_time_is_digested_once(project: Project, reads: list[str]) -> None:
    before = locate_items(project)
    path = Path(project.config.resolve("pool.jsonl"))
    os.utime(path, (1, 1))
    reads.clear()
    after = locate_items(project)
    assert after.digest == before.digest
    assert after.rows.meta["sources"] != before.rows.meta["sources"]
    locate_items(project)
    assert reads == ["pool.jsonl"]


def test_rescan_digests_though_the_stamps_are_the_same(project: Project, reads: list[str]) -> None:
    path = Path(project.config.resolve("pool.jsonl"))
    stored_items(project)
    stamp = path.stat()
    path.write_text(path.read_text().replace('"b"', '"c"'))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert stored_items(project).texts == ("a", "b")
    reads.clear()
    assert stored_items(replace(project, rescan=True)).texts == ("a", "c")
    assert reads == ["pool.jsonl", "pool.jsonl", "parsed"]


def test_an_edited_source_is_read_anew(project: Project, tmp_path: Path) -> None:
    before = locate_items(project).digest
    write_rows(tmp_path, [*ROWS, {**ROWS[0], "id": "4", "text": "new"}])
    assert stored_items(project).texts == ("a", "b", "new")
    assert locate_items(project).digest != before


@pytest.mark.parametrize(
    "section",
    [
        {"items": {"path": "pool.jsonl", "fields": ["text"]}},
        {"items": {"path": "pool.jsonl", "private": ["tags"], "text": "mixed"}},
        {"gold": None},
        {"gold": {"column": "stars"}},
        {"voters": [{"columns": ["lf_*", "mixed"]}]},
        {"test": {"path": "test.jsonl", "column": "mixed"}},
    ],
)
def test_other_parts_of_columns_are_read_anew(
    project: Project, tmp_path: Path, section: dict[str, Any]
) -> None:
    before = locate_items(project).digest
    changed = project_in(tmp_path, **section)
    assert told(stored_items(changed)) == told(read_items(changed.config))
    assert locate_items(changed).digest != before


def test_a_slice_of_a_column_that_is_not_there_is_found(project: Project, tmp_path: Path) -> None:
    stored_items(project)
    with pytest.raises(InputError, match=r"slices\.german\.where"):
        stored_items(project_in(tmp_path, slices={"german": {"where": "language == 'de'"}}))


def test_columns_held_out_beside_the_configs_are_kept_apart(project: Project, reads: list[str]) -> None:
    for _ in range(2):
        assert list(stored_items(project, held_out=("stars",)).held_out) == ["stars", "label"]
        assert list(stored_items(project).held_out) == ["label"]
    assert reads.count("parsed") == 2


def test_a_damaged_artifact_is_mended_from_the_source(project: Project, reads: list[str]) -> None:
    expected = told(stored_items(project))
    for kind in ("rows", "items"):
        [file] = Path(project.artifacts.root, kind).glob("*.parquet")
        file.write_bytes(b"?")
    assert told(stored_items(project)) == expected
    for kind in ("rows", "items"):
        [file] = Path(project.artifacts.root, kind).glob("*.parquet")
        file.unlink()
    assert told(stored_items(project)) == expected
    assert reads.count("parsed") == 3


def test_rows_without_lines_and_of_several_files_keep_their_places(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ROWS[:1]))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(json.dumps(ROWS[1]).encode()))
    project = project_in(tmp_path, items={"path": "[ab].json*"})
    for items in (read_items(project.config), stored_items(project)):
        assert [items.place(row) for row in range(2)] == ["a.json row 1", "b.jsonl.gz:1 row 1"]


def test_a_file_more_is_another_source(tmp_path: Path, reads: list[str]) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(ROWS[0]))
    project = project_in(tmp_path, items={"path": "*.jsonl"})
    stored_items(project)
    (tmp_path / "b.jsonl").write_text(json.dumps(ROWS[1]))
    assert stored_items(project).row_ids.tolist() == ["1", "2"]
    assert reads.count("parsed") == 2


def test_equal_values_of_other_kinds_share_a_file_but_not_their_kind(tmp_path: Path) -> None:
    def fields(value: Any, other: Any) -> list[Row]:
        (tmp_path / "pool.jsonl").write_text(
            "".join(
                json.dumps({"id": i, "text": t, "x": v, "lf_a": None, "label": None}) + "\n"
                for i, t, v in (("1", "a", value), ("2", "b", other))
            )
        )
        return stored_items(project_in(tmp_path, items={"path": "pool.jsonl"})).fields.to_dict("records")

    assert [row["x"] for row in fields("1", "true")] == ["1", "true"]
    assert [row["x"] for row in fields(1, True)] == [1, True]
