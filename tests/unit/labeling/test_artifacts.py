from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeling.artifacts import (
    Artifacts,
    _fixed_width,
    _variable_width,
    array_of,
    content_digest,
    vectors_of,
)
from labeling.errors import QuorumError
from labeling.store import manifest, open_store

TABLE = pa.table({"digest": ["a", "b", "c"], "vote": pa.array([0, -1, 1], pa.int8())})
words = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
COLUMNS = {
    pa.int8(): st.none() | st.integers(-1, 126),
    pa.bool_(): st.none() | st.booleans(),
    pa.float32(): st.none() | st.floats(width=32),
    pa.string(): words,
    pa.large_string(): words,
    pa.binary(): st.none() | st.binary(max_size=4),
    pa.list_(pa.string()): st.none() | st.lists(words, max_size=3),
    pa.list_(pa.float32(), 2): st.none() | st.lists(st.floats(width=32), min_size=2, max_size=2),
    pa.struct([("a", pa.int64()), ("b", pa.list_(pa.bool_()))]): st.none()
    | st.fixed_dictionaries({"a": st.integers(0, 9), "b": st.none() | st.lists(st.booleans(), max_size=2)}),
    pa.dictionary(pa.int8(), pa.string()): words,
    pa.timestamp("s", "UTC"): st.none() | st.datetimes(timezones=st.just(datetime.UTC)),
    pa.date64(): st.none() | st.dates(datetime.date(1970, 1, 2)),
    pa.time32("s"): st.none() | st.times().map(lambda t: t.replace(microsecond=0)),
    pa.decimal128(5, 2): st.none() | st.decimals(-9, 9, places=2),
    pa.null(): st.none(),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 6))
    kinds = draw(st.lists(st.sampled_from(list(COLUMNS)), max_size=4))
    columns = [pa.array(draw(st.lists(COLUMNS[k], min_size=rows, max_size=rows)), k) for k in kinds]
    return pa.table(columns, names=[f"c{i}" for i in range(len(columns))])


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(str(tmp_path / "artifacts"))


