from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.config import Config, load_config
from labeling.errors import InputError
from labeling.items import Items, gold_labels, item_sources, read_items, read_test, recorded_votes
from labeling.items.identity import content_digests, text_cluster
from labeling.items.tables import Gatherer
from labeling.types import digest_of

Row = dict[str, Any]
Project = Callable[..., Config]

ROWS: list[Row] = [
    {"id": "1", "text": "Buy now", "lang": "en", "lf_a": "SPAM", "lf_b": "SPAM", "label": "SPAM"},
    {"id": "2", "text": "buy  NOW", "lang": "en", "lf_a": None, "lf_b": None, "label": "SPAM"},
    {"id": "3", "text": "Buy now", "lang": "en", "lf_a": "HAM", "lf_b": None, "label": "HAM"},
    {"id": "4", "text": "Buy now", "lang": "de", "lf_a": "HAM", "lf_b": "HAM", "label": None},
    {"id": "5", "text": "Buy now", "lang": "en", "lf_a": "SPAM", "lf_b": "SPAM", "label": "SPAM"},
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Write rows as data/pool.jsonl and a config that reads them; options replace or add sections."""

    def project(rows: list[Row], **sections: Any) -> Config:
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data/pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        config = {
            "items": {"path": "data/pool.jsonl"},
            "gold": {"column": "label"},
            "labels": [{"name": "HAM"}, {"name": "SPAM"}],
            "voters": [{"columns": ["lf_*"]}],
            **sections,
        }
        path = tmp_path / "spam.yaml"
        path.write_text(json.dumps(config, indent=1))
        return load_config(path)

    return project


def problems(config: Config, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_items(config, **options)
    return [problem.replace(str(config.root) + "/", "") for problem in caught.value.problems]


def plain(*rows: Row) -> list[Row]:
    return [
        {"id": str(i), "text": f"t{i}", "lf_a": None, "label": None, **row} for i, row in enumerate(rows, 1)
    ]


def test_rows_of_equal_content_are_one_item(project: Project) -> None:
    items = read_items(project(ROWS))
    assert (len(items), items.n_rows) == (3, 5)
    assert items.row_ids.tolist() == ["1", "2", "3", "4", "5"]
    assert items.row_item.tolist() == [0, 1, 0, 2, 0]
    assert items.first_row.tolist() == [0, 1, 3]
    assert items.texts == ("Buy now", "buy  NOW", "Buy now")
    assert items.row_digests.tolist() == [items.digests[i] for i in items.row_item]
    assert [items.row_of_item(i) for i in range(3)] == ["1", "2", "4"]
    assert items.item_of_row("5") == 0
    with pytest.raises(InputError, match='no row has the id "6"'):
        items.item_of_row("6")


def test_content_is_all_but_id_votes_and_known_labels(project: Project) -> None:
    items = read_items(project(ROWS))
    assert list(items.fields) == ["text", "lang"]
    assert items.digests[0] == digest_of({"text": "Buy now", "lang": "en"})
    assert items.item(2).fields == {"text": "Buy now", "lang": "de"}
    assert items.item(2).digest == items.digests[2]
    assert [item.text for item in items] == list(items.texts)
    assert list(items.recorded) == ["lf_a", "lf_b"]
    assert list(items.held_out) == ["label"]
    assert "3 items in 5 rows of data/pool.jsonl; fields text, lang" in repr(items)


def test_equal_texts_share_an_audit_cluster(project: Project) -> None:
    assert len(set(read_items(project(ROWS)).clusters)) == 1
    assert text_cluster("Straße\u00a0１") == text_cluster(" STRASSE 1\n")
    assert text_cluster("a b") != text_cluster("ab")


@given(st.text())
def test_a_cluster_is_the_digest_of_the_normalised_text(text: str) -> None:
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    assert text_cluster(text) == digest_of(normal)


def test_items_are_grouped_by_cluster(project: Project) -> None:
    items = read_items(project(ROWS))
    names, unit = items.cluster_groups
    assert names.tolist() == sorted(set(items.clusters))
    np.testing.assert_array_equal(names[unit], items.clusters)


def test_chosen_fields_are_the_content(project: Project) -> None:
    items = read_items(project(ROWS, items={"path": "data/pool.jsonl", "fields": ["text"]}))
    assert list(items.fields) == ["text"]
    assert len(items) == 2


def test_private_fields_are_content_but_not_shown(project: Project) -> None:
    rows = plain({"mail": "a@b", "stars": 4.0, "tags": ["x"], "none": None})
    items = read_items(project(rows, items={"path": "data/pool.jsonl", "private": ["mail"]}))
    assert items.public_fields == ("text", "stars", "tags", "none")
    assert items.item(0)["mail"] == "a@b"
    assert items.shown(0) == {"text": "t1", "stars": "4", "tags": '["x"]'}


def test_ids_are_text(project: Project) -> None:
    rows = plain({"id": "007"}, {"id": 7}, {"id": 8.0})
    assert read_items(project(rows)).row_ids.tolist() == ["007", "7", "8"]


def test_digest_of_the_whole_knows_votes_labels_and_ids(project: Project) -> None:
    digest = read_items(project(ROWS)).digest
    assert read_items(project(ROWS)).digest == digest
    for change in ({"id": "9"}, {"text": "x"}, {"lf_a": None}, {"label": None}):
        assert read_items(project([{**ROWS[0], **change}, *ROWS[1:]])).digest != digest


def test_sources_are_found_without_reading(project: Project) -> None:
    config = project(ROWS)
    assert item_sources(config) == read_items(config).source


def test_the_held_out_file_needs_neither_votes_nor_gold(project: Project, tmp_path: Path) -> None:
    config = project(ROWS, test={"path": "data/test.csv", "column": "truth"})
    (tmp_path / "data/test.csv").write_text("id,text,lang,truth\n1,Buy now,en,SPAM\n")
    test = read_test(config)
    assert test.recorded == {}
    assert test.digests[0] == read_items(config).digests[0]
    assert gold_labels(test, "truth", config.schema).labels.tolist() == [1]
    (tmp_path / "data/test.csv").write_text("id,text,lang\n1,Buy now,en\n")
    with pytest.raises(InputError, match=r'test.column: expected a column of data/test.csv, got "truth"'):
        read_test(config)
    with pytest.raises(InputError, match="expected test: "):
        read_test(project(ROWS))


def test_no_voter_sees_the_columns_of_known_labels(project: Project) -> None:
    rows = [{**row, "truth": "HAM", "second": "SPAM"} for row in ROWS]
    config = project(rows, test={"path": "data/test.csv", "column": "truth"})
    items = read_items(config, held_out=["second"])
    assert list(items.fields) == ["text", "lang"]
    assert list(items.held_out) == ["label", "truth", "second"]
    assert items.digests.tolist() == read_items(project(ROWS)).digests.tolist()


def test_recorded_votes_that_disagree_abstain(project: Project) -> None:
    config = project(ROWS)
    votes = recorded_votes(read_items(config), config)
    assert {name: codes.tolist() for name, codes in votes.codes.items()} == {
        "lf_a": [-1, -1, 0],
        "lf_b": [1, -1, 0],
    }
    assert votes.conflicts == {"lf_a": 1, "lf_b": 0}
    assert all(codes.dtype == np.int8 for codes in votes.codes.values())


def test_known_labels_are_the_majority_or_none(project: Project) -> None:
    config = project(ROWS)
    known = gold_labels(read_items(config), "label", config.schema)
    assert known.labels.tolist() == [1, 1, -1]
    assert known.rows.tolist() == [1, 1, 0, -1, 1]
    assert known.conflicts == 1
    tied = project([ROWS[0], ROWS[2]])
    known = gold_labels(read_items(tied), "label", config.schema)
    assert (known.labels.tolist(), known.conflicts) == ([-1], 1)
    with pytest.raises(
        InputError, match=r'expected a column of known labels, got "labl". Did you mean label\?'
    ):
        gold_labels(read_items(config), "labl", config.schema)


def test_class_names_that_are_none(project: Project) -> None:
    rows = plain(
        {"lf_a": "Spam"}, {"lf_a": "Spam"}, {"lf_a": -1}, {"lf_a": "q", "label": "x"}, {"lf_a": True}
    )
    config = project(rows)
    items = read_items(config)
    with pytest.raises(InputError) as caught:
        recorded_votes(items, config)
    assert [problem.replace("data/pool.jsonl:", "") for problem in caught.value.problems] == [
        '1 row 1 lf_a: expected a class or nothing, got "Spam" in 2 rows. Did you mean SPAM?',
        '3 row 3 lf_a: expected a class or nothing, got "-1". An abstention is an empty cell.',
        '4 row 4 lf_a: expected a class or nothing, got "q". The classes are HAM, SPAM.',
        '5 row 5 lf_a: expected a class or nothing, got "true". The classes are HAM, SPAM.',
    ]
    with pytest.raises(InputError, match="row 4 label: expected a class or nothing"):
        gold_labels(items, "label", config.schema)


def test_many_names_that_are_no_classes_are_cut_short(project: Project) -> None:
    config = project(plain(*({"lf_a": f"other{i}"} for i in range(9))))
    with pytest.raises(InputError) as caught:
        recorded_votes(read_items(config), config)
    assert len(caught.value.problems) == 6
    assert caught.value.problems[5] == "lf_a: and 4 more names that are no classes."


def test_numbers_are_class_names_where_the_config_says_so(project: Project) -> None:
    config = project(plain({"lf_a": 1}, {"lf_a": 0.0}), labels=[{"name": "0"}, {"name": "1"}])
    assert recorded_votes(read_items(config), config).codes["lf_a"].tolist() == [1, 0]


def test_all_missing_columns_appear_together_at_their_lines(project: Project) -> None:
    config = project(
        [{"key": "1", "txt": "a"}],
        items={"path": "data/pool.jsonl", "id": "kee", "fields": ["text", "lang"], "private": ["mail"]},
        slices={"german": {"where": "language == 'de'"}},
        voters=[{"columns": ["lf_*"]}],
    )
    found = problems(config, held_out=["truth"])
    assert found[0] == (
        'spam.yaml:4 items.id: expected a column of data/pool.jsonl, got "kee". '
        "It has key, txt. Did you mean key?"
    )
    for place in (
        "items.text: ",
        "items.fields[0]: ",
        "items.fields[1]: ",
        "items.private[0]: ",
        "gold.column: ",
    ):
        assert any(place in problem for problem in found), place
    assert any('slices.german.where: expected columns of data/pool.jsonl, got "language"' in p for p in found)
    assert any(
        p.startswith('data/pool.jsonl: expected a column of data/pool.jsonl, got "truth"') for p in found
    )
    assert any(
        'voters[0].columns[0]: expected a column of recorded votes, none matches "lf_*"' in p for p in found
    )


def test_slices_and_fields_may_not_read_votes_or_labels(project: Project) -> None:
    config = project(
        ROWS,
        items={"path": "data/pool.jsonl", "fields": ["text", "lf_a"]},
        slices={"a": {"where": "label == 'SPAM'"}},
    )
    found = problems(config)
    assert any(
        "items.fields: expected columns that are neither votes nor known labels, got lf_a." in p
        for p in found
    )
    assert any("slices.a.where: expected columns of the content, got label." in p for p in found)


def test_a_wrong_separator_is_recognised(project: Project, tmp_path: Path) -> None:
    config = project(ROWS, items={"path": "data/pool.csv"})
    (tmp_path / "data/pool.csv").write_text("id;text\n1;a\n")
    assert "Its only column is 'id;text': separate columns by commas" in problems(config)[0]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {"id": "1"},
            'row 2 id: expected an id of its own, got "1" as in data/pool.jsonl:1 row 1. Give one of them',
        ),
        ({"id": 1}, 'row 2 id: expected an id of its own, got "1" as in data/pool.jsonl:1 row 1.'),
        ({"id": ""}, "row 2 id: expected an id, got nothing. Give the row an id of its own."),
        ({"id": " "}, "row 2 id: expected an id, got ' '."),
        ({"id": [1]}, "row 2 id: expected an id, got [1]."),
        ({"text": None}, "row 2 text: expected text, got nothing. Fill it in or take the row out."),
        ({"text": " \n"}, "row 2 text: expected text, got nothing."),
        ({"text": ["a"]}, "row 2 text: expected text, got a list or object. Write it out as text."),
        (
            {"text": "a\ud83d"},
            "row 2 text: expected characters, got NUL or half of a surrogate pair. Take it out.",
        ),
        ({"text": "a\0"}, "row 2 text: expected characters, got NUL or half of a surrogate pair."),
        ({"more": "\ud83d"}, "row 2 more: expected characters, got NUL or half of a surrogate pair."),
    ],
)
def test_rows_that_cannot_be_labelled(project: Project, row: Row, expected: str) -> None:
    found = problems(project(plain({}, row)))
    assert len(found) == 1
    assert found[0].startswith(f"data/pool.jsonl:2 {expected}")


def test_faults_of_rows_are_shown_up_to_five_of_a_kind(project: Project) -> None:
    found = problems(project(plain(*({"id": "1", "text": None} for _ in range(8)))))
    assert sum("id of its own, got" in problem for problem in found) == 5
    assert sum("text: expected text" in problem for problem in found) == 5
    assert found[5] == "data/pool.jsonl: and 2 more of this kind."
    assert found[-1] == "data/pool.jsonl: and 3 more of this kind."


def test_a_missing_file_is_named_at_its_line(project: Project) -> None:
    assert problems(project(ROWS, items={"path": "data/pol.jsonl"})) == [
        'spam.yaml:3 items.path: expected a file, got "data/pol.jsonl". Did you mean pool.jsonl?'
    ]


names = st.text("abcä", min_size=1, max_size=3)
values = st.one_of(st.none(), st.integers(-5, 5), st.text("xyÜ", max_size=3), st.booleans())


@given(st.dictionaries(names, values, min_size=1), st.randoms())
def test_an_items_id_ignores_key_order_and_missing_values(row: Row, random: Any) -> None:
    keys = list(row)
    random.shuffle(keys)
    shuffled = {key: [row[key]] for key in keys if row[key] is not None}
    found = content_digests(columns({**shuffled, "new": [None]}))
    assert found == content_digests(columns({k: [v] for k, v in row.items()}))


def columns(values: dict[str, list[Any]]) -> pa.Table:
    """Give JSON values as a table."""
    gatherer = Gatherer("p")
    gatherer.add(values, len(next(iter(values.values()))))
    return gatherer.table()


cells = st.one_of(
    st.just(""), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
)
texts = cells.filter(str.strip)


@given(rows=st.lists(st.tuples(texts, cells), min_size=1, max_size=8))
def test_formats_give_the_same_items(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("formats")
    frame = pd.DataFrame([{"id": f"{i:03}", "text": t, "more": m} for i, (t, m) in enumerate(rows)])
    written = io.StringIO()
    csv.writer(written).writerows([list(frame), *frame.to_numpy().tolist()])
    (folder / "p.csv").write_text(written.getvalue(), newline="")
    (folder / "p.jsonl").write_text("\n".join(json.dumps(row) for row in frame.to_dict("records")))
    frame.to_parquet(folder / "p.parquet")
    read = [read_format(folder, f"p.{suffix}") for suffix in ("csv", "jsonl", "parquet")]
    assert len({items.digest for items in read}) == 1
    assert len(read[0]) == len(set(rows))


def read_format(folder: Path, name: str) -> Items:
    config = folder / "c.yaml"
    labels = "labels: [{name: A}, {name: B}]\nvoters: [{functions: f.py}]\n"
    config.write_text(f"items: {{path: {name}}}\n{labels}")
    return read_items(load_config(config))
