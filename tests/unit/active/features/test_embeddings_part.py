"""Sentence embeddings; those by a real model need the extra ``embeddings``."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from active.features import embeddings
from active.features.embeddings import PACKAGE, Embeddings, files_digest
from labeling.errors import InputError, Unavailable
from labeling.types import Content, Float32s
from tests.conftest import absent
from tests.feature_contents import Forgetful, content_of

TEXTS = ["How tall is the tower?", "What is the height of the tower?", "He scored twice in the final."]


class Model:
    """Gives the length of each text, and remembers what it saw."""

    max_seq_length = 512

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    def encode(self, texts: list[str], **_: Any) -> np.ndarray:
        self.seen.append(texts)
        return np.array([[len(text), 1.0] for text in texts])


class Library:
    """Stands for sentence-transformers."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.model = Model()

    def SentenceTransformer(self, folder: str, **_: Any) -> Model:  # noqa: N802
        self.opened.append(folder)
        return self.model


class Keeping(Forgetful):
    """Notes what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, str]] = []

    def rows(
        self,
        space: str,
        content: Content,
        extract: Callable[[Content], Float32s],
        block: int,
        what: str = "features",
    ) -> Float32s:
        self.calls.append((space, block, what))
        return extract(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "weights").write_bytes(b"1234")
    return tmp_path


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()
    monkeypatch.setattr(embeddings, "required", lambda module: made)
    return made


def test_texts_are_cut_and_embedded_as_unit_rows(folder: Path, library: Library) -> None:
    part, content = Embeddings(folder), content_of(["", "abc", "x" * 10**6])
    rows = part.rows(content, part.fit(content), Forgetful())
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)
    assert max(map(len, library.model.seen[0])) == embeddings.MAX_CHARACTERS
    assert library.model.max_seq_length == embeddings.MAX_TOKENS
    assert library.opened == [str(folder)]


def test_rows_are_asked_of_the_memory_under_the_models_id(folder: Path, library: Library) -> None:
    part, memory = Embeddings(folder), Keeping()
    part.rows(content_of(TEXTS), {}, memory)
    part.rows(content_of(TEXTS), {}, memory)
    assert memory.calls == [(part.id, embeddings.BLOCK, "embeddings")] * 2
    assert len(library.opened) == 1


def test_nothing_is_loaded_where_nothing_is_asked(folder: Path, library: Library) -> None:
    part = Embeddings(folder)
    assert part.fit(content_of(TEXTS)) == {}
    assert part.id == Embeddings(folder).id
    assert library.opened == []


def test_another_model_has_another_id(folder: Path) -> None:
    before = files_digest(folder)
    assert files_digest(folder) == before
    (folder / "weights").write_bytes(b"1235")
    assert files_digest(folder) != before
    (folder / "weights").write_bytes(b"1234")
    (folder / "other").write_bytes(b"")
    assert files_digest(folder) != before


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"learner.embeddings: expected a folder of a sentence-transformers"):
        _ = Embeddings(tmp_path / "nowhere").id


@pytest.mark.parametrize("module", [PACKAGE, "sentence_transformers"])
def test_without_the_extra_it_is_named(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(embeddings, "import_module", missing)
    with pytest.raises(Unavailable, match=rf"package {module}, .* pip install \"quorum\[embeddings\]\""):
        embeddings.required(module)


def test_the_real_model_knows_meaning() -> None:
    if not all(importlib.util.find_spec(name) for name in (PACKAGE, "sentence_transformers")):
        absent("the extra embeddings is not installed: make embeddings")
    part = Embeddings()
    rows = part.rows(content_of(TEXTS), {}, Forgetful())
    assert rows.shape == (3, 384)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.3
    alone = part.rows(content_of(TEXTS[1:2]), {}, Forgetful())
    np.testing.assert_allclose(alone[0], rows[1], atol=1e-4)
