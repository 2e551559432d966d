"""A YAML 1.2 file as plain values that remember their lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from labeling.errors import InputError

Loc = tuple[str | int, ...]


def dotted(loc: Loc) -> str:
    """Write a location as users do.

    Examples
    --------
    >>> dotted(("labels", 1, "name"))
    'labels[1].name'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(parts).removeprefix(".")


def by_line(problem: str) -> tuple[int, str]:
    """Give what problems are sorted by: the line that they name, then their words.

    Examples
    --------
    >>> by_line("spam.yaml:3 items.text: expected text")[0]
    3
    """
    number = re.search(r":(\d+)(?=[: ])", problem)
    return int(number[1]) if number else 0, problem


@dataclass(frozen=True)
class Marks:
    """Where each key of a file stands: 1-based lines by dotted location."""

    path: str
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)

    def place(self, loc: Loc | str) -> str:
        """Name a key with its line; a key that was left out gets the line of the section it belongs to."""
        key = loc if isinstance(loc, str) else dotted(loc)
        near = key
        while near and near not in self.lines:
            near = near[: max(near.rfind("."), near.rfind("["), 0)]
        at = f"{self.path}:{self.lines.get(near, 1)}"
        return f"{at} {key}" if key else at


@dataclass(frozen=True)
class MarkedDocument:
    """A file's values, the lines they stand on and what was wrong on the way."""

    values: Any
    marks: Marks
    problems: tuple[str, ...]


def read_marked(path: Path) -> MarkedDocument:
    """Read a YAML file; duplicate keys, aliases and foreign tags become problems of the document.

    Raises
    ------
    InputError
        The file cannot be read at all: a folder, missing, not UTF-8, not YAML.
    """
    shown = str(path)
    return marked(read_text(path, shown), shown)


def marked(text: str, shown: str) -> MarkedDocument:
    """Read the text of a YAML document; see `read_marked`.

    Parameters
    ----------
    text : str
    shown : str
        The file, as messages name it.
    """
    root = _compose(text, shown)
    if root is None:
        return MarkedDocument(None, Marks(shown), ())
    reading = _Reading(shown)
    values = reading.value(root, ())
    return MarkedDocument(values, Marks(shown, reading.lines), tuple(reading.problems))


def read_text(path: Path, shown: str) -> str:
    """Read a UTF-8 file.

    Raises
    ------
    InputError
        It cannot be read, or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{shown}: cannot be read: {error.strerror}.") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{shown}:{line}: expected UTF-8, got byte 0x{raw[error.start]:02x}. Save the file as UTF-8."
        ) from None


def _compose(text: str, shown: str) -> Node | None:
    try:
        node: Node | None = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise InputError(_broken(error, shown)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InputError(
            f"{shown}:{line}: expected text, got a control character. Take it out or save the file as UTF-8."
        ) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{shown}: expected YAML, got something else: {error}.") from None
    return node


def _broken(error: MarkedYAMLError, shown: str) -> str:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    problem = str(error.problem or error.context)
    if "\\t" in problem:
        return f"{shown}:{line}: expected spaces at the start of the line, got a tab. Indent with spaces."
    if "another document" in problem:
        return f"{shown}:{line}: expected one document, got a second one. Remove the line ---."
    while_doing = f" {error.context}" if error.context and error.problem else ""
    return f"{shown}:{line}: expected YAML, got a fault{while_doing}: {problem}. Correct that line."


class _Reading:
    """One walk over composed nodes; scalars are resolved by the YAML 1.2 core schema, keys stay text."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.lines: dict[str, int] = {}
        self.problems: list[str] = []
        self._seen: set[int] = set()

    def value(self, node: Node, loc: Loc) -> Any:
        if id(node) in self._seen:
            self._problem(node, loc, "expected a value, got an alias (*name). Write the value out.")
            return None
        self._seen.add(id(node))
        self.lines.setdefault(dotted(loc), node.start_mark.line + 1)
        if not isinstance(node, ScalarNode) and str(node.tag) not in _NESTED:
            return self._tagged(node, loc)
        if isinstance(node, MappingNode):
            return {key: self.value(child, (*loc, key)) for key, child in self._pairs(node, loc)}
        if isinstance(node, SequenceNode):
            return [self.value(child, (*loc, i)) for i, child in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return self._scalar(node, loc)

    def _pairs(self, node: MappingNode, loc: Loc) -> Iterator[tuple[str, Node]]:
        first: dict[str, int] = {}
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._problem(key_node, loc, "expected a plain key, got a list or mapping. Write a name.")
                continue
            key = str(key_node.value)
            if key in first:
                self._problem(
                    key_node, (*loc, key), f"expected once, got it again (line {first[key]}). Remove one."
                )
                continue
            first[key] = line
            self.lines[dotted((*loc, key))] = line
            yield key, child

    def _scalar(self, node: ScalarNode, loc: Loc) -> Any:
        construct = _SCALARS.get(str(node.tag))
        if construct is None:
            return self._tagged(node, loc)
        try:
            return construct(str(node.value))
        except ValueError:
            return str(node.value)

    def _tagged(self, node: Node, loc: Loc) -> None:
        self._problem(node, loc, f"expected a plain value, got the tag {node.tag}. Remove the tag.")

    def _problem(self, node: Node, loc: Loc, text: str) -> None:
        key = dotted(loc)
        place = f"{self.shown}:{node.start_mark.line + 1}"
        self.problems.append(f"{place} {key}: {text}" if key else f"{place}: {text}")


def _integer(text: str) -> int:
    return int(text, 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o") else 10)


def _real(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_NESTED = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_SCALARS: Mapping[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:timestamp": str,
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": _integer,
    "tag:yaml.org,2002:float": _real,
}
