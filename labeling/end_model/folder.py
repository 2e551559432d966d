"""The folder of an end model: JSON and arrays, nothing that is run when it is read, under one digest."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from labeling.end_model import load
from labeling.end_model.load import Predict, predictor
from labeling.errors import InputError
from labeling.types import TextModel, digest_of

FORMAT = 1
"""Version of the folder."""

ABOUT, VOCABULARY, WEIGHTS, LOADER = "model.json", "vocabulary.json", "weights.npz", "load.py"

AGAIN = "Export the model again."


@dataclass(frozen=True)
class EndModel:
    """A classifier of texts as its folder holds it.

    Attributes
    ----------
    about : mapping
        JSON: ``classes``, ``text``, ``held_out``, ``trained_on``, ``release``, ``digest``, ...
    predict : callable
        Gives class probabilities of n texts, shape (n, k).
    """

    about: Mapping[str, Any]
    predict: Predict = field(repr=False)

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of the probabilities."""
        return list(self.about["classes"])


def save_model(folder: Path, model: TextModel, told: Mapping[str, Any]) -> dict[str, Any]:
    """Write a model and what is told of it; a model that is there already is replaced.

    Returns
    -------
    about : dict
        What ``model.json`` holds.

    Raises
    ------
    InputError
        The folder holds something else.
    """
    check_free(folder)
    files = {VOCABULARY: json.dumps(model.vocabulary).encode(), WEIGHTS: packed(model.arrays)}
    about = {
        "format": FORMAT,
        **told,
        "parts": [dict(part) for part in model.parts],
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    about["digest"] = digest_of(about)
    files[ABOUT] = (json.dumps(about, indent=2, ensure_ascii=False) + "\n").encode()
    files[LOADER] = Path(load.__file__).read_bytes()
    _place(folder, files)
    return about


def check_free(folder: Path) -> None:
    """Make sure that a model may be written to a folder.

    Raises
    ------
    InputError
        It is a file, or holds something other than a model.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--model {folder}: expected a folder, got a file. Name a new one.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / ABOUT).is_file():
        raise InputError(f"--model {folder}: expected a new folder, got one with other files. Name another.")


def packed(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Give arrays as the bytes of an .npz file, the same for the same arrays."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def _place(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write beside the folder and rename, so that nobody ever reads half a model."""
    mark = digest_of(os.getpid())[:8]
    aside, old = (folder.with_name(f".{folder.name}.{mark}.{what}") for what in ("new", "old"))
    aside.mkdir(parents=True)
    try:
        for name, data in files.items():
            (aside / name).write_bytes(data)
        if folder.exists():
            folder.replace(old)
        aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def read_model(folder: Path) -> EndModel:
    """Read a model and make sure that it is the one that was written.

    Raises
    ------
    InputError
        The folder holds no model, or it was changed.
    """
    about = _about(folder)
    vocabulary, weights = (_file(folder, name, about["files"][name]) for name in (VOCABULARY, WEIGHTS))
    with np.load(io.BytesIO(weights), allow_pickle=False) as arrays:
        return EndModel(about, predictor(about["parts"], json.loads(vocabulary), dict(arrays)))


def _about(folder: Path) -> dict[str, Any]:
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"{folder}: expected the folder of an end model, found no {ABOUT}. "
            "Write one by quorum export --model."
        ) from None
    except ValueError as error:
        raise InputError(f"{folder / ABOUT}: expected JSON, got {error}. {AGAIN}") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise InputError(f"{folder / ABOUT}: expected an end model of format {FORMAT}. {AGAIN}")
    if digest_of({key: value for key, value in about.items() if key != "digest"}) != about.get("digest"):
        raise InputError(f"{folder / ABOUT}: was changed after it was written. {AGAIN}")
    return about


def _file(folder: Path, name: str, digest: str) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{folder / name}: is missing. {AGAIN}") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise InputError(f"{folder / name}: is damaged, its digest is another one. {AGAIN}")
    return data
