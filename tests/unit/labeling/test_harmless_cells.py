from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.export import FORMULA, WRITERS, harmless


@given(st.lists(st.one_of(st.text(max_size=5), st.none()), min_size=1, max_size=5))
def test_no_cell_begins_a_formula_and_others_stay(cells: list[str | None]) -> None:
    found = harmless(pd.DataFrame({"id": pd.Series(cells, dtype=object), "p": -1.5}))
    for before, after in zip(cells, found["id"], strict=True):
        if before is not None and before.startswith(FORMULA):
            assert after == f"'{before}"
        else:
            assert after == before or (before is None and pd.isna(after))
    assert (found["p"] == -1.5).all()


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_only_what_spreadsheets_open_is_changed(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"labels{ending}"
    WRITERS[ending](pd.DataFrame({"id": ["=HYPERLINK(1)", "r1"]}), path)
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet}.get(
        ending, lambda p: pd.read_json(p, lines=True)
    )
    expected = "'=HYPERLINK(1)" if ending == ".csv" else "=HYPERLINK(1)"
    assert read(path)["id"].tolist() == [expected, "r1"]
