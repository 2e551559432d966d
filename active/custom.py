"""The user's own scikit-learn objects, named in the config by an import path."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sklearn.base import clone

from labeling.errors import InputError
from labeling.types import digest_of


@dataclass(frozen=True)
class OwnObject:
    """A scikit-learn object, the class of one or a function that makes one.

    Parameters
    ----------
    name : str
        Where the config names it.
    make : callable
        Gives a fresh object.
    id : str
        Digest of its name and of the source that it comes from.
    """

    name: str
    make: Callable[[], Any] = field(repr=False)
    id: str


def own_object(path: str, root: Path, place: str, methods: Sequence[str]) -> OwnObject:
    """Load what ``FILE.py:NAME`` or ``MODULE:NAME`` names.

    Parameters
    ----------
    root : Path
        The folder that a file is relative to; modules are looked for there, too.
    place : str
        The key of the config, for messages.
    methods : sequence of str
        What the object must be able to do.

    Raises
    ------
    InputError
        The file or name is not there, does not run, or gives something else.
    """
    source, _, name = path.rpartition(":")
    try:
        module = _file(root / source) if source.endswith(".py") else _module(source, root)
        named = getattr(module, name)
        made = _fresh(named)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise InputError(
            f"{place}: {path} cannot be loaded ({said}). Correct the path or the file."
        ) from error
    lacking = [method for method in methods if not hasattr(made, method)]
    if lacking:
        raise InputError(
            f"{place}: expected an object with {' and '.join(methods)}, {path} gives a "
            f"{type(made).__name__} without {' and '.join(lacking)}. Name another one."
        )
    return OwnObject(f"{place}: {path}", lambda: _fresh(named), digest_of(path, _source(module)))


def own_classifier(path: str, root: Path) -> OwnObject:
    """Load the classifier that ``learner.estimator`` names."""
    return own_object(path, root, "learner.estimator", ("fit", "predict_proba"))


def _fresh(named: Any) -> Any:
    return named() if inspect.isclass(named) or not hasattr(named, "fit") else clone(named)


def _file(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("quorum_own_" + digest_of(str(path.resolve()))[:12], path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _module(name: str, root: Path) -> Any:
    if str(root) not in sys.path:
        sys.path.append(str(root))
    return importlib.import_module(name)


def _source(module: Any) -> str:
    file = getattr(module, "__file__", None)
    return Path(file).read_text(encoding="utf-8") if file and file.endswith(".py") else str(module)
