"""The feature space over the life of a project: fitted once, kept, grown into, outgrown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from active.features import embeddings
from active.features import space as spaces
from active.features.text import TfidfText
from labeling.cleaning import clean
from labeling.doctor import examine_project
from labeling.pool import pool_features
from labeling.pool.features import PoolFeatures
from labeling.pool.stored import stored_items
from labeling.rounds.live import turn
from labeling.store import manifest
from tests.projects import opened, small_rows, synced, write_project, write_rows


class Watched:
    """Counts what is learnt and placed, and what is said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fitted: list[int] = []
        self.placed: list[int] = []
        self.said: list[str] = []
        fit, rows = TfidfText.fit, TfidfText.rows

        def watched_fit(part: TfidfText, content: Any) -> Any:
            self.fitted.append(len(content))
            return fit(part, content)

        def watched_rows(part: TfidfText, content: Any, state: Any, memory: Any) -> Any:
            self.placed.append(len(content))
            return rows(part, content, state, memory)

        monkeypatch.setattr(TfidfText, "fit", watched_fit)
        monkeypatch.setattr(TfidfText, "rows", watched_rows)

    def features(self, config: Path) -> PoolFeatures:
        self.fitted.clear()
        self.placed.clear()
        with opened(config) as project:
            object.__setattr__(project, "progress", lambda what, done, total: self.said.append(what))
            return pool_features(project, stored_items(project))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def kinds(config: Path) -> list[str]:
    with opened(config) as project, project.store.read() as tx:
        return [entry.kind for entry in manifest.entries(tx)]


def test_the_second_time_nothing_is_computed(tmp_path: Path, watched: Watched) -> None:
    config = write_project(tmp_path, small_rows(40))
    first = watched.features(config)
    assert watched.fitted == [40]
    again = watched.features(config)
    assert (watched.fitted, watched.placed) == ([], [])
    np.testing.assert_array_equal(again.rows, first.rows)
    assert again.space == first.space


def test_new_items_are_placed_alone_and_change_nothing_of_the_others(
    tmp_path: Path, watched: Watched
) -> None:
    config = write_project(tmp_path, small_rows(40))
    first = watched.features(config)
    write_rows(tmp_path, small_rows(50))
    grown = watched.features(config)
    assert (watched.fitted, watched.placed) == ([], [10])
    assert grown.space == first.space
    np.testing.assert_array_equal(grown.rows[:40], first.rows)
    watched.features(config)
    assert watched.placed == []


def test_items_that_join_one_by_one_are_placed_as_if_together(tmp_path: Path, watched: Watched) -> None:
    one, other = (write_project(tmp_path / name, small_rows(40)) for name in "ab")
    for config in (one, other):
        watched.features(config)
    for n in (43, 46, 50):
        write_rows(tmp_path / "a", small_rows(n))
        slowly = watched.features(one)
    write_rows(tmp_path / "b", small_rows(50))
    np.testing.assert_allclose(slowly.rows, watched.features(other).rows, atol=1e-6)


def test_an_outgrown_space_is_fitted_anew_and_says_so(tmp_path: Path, watched: Watched) -> None:
    config = write_project(tmp_path, small_rows(20))
    first = watched.features(config)
    write_rows(tmp_path, small_rows(40))
    watched.features(config)
    assert watched.fitted == []
    write_rows(tmp_path, small_rows(41))
    watched.said.clear()
    outgrown = watched.features(config)
    assert watched.fitted == [41]
    assert outgrown.space != first.space
    assert "features: fitted anew on 41 items, of which 20 were there the last time" in watched.said
    assert kinds(config).count("features") == 1


def test_only_new_texts_are_embedded_even_when_the_space_is_fitted_anew(
    tmp_path: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded: list[int] = []

    def encode(texts: list[str], **_: Any) -> NDArray[np.float32]:
        embedded.append(len(texts))
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

    model = SimpleNamespace(max_seq_length=9, encode=encode)
    library = SimpleNamespace(SentenceTransformer=lambda *_, **__: model)
    monkeypatch.setattr(embeddings, "required", lambda module: library)
    monkeypatch.setattr(embeddings, "BLOCK", 8)
    more = "learner: {features: embeddings, embeddings: model}"
    config = write_project(tmp_path, small_rows(20), more=more)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "modules.json").write_text("[]")
    watched.features(config)
    assert embedded == [8, 8, 4]
    assert "embeddings" in watched.said
    write_rows(tmp_path, small_rows(23))
    watched.features(config)
    assert embedded[3:] == [3]
    write_rows(tmp_path, small_rows(50))
    watched.features(config)
    assert watched.fitted == [50]
    assert sum(embedded) == 50


def test_rows_come_in_the_order_of_the_items(tmp_path: Path, watched: Watched) -> None:
    config = write_project(tmp_path, small_rows(30))
    first = watched.features(config)
    write_rows(tmp_path, small_rows(30)[::-1])
    np.testing.assert_array_equal(watched.features(config).rows, first.rows[::-1])
    assert watched.placed == []


def test_another_setting_is_another_space(tmp_path: Path, watched: Watched) -> None:
    config = write_project(tmp_path, small_rows(30), more="learner: {fields: [length]}")
    write_rows(tmp_path, [{**row, "length": len(row["text"])} for row in small_rows(30)])
    with_field = watched.features(config)
    config.write_text(config.read_text().replace("learner: {fields: [length]}", ""))
    without = watched.features(config)
    assert without.space != with_field.space
    assert without.rows.shape[1] < with_field.rows.shape[1]
    config.write_text(config.read_text() + "learner: {features: hashing}\n")
    assert watched.features(config).space not in {without.space, with_field.space}


