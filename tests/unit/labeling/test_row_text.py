from pathlib import Path
from typing import Any

import pytest

from labeling.config import load_config
from labeling.errors import InputError
from labeling.items import Items, read_items
from labeling.items.row_text import written

CONFIG = """
items: {{path: pool.csv, id: id, text: null{more}}}
gold: {{column: label, use: score}}
labels: [{{name: A}}, {{name: B}}]
voters: [{{columns: [lf_*]}}]
learner: {{fields: [{fields}]}}
"""
ROWS = "id,age,plan,label,lf_a,secret\n1,41,free,A,A,x\n2,,pro,B,,y\n3,41,free,A,A,x\n"


def items(folder: Path, *, rows: str = ROWS, more: str = "", fields: str = "age") -> Items:
    (folder / "pool.csv").write_text(rows)
    (folder / "c.yaml").write_text(CONFIG.format(more=more, fields=fields))
    return read_items(load_config(folder / "c.yaml"))


def test_public_fields_are_written_out(tmp_path: Path) -> None:
    read = items(tmp_path, more=", private: [secret]")
    assert read.text_field == "row_text"
    assert read.texts == ("age: 41\nplan: free", "plan: pro")
    assert read.row_item.tolist() == [0, 1, 0]
    assert "secret" not in read.public_fields
    assert read.item(1).text == "plan: pro"
    assert read.item(1).secret == "y"


def test_chosen_fields_make_the_text(tmp_path: Path) -> None:
    read = items(tmp_path, more=", fields: [plan, age]")
    assert read.texts[0] == "plan: free\nage: 41"


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ({"a": 1, "b": None, "c": "x"}, "a: 1\nc: x"),
        ({"a": True, "b": ["é"], "c": 1.5}, 'a: true\nb: ["é"]\nc: 1.5'),
        ({"a": None}, ""),
    ],
)
def test_writing_out(cells: dict[str, Any], text: str) -> None:
    assert written(cells) == text


def test_a_row_that_shows_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"row 2 row_text: expected text, got nothing"):
        items(tmp_path, rows="id,age,label,lf_a\n1,4,A,A\n2,,B,\n")


def test_fields_of_the_learner_are_columns_of_the_content(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"learner.fields\[0\]: expected a column of pool.csv"):
        items(tmp_path, fields="agee")
    with pytest.raises(InputError, match=r"learner.fields: expected columns of the content, got label"):
        items(tmp_path, fields="label")
    with pytest.raises(InputError, match=r"expected no column row_text"):
        items(tmp_path, rows=ROWS.replace("plan", "row_text"))
