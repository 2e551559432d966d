"""The syntax of functions, found in their files by position, and the names that their code refers to."""

from __future__ import annotations

import ast
import copy
import dis
import linecache
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Functions = Mapping[int, list[Function]]
LAMBDA = "<lambda>"


def syntax_of(code: CodeType, namespace: dict[str, Any] | None = None) -> str | None:
    """Give the syntax tree of a function, without docstrings, its own decorators, layout and place.

    Parameters
    ----------
    code : code
    namespace : dict, optional
        The globals of the function; a module that is no file may tell its source by them.

    Returns
    -------
    str or None
        None where there is no source, or another one than the code was made of.
    """
    lines = linecache.getlines(code.co_filename, namespace)
    found = _find(code, _functions("".join(lines))) if lines else None
    return None if found is None else _dump(found)


def module_syntax(file: str) -> str | None:
    """Give the syntax tree of a whole file, without docstrings and layout; None where it has none."""
    try:
        return ast.dump(_without_docstrings(ast.parse("".join(linecache.getlines(file)))))
    except SyntaxError:
        return None


@lru_cache(maxsize=32)
def _functions(source: str) -> Functions:
    """Index the functions of a source by the line on which they begin, decorators included."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found: dict[int, list[Function]] = {}
    for node in ast.walk(tree):
        if isinstance(node, Function):
            decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
            found.setdefault(min(n.lineno for n in (node, *decorators)), []).append(node)
    return found


def _find(code: CodeType, functions: Functions) -> Function | None:
    here = functions.get(code.co_firstlineno, [])
    if code.co_name != LAMBDA:
        named = [n for n in here if not isinstance(n, ast.Lambda) and n.name == code.co_name]
        return named[0] if named else None
    start, end = _span(code)
    around = [n for n in here if isinstance(n, ast.Lambda) and _holds(n.body, start, end)]
    return max(around, key=lambda n: (n.body.lineno, n.body.col_offset), default=None)


def _span(code: CodeType) -> tuple[tuple[int, int], tuple[int, int]]:
    """Give the first and the last place, as (line, column), that the instructions of a code come from."""
    places = [(a, c, b, d) for a, b, c, d in code.co_positions() if a and b and c is not None and d]
    if not places:
        return (code.co_firstlineno, 0), (code.co_firstlineno, 0)
    return min((a, c) for a, c, _, _ in places), max((b, d) for _, _, b, d in places)


def _holds(node: ast.expr, start: tuple[int, int], end: tuple[int, int]) -> bool:
    last = (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
    return (node.lineno, node.col_offset) <= start and end <= last


def _dump(node: Function) -> str:
    bare = copy.deepcopy(node)
    if not isinstance(bare, ast.Lambda):
        bare.decorator_list = []
    return ast.dump(_without_docstrings(bare))


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str())), *rest]:
                    node.body = rest
    return tree


@dataclass(frozen=True)
class References:
    """What a code refers to: global names, attributes, and modules that it imports itself.

    ``imports`` holds (level, module, names): ``from ..words import SPAM`` is (2, "words", ("SPAM",)).
    """

    names: frozenset[str]
    attributes: frozenset[str]
    imports: tuple[tuple[int, str, tuple[str, ...]], ...]


def references_of(code: CodeType) -> References:
    """List what a code, and the functions within it, refer to by name."""
    names, attributes, imports = set(), set(), set()
    for inner in _codes(code):
        constants: list[Any] = [None, None]
        for instruction in dis.get_instructions(inner):
            match instruction.opname:
                case "LOAD_GLOBAL" | "LOAD_NAME":
                    names.add(instruction.argval)
                case "LOAD_ATTR" | "LOAD_METHOD":
                    attributes.add(instruction.argval)
                case "LOAD_CONST" | "LOAD_SMALL_INT":
                    constants = [constants[-1], instruction.argval]
                case "IMPORT_NAME":
                    level, wanted = constants
                    imports.add((level or 0, instruction.argval, tuple(wanted or ())))
    return References(frozenset(names), frozenset(attributes), tuple(sorted(imports)))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