def test_blocks_that_were_lost_are_computed_anew(tmp_path: Path, watched: Watched) -> None:
    config = write_project(tmp_path, small_rows(30))
    first = watched.features(config)
    shutil.rmtree(tmp_path / "work" / "small" / "features")
    again = watched.features(config)
    assert (watched.fitted, watched.placed) == ([], [])  # reference items are in the stored space
    np.testing.assert_array_equal(again.rows, first.rows)


def test_large_pools_are_stored_in_blocks(
    tmp_path: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeling.pool.features.BLOCK", 16)
    monkeypatch.setattr(spaces, "REFERENCE", 10)
    config = write_project(tmp_path, small_rows(40))
    first = watched.features(config)
    assert kinds(config).count("features") == 3
    np.testing.assert_array_equal(watched.features(config).rows, first.rows)


def test_features_of_former_versions_are_not_mistaken(tmp_path: Path, watched: Watched) -> None:
    config = write_project(tmp_path, small_rows(30))
    with opened(config) as project:
        watched_items = stored_items(project)
        import pyarrow as pa

        from labeling.artifacts import vectors_of

        former = pa.table({"vector": vectors_of(np.ones((30, 3), dtype=np.float32))})
        entry = project.artifacts.write("features", former, key="0" * 32)
        with project.store.write() as tx:
            manifest.record(tx, entry)
        assert pool_features(project, watched_items).rows.shape[1] != 3


def test_a_project_without_text_runs_and_learns(tmp_path: Path) -> None:
    rows = [
        {"id": i, "age": i % 50, "plan": ("free", "pro", None)[i % 3], "since": f"202{i % 5}-01-02", "y": y}
        for i in range(120)
        for y in ["OLD" if i % 50 > 24 else "YOUNG"]
    ]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "functions.py").write_text(
        "from lfs import labeling_function\n\n@labeling_function\ndef old(item):\n"
        "    return 'OLD' if item.age > 40 else None\n\n@labeling_function\ndef said(item):\n"
        "    return 'YOUNG' if item.text.startswith('age: 1') and item.age < 20 else None\n"
    )
    config = tmp_path / "tabular.yaml"
    config.write_text(
        "items: {path: data.jsonl, id: id, text: null}\ngold: {column: y, use: score}\n"
        "labels: [{name: OLD}, {name: YOUNG}]\nvoters: [{functions: functions.py}]\n"
        "label_model: {kind: majority}\nlearner: {fields: [age, plan, since]}\n"
        "routing: {audit: 4}\nactive: {batch: 10}\n"
    )
    from labeling.pool import load_pool
    from labeling.types import Lane
    from tests.fakes import FakeQueue
    from tests.projects import answer

    with opened(config) as project:
        pool = load_pool(project)
        assert pool.items.texts[1] == "age: 1\nplan: pro\nsince: 2021-01-02"
        queue = FakeQueue(project.schema)
        gold = {str(row["id"]): row["y"] for row in rows}
        for _ in range(3):
            turn(project)
            synced(project, queue)
            answer(queue, gold, (Lane.REVIEW,))
        features = pool_features(project, pool.items)
        assert queue.tasks[next(iter(queue.tasks))].fields["row_text"].startswith("age: ")
    assert features.rows.shape[0] == 120
    assert features.rows.shape[1] >= 5


def test_old_spaces_are_given_up_on_request(tmp_path: Path, watched: Watched) -> None:
    config = write_project(tmp_path, small_rows(20))
    kept = watched.features(config)
    plain = config.read_text()
    config.write_text(plain + "learner: {features: hashing}\n")
    watched.features(config)
    config.write_text(plain)
    with opened(config) as project:
        clean(project)
        assert kinds(config).count("feature_space") == 2
        clean(project, old_versions=True)
    assert [kinds(config).count(kind) for kind in ("feature_space", "feature_pool", "features")] == [1, 1, 1]
    np.testing.assert_array_equal(watched.features(config).rows, kept.rows)
    assert (watched.fitted, watched.placed) == ([], [])


def test_doctor_says_what_the_learner_lacks(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(10), more="learner: {features: 'nowhere.py:make'}")
    with opened(config) as project:
        [found] = [finding for finding in examine_project(project) if finding.what == "learner"]
    assert not found.ok
    assert "learner.features: nowhere.py:make cannot be loaded" in found.detail
    with opened(write_project(tmp_path, small_rows(10))) as project:
        [found] = [finding for finding in examine_project(project) if finding.what == "learner"]
    assert (found.ok, found.detail) == (True, "learns from tfidf features")


def test_an_own_transformer_and_an_own_classifier(tmp_path: Path) -> None:
    more = 'learner: {features: "mine.py:Words", estimator: "mine.py:bayes"}'
    config = write_project(tmp_path, small_rows(40), more=more)
    (tmp_path / "mine.py").write_text(
        "from sklearn.feature_extraction.text import CountVectorizer as Words\n"
        "from sklearn.naive_bayes import GaussianNB as bayes\n"
    )
    from tests.fakes import FakeQueue

    with opened(config) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        first = pool_features(project, stored_items(project))
        assert len(queue.tasks) > 0
    write_rows(tmp_path, small_rows(44))
    with opened(config) as project:
        grown = pool_features(project, stored_items(project))
    np.testing.assert_array_equal(grown.rows[:40], first.rows)
    assert finite(grown.rows)
    (tmp_path / "mine.py").write_text(
        "from sklearn.feature_extraction.text import TfidfVectorizer as Words\n"
        "from sklearn.naive_bayes import GaussianNB as bayes\n"
    )
    with opened(config) as project:
        assert pool_features(project, stored_items(project)).space != grown.space
        assert turn(project).round == 2
        assert turn(project).repeated


def finite(rows: NDArray[np.float32]) -> bool:
    return bool(np.isfinite(rows).all())
