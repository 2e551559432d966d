"""The folder of an end model: the same answers before and after, and nothing that was tampered with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from active.text_model import train_text_model
from labeling.end_model.folder import ABOUT, VOCABULARY, WEIGHTS, read_model, save_model
from labeling.end_model.load import load, predictor
from labeling.errors import InputError
from labeling.types import TextModel

TEXTS = ["free money", "money now", "see you at noon", "lunch à midi 🍜", "half a pair \ud83c"]
MODEL = train_text_model(TEXTS, np.eye(2)[[0, 0, 1, 1, 1]])
TOLD = {"classes": ["SPAM", "HAM"], "text": "text", "held_out": None}


def saved(folder: Path, model: TextModel = MODEL) -> Path:
    save_model(folder, model, TOLD)
    return folder


def test_answers_are_the_same_before_and_after(tmp_path: Path) -> None:
    texts = [*TEXTS, "", "nothing known", "money at noon"]
    before = predictor(MODEL.parts, MODEL.vocabulary, MODEL.arrays)(texts)
    folder = saved(tmp_path / "model")
    model = read_model(folder)
    assert model.classes == ["SPAM", "HAM"]
    np.testing.assert_array_equal(model.predict(texts), before)
    np.testing.assert_array_equal(load(folder)(texts), before)
    one_by_one = np.concatenate([model.predict([text]) for text in texts])
    np.testing.assert_array_equal(one_by_one, before)


def test_the_same_model_is_the_same_bytes(tmp_path: Path) -> None:
    first, second = saved(tmp_path / "a"), saved(tmp_path / "b")
    assert {p.name for p in first.iterdir()} == {"load.py", "model.json", "vocabulary.json", "weights.npz"}
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def test_a_model_replaces_a_model_and_nothing_else(tmp_path: Path) -> None:
    folder = saved(tmp_path / "deep" / "model")
    other = train_text_model(TEXTS, np.eye(2)[[1, 1, 0, 0, 0]])
    saved(folder, other)
    assert read_model(folder).predict(["money"]).argmax() == 1
    assert [p.name for p in folder.parent.iterdir()] == ["model"]
    (tmp_path / "notes").mkdir()
    saved(tmp_path / "notes")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(InputError, match="other files"):
        saved(tmp_path / "thesis")
    with pytest.raises(InputError, match="got a file"):
        saved(tmp_path / "thesis" / "chapter.txt")


def edit(folder: Path, **keys: object) -> None:
    about = json.loads((folder / ABOUT).read_text())
    (folder / ABOUT).write_text(json.dumps({**about, **keys}))


@pytest.mark.parametrize("name", [VOCABULARY, WEIGHTS])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = saved(tmp_path / "model")
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(InputError, match=rf"{name}: is damaged, .* Export the model again"):
        read_model(folder)
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name}: is missing"):
        read_model(folder)


def test_changed_words_about_a_model_are_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    edit(folder, classes=["HAM", "SPAM"])
    with pytest.raises(InputError, match="was changed after it was written"):
        read_model(folder)
    edit(folder, format=99)
    with pytest.raises(InputError, match="of format 1"):
        read_model(folder)
    (folder / ABOUT).write_text("{")
    with pytest.raises(InputError, match="expected JSON"):
        read_model(folder)
    with pytest.raises(InputError, match=r"found no model\.json"):
        read_model(tmp_path)


def test_weights_that_are_objects_are_never_read(tmp_path: Path) -> None:
    arrays = {**MODEL.arrays, "intercept": np.array([{"a": 1}, None], dtype=object)}
    folder = saved(tmp_path / "model", TextModel(MODEL.parts, MODEL.vocabulary, arrays))
    for read in (read_model, load):
        with pytest.raises(ValueError, match="allow_pickle"):
            read(folder)