@pytest.fixture(params=["folder", "memory"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Artifacts:
    return Artifacts(str(tmp_path / "a") if request.param == "folder" else f"memory://{uuid4().hex}/a")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Artifacts]:
    return Artifacts(str(tmp_path_factory.mktemp("artifacts")))


def _path(artifacts: Artifacts, entry: manifest.ManifestEntry) -> Path:
    return Path(artifacts.root) / entry.path


def test_a_table_comes_back(anywhere: Artifacts) -> None:
    entry = anywhere.write("votes", TABLE, key="0/keyword", meta={"voter": "keyword"})
    assert anywhere.read(entry).equals(TABLE)
    assert (entry.kind, entry.key, entry.rows, entry.meta) == ("votes", "0/keyword", 3, {"voter": "keyword"})
    assert entry.path == f"votes/{entry.digest}.parquet"


@settings(max_examples=80, deadline=None)
@given(table=tables())
def test_any_table_comes_back(shared: Artifacts, table: pa.Table) -> None:
    entry = shared.write("any", table, key="k")
    read = shared.read(entry)
    assert content_digest(read) == entry.digest
    assert read.num_rows == table.num_rows or table.num_columns == 0
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        assert str(read.column(name).cast(kind).to_pylist()) == str(table.column(name).to_pylist())


@settings(max_examples=80, deadline=None)
@given(table=tables(), cut=st.integers(0, 6))
def test_a_digest_ignores_chunks_and_offsets(table: pa.Table, cut: int) -> None:
    padded = pa.concat_tables([table, table])
    halves = pa.concat_tables([table.slice(0, cut), table.slice(cut)])
    assert content_digest(halves) == content_digest(table)
    assert content_digest(padded.slice(table.num_rows)) == content_digest(table)
    assert content_digest(padded.combine_chunks().slice(table.num_rows)) == content_digest(table)


def test_bytes_are_those_of_the_slice_alone() -> None:
    numbers, texts = pa.array([1, 2, 3], pa.int16())[1:2], pa.array(["a", "bc", "d"])[1:2]
    assert bytes(_fixed_width(numbers)) == b"\2\0"
    assert bytes(_variable_width(texts, np.dtype(np.int32))) == b"bc"


def test_a_digest_ignores_values_that_are_null_and_metadata() -> None:
    validity = pa.py_buffer(bytes([0b101]))
    one, other = (
        pa.Array.from_buffers(pa.int8(), 3, [validity, pa.py_buffer(bytes([1, hidden, 3]))])
        for hidden in (7, 8)
    )
    table = pa.table({"c": one})
    assert content_digest(table) == content_digest(pa.table({"c": other}))
    assert content_digest(table) == content_digest(table.replace_schema_metadata({"tool": "1.0"}))


def test_a_digest_does_not_depend_on_the_batches_of_digesting(monkeypatch: pytest.MonkeyPatch) -> None:
    long = pa.table({"c": range(1000)})
    chunked = pa.concat_tables([long[:300], long[300:]])
    monkeypatch.setattr("labeling.artifacts.BATCH", 64)
    assert content_digest(long) == content_digest(chunked)


@pytest.mark.parametrize(
    "other",
    [
        pa.table({"digest": ["a", "b", "c"], "vote": pa.array([0, -1, 0], pa.int8())}),
        pa.table({"digest": ["a", "b", "c"], "vote": pa.array([0, None, 1], pa.int8())}),
        pa.table({"digest": ["a", "b", "c"], "vote": pa.array([0, -1, 1], pa.int16())}),
        pa.table({"digest": ["ab", "", "c"], "vote": pa.array([0, -1, 1], pa.int8())}),
        pa.table({"digest": ["a", "b", "c"], "votes": pa.array([0, -1, 1], pa.int8())}),
        TABLE.select(["vote", "digest"]),
        TABLE[:2],
        TABLE[:0],
    ],
)
def test_a_digest_differs_where_the_content_does(other: pa.Table) -> None:
    assert content_digest(other) != content_digest(TABLE)


def test_lists_that_join_to_the_same_differ() -> None:
    one, other = pa.table({"c": [["a"], ["b"]]}), pa.table({"c": [["a", "b"], []]})
    assert content_digest(one) != content_digest(other)


def test_a_digest_stays_the_same_over_versions() -> None:
    assert content_digest(TABLE) == "db3de93b4fcfe8a99a730085e1166ec3"


def test_a_type_that_cannot_be_stored_is_named() -> None:
    with pytest.raises(TypeError, match="map<string, int32"):
        content_digest(pa.table({"c": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32()))}))


def test_an_artifact_that_is_there_is_not_written_again(artifacts: Artifacts) -> None:
    path = _path(artifacts, artifacts.write("votes", TABLE, key="k"))
    before = path.stat()
    artifacts.write("votes", pa.concat_tables([TABLE[:1], TABLE[1:]]), key="another key")
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_file_is_named_with_a_remedy(anywhere: Artifacts) -> None:
    entry = anywhere.write("votes", TABLE, key="k")
    anywhere.remove([entry.path])
    with pytest.raises(QuorumError, match=rf"{entry.path}: the file of votes 'k' is missing. Restore it"):
        anywhere.read(entry)


@pytest.mark.parametrize("place", [4, 10, 40, -60, -1])
def test_a_damaged_file_is_found_and_mended_by_writing_again(artifacts: Artifacts, place: int) -> None:
    entry = artifacts.write("votes", TABLE, key="k")
    path = _path(artifacts, entry)
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(QuorumError, match="damaged"):
        artifacts.read(entry)
    artifacts.write("votes", TABLE, key="k")
    assert artifacts.read(entry).equals(TABLE)


