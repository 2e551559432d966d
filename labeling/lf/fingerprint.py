"""Fingerprints: descriptions of functions that change when, and only when, their behaviour may."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any


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
        case type():
            return ["class", value.__module__, value.__qualname__]
        case _ if inspect.isroutine(value) or hasattr(value, "__wrapped__"):
            return fingerprint_parts(value, seen)
        case _:
            return _describe_state(value, seen)


def _describe_state(value: Any, seen: frozenset[str]) -> Any:
    name, here = type(value).__qualname__, f"object {id(value)}"
    if here in seen:
        return ["object", name]
    return ["object", name, describe_value(getattr(value, "__dict__", None), seen | {here})]
