from pathlib import Path

import pytest

from active.custom import OwnObject, own_object
from labeling.errors import InputError

SOURCE = """
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

def make():
    return LogisticRegression(C=3.0)

instance = LogisticRegression(C=5.0)
text = "no object"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.py").write_text(SOURCE)
    return tmp_path


def loaded(path: str, root: Path) -> OwnObject:
    return own_object(path, root, "learner.estimator", ("fit", "predict_proba"))


def test_functions_classes_and_instances_give_fresh_objects(root: Path) -> None:
    for name, penalty in (("make", 3.0), ("LogisticRegression", 1.0), ("instance", 5.0)):
        own = loaded(f"models/mine.py:{name}", root)
        first, second = own.make(), own.make()
        assert first is not second
        assert first.C == second.C == penalty
        assert own.name == f"learner.estimator: models/mine.py:{name}"


def test_installed_modules_and_modules_of_the_project_are_found(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setattr(sys, "path", [*sys.path])
    assert loaded("sklearn.linear_model:LogisticRegression", root).make().C == 1.0
    (root / "quorum_test_models.py").write_text(SOURCE)
    assert loaded("quorum_test_models:make", root).make().C == 3.0


def test_the_id_follows_the_source(root: Path) -> None:
    before = loaded("models/mine.py:make", root).id
    assert loaded("models/mine.py:make", root).id == before
    assert loaded("models/mine.py:instance", root).id != before
    (root / "models" / "mine.py").write_text(SOURCE.replace("3.0", "4.0"))
    again = loaded("models/mine.py:make", root)
    assert again.id != before
    assert again.make().C == 4.0


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere.py:make", "FileNotFoundError: no such file"),
        ("models/mine.py:nobody", "AttributeError"),
        ("no_such_module:make", "ModuleNotFoundError"),
        ("models/mine.py:text", "TypeError"),
    ],
)
def test_what_cannot_be_loaded_is_told_with_its_place(path: str, said: str, root: Path) -> None:
    with pytest.raises(InputError) as caught:
        loaded(path, root)
    assert str(caught.value).startswith(f"learner.estimator: {path} cannot be loaded ({said}")


def test_what_lacks_a_method_is_told(root: Path) -> None:
    with pytest.raises(InputError, match="StandardScaler without predict_proba"):
        loaded("models/mine.py:StandardScaler", root)
