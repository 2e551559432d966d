"""Fingerprints: digests of functions that change when, and only when, their votes may."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Protocol

import numpy as np

from labeling.lf.ownership import file_of, is_own_code, is_own_file, is_own_module, version_of
from labeling.lf.sources import module_syntax, references_of, syntax_of
from labeling.types import digest_of

PYTHON = tuple(sys.version_info[:2])
SCALARS = frozenset({type(None), bool, int, str})
UNSAID = frozenset(
    {
        *("__doc__", "__module__", "__qualname__", "__dict__", "__weakref__", "__annotations__"),
        *("__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__"),
        *("__annotations_cache__", "_abc_impl", "_stop_words_id"),
    }
)
"""Members of classes and objects that tell nothing of their behaviour, or not in a stable way."""


class Fingerprinted(Protocol):
    """A function that says itself what its votes depend on."""

    def fingerprint_state(self) -> Mapping[str, Any]:
        """Give the parts."""


def fingerprint_of(function: Fingerprinted) -> str:
    """Digest all that a function's votes depend on, the same in any process.

    These are its source, closure, defaults and parameters, the constants, helpers and classes of the user's
    own that it refers to, in whatever module, resources, ``pre``, ``batch``, the versions of packages that
    it names, and Python's. Comments, docstrings, layout, place and other functions do not count.
    """
    return digest_of("python", PYTHON, Description().of(function))


class Description:
    """One walk over an object and all that it refers to.

    Composite objects become digests; an object that is met again below itself becomes the number of steps
    back to it.
    """

    def __init__(self) -> None:
        self._path: dict[int, int] = {}
        self._known: dict[int, tuple[object, str]] = {}
        self._lowest = sys.maxsize

    def of(self, value: Any) -> Any:
        """Describe a value: equal descriptions mean equal behaviour."""
        if type(value) in SCALARS:
            return value
        here = id(value)
        if here in self._path:
            self._lowest = min(self._lowest, self._path[here])
            return ["back", len(self._path) - self._path[here]]
        if here not in self._known:
            return self._walk(value, here)
        return self._known[here][1]

    def _walk(self, value: Any, here: int) -> str:
        depth = self._path[here] = len(self._path)
        outside, self._lowest = self._lowest, sys.maxsize
        digest = digest_of(self._parts(value))
        del self._path[here]
        if self._lowest >= depth:
            # What leads back above itself reads differently from elsewhere. The value is kept for its id.
            self._known[here] = value, digest
            self._lowest = sys.maxsize
        self._lowest = min(self._lowest, outside)
        return digest

    def _all(self, values: Iterable[Any]) -> list[Any]:
        return [self.of(value) for value in values]

    def _named(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {str(name): self.of(value) for name, value in values.items() if name not in UNSAID}

    def _parts(self, value: Any) -> Any:
        for kinds, describe in DESCRIPTIONS:
            if isinstance(value, kinds):
                return describe(self, value)
        if hasattr(type(value), "fingerprint_state"):
            return ["voter", self._named(value.fingerprint_state())]
        if isinstance(getattr(value, "fingerprint", None), str):
            return ["voter", value.fingerprint]
        frame = _frame_parts(value)
        return self._object(value) if frame is None else self._all(frame)

    def _number(self, value: complex) -> Any:
        return ["number", type(value).__name__, repr(value)]

    def _bytes(self, value: bytes | bytearray | memoryview) -> Any:
        return ["bytes", hashlib.sha256(value).hexdigest()]

    def _set(self, value: set[Any] | frozenset[Any]) -> Any:
        return ["set", sorted(map(repr, self._all(value)))]

    def _sequence(self, value: list[Any] | tuple[Any, ...]) -> Any:
        kind = type(value)
        return [kind.__name__ if kind in (list, tuple) else self.of(kind), self._all(value)]

    def _mapping(self, value: Mapping[Any, Any]) -> Any:
        # Order counts: the first rule that matches may win.
        state = [] if type(value) is dict else [self.of(type(value)), self._named(_attributes(value))]
        return ["map", [[self.of(k), self.of(v)] for k, v in value.items()], *state]

    def _pattern(self, value: re.Pattern[Any]) -> Any:
        return ["pattern", self.of(value.pattern), value.flags]

    def _array(self, value: np.ndarray[Any, Any]) -> Any:
        if value.dtype.hasobject:
            return ["array", str(value.dtype), value.shape, self._all(value.ravel().tolist())]
        data = np.ascontiguousarray(value).view(np.uint8) if value.size else b""
        return ["array", str(value.dtype), value.shape, hashlib.sha256(data).hexdigest()]  # type: ignore[arg-type]

    def _logger(self, value: logging.Logger) -> Any:
        return ["logger"]

    def _module(self, module: ModuleType, attributes: frozenset[str] = frozenset()) -> Any:
        file = file_of(module)
        if not is_own_file(file):
            return ["module", module.__name__, version_of(module.__name__)]
        used = sorted(attributes & vars(module).keys())
        if not used:
            return ["module", module_syntax(str(file))]
        return ["module", {name: self._global(vars(module)[name], attributes) for name in used}]

    def _global(self, value: Any, attributes: frozenset[str]) -> Any:
        return self._module(value, attributes) if isinstance(value, ModuleType) else self.of(value)

    def _class(self, value: type) -> Any:
        if not is_own_module(value.__module__):
            return ["class", value.__module__, value.__qualname__, version_of(value.__module__)]
        return ["class", value.__qualname__, self._all(value.__bases__), self._named(dict(vars(value)))]

    def _method(self, value: MethodType) -> Any:
        return ["method", self.of(value.__func__), self.of(value.__self__)]

    def _builtin(self, value: BuiltinFunctionType) -> Any:
        owner = value.__self__
        module = str(getattr(value, "__module__", None) or "")
        bound = None if owner is None or isinstance(owner, ModuleType) else self.of(owner)
        return ["builtin", module, value.__qualname__, version_of(module), bound]

    def _property(self, value: property) -> Any:
        return ["property", self._all([value.fget, value.fset, value.fdel])]

    def _function(self, function: FunctionType) -> Any:
        code = function.__code__
        cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
        held = {name: self._cell(cell) for name, cell in cells}
        given = [self.of(function.__defaults__), self.of(function.__kwdefaults__)]
        parts = ["function", given, held, self._named(vars(function))]
        # What functools.wraps writes over is that of the code itself here.
        module = str(function.__globals__.get("__name__", ""))
        if is_own_code(code.co_filename, module):
            return [*parts, self._source(function), *self._references(function)]
        return [*parts, module, code.co_qualname, version_of(module)]

    def _cell(self, cell: Any) -> Any:
        try:
            return self.of(cell.cell_contents)
        except ValueError:
            return ["empty"]

    def _source(self, function: FunctionType) -> Any:
        return syntax_of(function.__code__, function.__globals__) or self._code(function.__code__)

    def _code(self, code: CodeType) -> Any:
        constants = self._all(c for c in code.co_consts if not isinstance(c, CodeType))
        inner = [self._code(c) for c in code.co_consts if isinstance(c, CodeType)]
        return [code.co_code.hex(), code.co_flags, code.co_names, code.co_varnames, constants, inner]

    def _references(self, function: FunctionType) -> list[Any]:
        used, scope = references_of(function.__code__), function.__globals__
        names = sorted(used.names & scope.keys())
        imports = [
            self._import(_absolute(level, name, scope), used.attributes.union(wanted))
            for level, name, wanted in used.imports
        ]
        return [{name: self._global(scope[name], used.attributes) for name in names}, imports]

    def _import(self, name: str, attributes: frozenset[str]) -> Any:
        """Describe a module that a function imports when it is called; only the user's own are imported."""
        try:
            top = importlib.util.find_spec(name.partition(".")[0])
        except (ImportError, ValueError) as error:
            return ["module", name, type(error).__name__]
        if top is None or not is_own_file(top.origin):
            return ["module", name, version_of(name)]
        try:
            module = importlib.import_module(name)
        except Exception as error:  # what the user's module raises as it runs, the function will meet too
            return ["module", name, type(error).__name__]
        return self._module(module, attributes)

    def _object(self, value: Any) -> Any:
        wrapped = getattr(value, "__wrapped__", None)
        if wrapped is not None:
            return ["wrapper", self.of(type(value)), self.of(wrapped)]
        try:
            reduced = value.__reduce_ex__(4)
        except Exception:  # a class may refuse to be taken apart with whatever its own code raises
            return ["object", self.of(type(value))]
        if isinstance(reduced, str):
            return ["object", self.of(type(value)), reduced]
        made, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
        parts = [self.of(made), self._all(arguments), self._state(state)]
        return ["object", *parts, self._all(items or ()), [self._all(pair) for pair in pairs or ()]]

    def _state(self, state: Any) -> Any:
        match state:
            case dict():
                return self._named(state)
            case (None | dict() as plain, dict() as slots):
                return [self._named(plain or {}), self._named(slots)]
            case _:
                return self.of(state)