@pytest.mark.parametrize("size", [0, 3, 100])
def test_a_file_cut_short_is_found(artifacts: Artifacts, size: int) -> None:
    entry = artifacts.write("votes", TABLE, key="k")
    os.truncate(_path(artifacts, entry), size)
    with pytest.raises(QuorumError, match="damaged"):
        artifacts.read(entry)


def test_another_content_under_the_name_is_found(artifacts: Artifacts) -> None:
    entry = artifacts.write("votes", TABLE, key="k")
    other = artifacts.write("votes", TABLE[:2], key="j")
    _path(artifacts, other).replace(_path(artifacts, entry))
    with pytest.raises(QuorumError, match="another digest"):
        artifacts.read(entry)


@pytest.mark.parametrize("kind", ["", "a/b", "..", "a b"])
def test_a_kind_is_one_folder(artifacts: Artifacts, kind: str) -> None:
    with pytest.raises(ValueError, match="kind is"):
        artifacts.write(kind, TABLE, key="k")


def test_a_crash_between_file_and_manifest_leaves_a_valid_store(tmp_path: Path) -> None:
    artifacts, url = Artifacts(str(tmp_path)), f"sqlite:///{tmp_path}/state.db"
    store = open_store(url)

    def crash() -> None:
        with store.write() as tx:
            manifest.record(tx, artifacts.write("votes", TABLE, key="k"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    with store.read() as tx:
        assert manifest.find(tx, "votes", "k") is None
        assert artifacts.garbage(manifest.entries(tx)) == [f"votes/{content_digest(TABLE)}.parquet"]
    with store.write() as tx:
        manifest.record(tx, artifacts.write("votes", TABLE, key="k"))
    with store.read() as tx:
        assert artifacts.garbage(manifest.entries(tx)) == []
        assert artifacts.read(manifest.entries(tx)[0]).equals(TABLE)
    store.close()


def test_a_crash_while_writing_leaves_no_file_of_that_name(
    artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("labeling.artifacts.os.fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        artifacts.write("votes", TABLE, key="k")
    monkeypatch.undo()
    (unfinished,) = artifacts.garbage([])
    assert unfinished.endswith(".tmp")
    entry = artifacts.write("votes", TABLE, key="k")
    artifacts.remove(artifacts.garbage([entry]))
    assert artifacts.garbage([entry]) == []
    assert artifacts.read(entry).equals(TABLE)


def test_garbage_is_what_no_entry_names(anywhere: Artifacts) -> None:
    assert anywhere.garbage([]) == []
    kept = anywhere.write("votes", TABLE, key="k")
    gone = anywhere.write("items", TABLE[:1], key="k")
    assert anywhere.garbage([kept]) == [gone.path]
    anywhere.remove([gone.path])
    anywhere.remove([gone.path])
    assert anywhere.garbage([kept]) == []
    assert anywhere.garbage([replace(kept, path="x")]) == [kept.path]


def test_files_of_others_are_no_garbage(artifacts: Artifacts) -> None:
    entry = artifacts.write("votes", TABLE, key="k")
    root = Path(artifacts.root)
    for name in ("state.db", "votes/mine.parquet", f"votes/deep/{'0' * 32}.parquet"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("")
    assert artifacts.garbage([]) == [entry.path]


@settings(max_examples=40, deadline=None)
@given(array=hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1)))
def test_any_array_comes_back(shared: Artifacts, array: np.ndarray) -> None:
    read = array_of(shared.read(shared.write("features", pa.table({"v": vectors_of(array)}), key="k"))["v"])
    assert read.dtype == np.float32
    assert read.tobytes() == array.tobytes()
    assert read.shape == array.shape


def test_an_array_may_have_no_rows_or_be_a_view(artifacts: Artifacts) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    for part in (array[:0], array[:, ::2], array.T):
        table = pa.table({"v": vectors_of(part)})
        read = array_of(artifacts.read(artifacts.write("features", table, key="k"))["v"])
        np.testing.assert_array_equal(read, part)
        read += 1


def test_an_array_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="float64"):
        vectors_of(np.zeros((2, 2)))  # type: ignore[arg-type]
