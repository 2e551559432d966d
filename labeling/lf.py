"""Labelling functions: how they are declared, loaded from a file and told apart by fingerprint."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import linecache
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any, overload

from labeling.errors import InputError
from labeling.types import ABSTAIN, Item, digest_of

Vote = str | None


@dataclass(frozen=True)
class LabelingFunction:
    """A voter written in Python: an item goes in, a class name or None comes out.

    Attributes
    ----------
    name : str
    function : callable
        Takes an `Item` and the resources as keywords.
    resources : mapping
        Keyword arguments; part of the fingerprint.
    """

    name: str
    function: Callable[..., Any] = field(repr=False)
    resources: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __call__(self, item: Item) -> Vote:
        """Vote on an item, or abstain with None."""
        vote: Vote = self.function(item, **self.resources)
        return vote

    @property
    def fingerprint(self) -> str:
        """Digest of the source, what it refers to and the resources; comments and layout do not count."""
        return digest_of("python", fingerprint_parts(self.function), describe_value(self.resources))


@overload
def labeling_function(function: Callable[..., Any], /) -> LabelingFunction: ...


@overload
def labeling_function(
    *, name: str | None = None, resources: Mapping[str, Any] | None = None
) -> Callable[[Callable[..., Any]], LabelingFunction]: ...


def labeling_function(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    resources: Mapping[str, Any] | None = None,
) -> LabelingFunction | Callable[[Callable[..., Any]], LabelingFunction]:
    """Declare a labelling function, with or without parentheses.

    Parameters
    ----------
    function : callable
        Takes an `Item`, returns a class name, or None to abstain.
    name : str, optional
        The function's own name by default.
    resources : mapping, optional
        Passed to the function as keywords.

    Examples
    --------
    >>> @labeling_function
    ... def links(item):
    ...     return "SPAM" if "http" in item.text else None
    >>> links(Item("0", {"text": "see http://example.org"}))
    'SPAM'
    """

    def declare(f: Callable[..., Any]) -> LabelingFunction:
        return LabelingFunction(name or f.__name__, f, dict(resources or {}))

    return declare(function) if function is not None else declare


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


def fingerprint_parts(function: Callable[..., Any], seen: frozenset[str] = frozenset()) -> list[Any]:
    """Describe a function by its syntax tree and by all that it refers to in its module.

    Comments, layout and the functions beside it do not count; helpers, constants, closures, defaults and
    the versions of modules that it names do.
    """
    plain = inspect.unwrap(function)
    if not isinstance(plain, FunctionType) or plain.__qualname__ in seen:
        return [getattr(plain, "__qualname__", type(plain).__qualname__)]
    seen |= {plain.__qualname__}
    names = sorted(set(_names(plain.__code__)) & set(plain.__globals__))
    cells = zip(plain.__code__.co_freevars, plain.__closure__ or (), strict=True)
    return [
        _syntax(plain),
        describe_value(plain.__defaults__),
        describe_value(plain.__kwdefaults__),
        {name: describe_value(cell.cell_contents, seen) for name, cell in cells},
        {name: describe_value(plain.__globals__[name], seen) for name in names},
    ]


def _syntax(function: FunctionType) -> str:
    try:
        source = textwrap.dedent(inspect.getsource(function))
        return ast.dump(ast.parse(source))
    except (OSError, SyntaxError):
        return function.__code__.co_code.hex() + repr(function.__code__.co_consts)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def describe_value(value: Any, seen: frozenset[str] = frozenset()) -> Any:
    """Describe a value so that equal descriptions mean equal behaviour, in any process."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return ["map", _sorted(([k, v] for k, v in value.items()), seen)]
        case set() | frozenset():
            return ["set", _sorted(value, seen)]
        case list() | tuple():
            return [describe_value(v, seen) for v in value]
        case _:
            return _describe_object(value, seen)


def _sorted(values: Iterable[Any], seen: frozenset[str]) -> list[Any]:
    return sorted((describe_value(v, seen) for v in values), key=repr)


def _describe_object(value: Any, seen: frozenset[str]) -> Any:
    match value:
        case bytes():
            return value.hex()
        case re.Pattern():
            return ["pattern", str(value.pattern), value.flags]
        case ModuleType():
            return ["module", value.__name__, getattr(value, "__version__", None)]
        case LabelingFunction():
            return fingerprint_parts(value.function, seen)
        case type():
            return ["class", value.__module__, value.__qualname__]
        case _ if callable(value):
            return fingerprint_parts(value, seen)
        case _:
            state = describe_value(getattr(value, "__dict__", None), seen)
            return ["object", type(value).__qualname__, state]