DESCRIPTIONS: tuple[tuple[Any, Callable[[Description, Any], Any]], ...] = (
    ((int, float, complex), Description._number),
    (str, lambda _, value: ["text", type(value).__name__, str(value)]),
    ((bytes, bytearray, memoryview), Description._bytes),
    ((set, frozenset), Description._set),
    ((list, tuple), Description._sequence),
    (Mapping, Description._mapping),
    (re.Pattern, Description._pattern),
    (np.ndarray, Description._array),
    (logging.Logger, Description._logger),
    (ModuleType, Description._module),
    (type, Description._class),
    (FunctionType, Description._function),
    (MethodType, Description._method),
    (BuiltinFunctionType, Description._builtin),
    (property, Description._property),
    (CodeType, Description._code),
)
"""How each type is described; the first that fits."""


def _attributes(value: object) -> dict[str, Any]:
    return dict(getattr(value, "__dict__", {}))


def _absolute(level: int, name: str, scope: Mapping[str, Any]) -> str:
    return importlib.util.resolve_name("." * level + name, scope.get("__package__") or "") if level else name


def _frame_parts(value: Any) -> list[Any] | None:
    """Take a pandas object apart into its labels and arrays; None for anything else."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return None
    if isinstance(value, pandas.DataFrame):
        columns = [value.iloc[:, i] for i in range(value.shape[1])]
        return ["frame", value.index, value.columns, *columns]
    if isinstance(value, pandas.Series):
        return ["series", value.name, str(value.dtype), value.index, value.to_numpy()]
    if isinstance(value, pandas.Index):
        return ["index", list(value.names), str(value.dtype), value.to_numpy()]
    return None
