"""Items without some rows are what a file without them would be read as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.config import load_config
from labeling.items import Items, read_items

TEXTS = ("a", "b", "c")
ROWS = st.lists(st.tuples(st.sampled_from(TEXTS), st.booleans()), min_size=2, max_size=8).filter(
    lambda rows: any(not gone for _, gone in rows)
)


def read(folder: Path, *files: list[dict[str, Any]]) -> Items:
    for i, rows in enumerate(files):
        (folder / f"pool-{i}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "spam.yaml").write_text(
        json.dumps(
            {
                "items": {"path": "pool-*.jsonl"},
                "gold": {"column": "label"},
                "labels": [{"name": "HAM"}, {"name": "SPAM"}],
                "voters": [{"columns": ["lf_*"]}],
            }
        )
    )
    return read_items(load_config(folder / "spam.yaml"))


def row(i: int, text: str) -> dict[str, Any]:
    return {"id": f"r{i}", "text": text, "lf_a": "HAM" if i % 2 else "SPAM", "label": "SPAM"}


@given(ROWS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_if_the_rows_were_not_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, bool]]
) -> None:
    folder, other = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("part")
    whole = read(folder, [row(i, text) for i, (text, _) in enumerate(rows)])
    part = read(other, [row(i, text) for i, (text, gone) in enumerate(rows) if not gone])
    found = whole.without(np.array([gone for _, gone in rows]))
    assert found.digest == part.digest
    assert found.row_ids.tolist() == part.row_ids.tolist()
    assert found.digests.tolist() == part.digests.tolist()
    assert found.row_item.tolist() == part.row_item.tolist()
    assert found.texts == part.texts


def test_places_stay_those_of_the_file(tmp_path: Path) -> None:
    whole = read(tmp_path, [row(0, "a"), row(1, "b")], [row(2, "c"), row(3, "a")])
    found = whole.without(np.array([True, False, True, False]))
    assert [found.place(i).split(" ")[0] for i in range(2)] == ["pool-0.jsonl:2", "pool-1.jsonl:2"]


def test_nothing_to_leave_out_is_the_same(tmp_path: Path) -> None:
    whole = read(tmp_path, [row(0, "a")])
    assert whole.without(np.zeros(1, dtype=bool)) is whole
