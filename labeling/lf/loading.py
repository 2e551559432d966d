"""Loading the labelling functions of a file or an installed module."""

from __future__ import annotations

import importlib
import importlib.util
import linecache
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from labeling.errors import InputError
from labeling.lf import LabelingFunction, Vote
from labeling.lf.fingerprint import fingerprint_parts
from labeling.types import ABSTAIN, Item, digest_of


def load_functions(source: str, root: Path, class_names: Sequence[str]) -> list[LabelingFunction]:
    """Load every labelling function that a file or an installed module declares.

    Parameters
    ----------
    source : str
        A path under ``root`` that ends in ``.py``, or a module's dotted name.
    root : Path
    class_names : sequence of str
        Snorkel's functions answer with indices of these.

    Raises
    ------
    InputError
        The file is missing, does not run, declares no function or one name twice.
    """
    module = _load_file(root / source) if source.endswith(".py") else _load_module(source)
    declared = [v for v in vars(module).values() if isinstance(v, LabelingFunction) or _is_snorkels(v)]
    found = [f if isinstance(f, LabelingFunction) else _adapt(f, class_names) for f in _unique(declared)]
    if not found:
        raise InputError(f"{source}: no labelling function in it. Decorate one with @labeling_function.")
    names = [f.name for f in found]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InputError(*(f"{source}: two labelling functions are called {n!r}. Rename one." for n in twice))
    return found


def _unique(objects: Sequence[Any]) -> list[Any]:
    return list({id(o): o for o in objects}.values())


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"{path}: no such file. Correct `voters: functions:` or create it.")
    name = "quorum_functions_" + digest_of(str(path.resolve()))[:12]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    linecache.checkcache(str(path))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise InputError(f"{_place(error, path)}: {type(error).__name__}: {error}. Mend the file.") from error
    return module


def _place(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f"{path}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{path}:{frames[-1].lineno}" if frames else str(path)


def _load_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(f"{name}: {error}. Write a path that ends in .py, or install the module.") from error


def _is_snorkels(value: object) -> bool:
    """Recognise snorkel's object without importing snorkel, which takes seconds."""
    return any(
        c.__name__ == "LabelingFunction" and c.__module__.startswith("snorkel.") for c in type(value).__mro__
    )


def _adapt(function: Any, class_names: Sequence[str]) -> LabelingFunction:
    """Let a function made with snorkel's decorator vote: indices become class names."""

    def vote(item: Item, **resources: Any) -> Vote:
        index = int(function(SimpleNamespace(**item.fields)))
        if index == ABSTAIN:
            return None
        if not 0 <= index < len(class_names):
            raise ValueError(f"returned {index}, expected -1 to {len(class_names) - 1}")
        return class_names[index]

    vote.__wrapped__ = function._f  # type: ignore[attr-defined]
    described = {"classes": list(class_names), "pre": [fingerprint_parts(p._f) for p in function._pre]}
    return LabelingFunction(function.name, vote, {**function._resources, "_snorkel": described})
