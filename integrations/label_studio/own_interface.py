"""A labelling interface of the user's own: read, and checked against what is sent and read back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from integrations.label_studio.interface import CHOICES, OURS, TEXT, data_keys
from labeling.errors import InputError
from labeling.types import LabelSchema

DECLARATION = re.compile(r"^\s*<\?xml.*?\?>\s*", re.DOTALL)
SINGLE = ("single", "single-radio")

Finding = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Element:
    """An element of XML with the line that it begins on and the names of those around it."""

    tag: str
    attributes: Mapping[str, str]
    line: int
    inside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its ``name``; empty without one."""
        return self.attributes.get("name", "")


class BrokenXML(ValueError):
    """The text cannot be read; with the line."""

    def __init__(self, line: int, complaint: str) -> None:
        self.line, self.complaint = line, complaint
        super().__init__(complaint)


def read_interface(path: Path, place: str, schema: LabelSchema, fields: Sequence[str]) -> str:
    """Read and check an interface.

    Parameters
    ----------
    path : Path
    place : str
        The key of the config that names it.
    schema : LabelSchema
    fields : sequence of str
        Fields that tasks show beside the text.

    Raises
    ------
    InputError
        The file cannot be read, or all that is wrong with it.
    """
    try:
        text = DECLARATION.sub("", path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        step = "Correct the path, or take the key out."
        raise InputError(f"{place}: expected a file of UTF-8 text, got {path} ({error}). {step}") from error
    try:
        elements = read_elements(text)
    except BrokenXML as broken:
        raise InputError(f"{path}:{broken.line}: {broken.complaint}") from broken
    found = sorted(problems_of(elements, schema, [*OURS, *data_keys(fields).values()]))
    if found:
        raise InputError(*(f"{path}:{line}: {complaint}" for line, complaint in found))
    return text


@dataclass
class _Reader:
    """Collects elements while a parser walks the text."""

    parser: expat.XMLParserType
    found: list[Element] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes, self.parser.CurrentLineNumber, tuple(self.open))
        self.found.append(element)
        self.open.append(element.name)

    def end(self, tag: str) -> None:
        self.open.pop()

    def refuse(self, *declared: object) -> NoReturn:
        complaint = "expected no DOCTYPE, which may fetch or multiply text, got one. Take it out."
        raise BrokenXML(self.parser.CurrentLineNumber, complaint)


def read_elements(text: str) -> list[Element]:
    """Give the elements of XML, in their order.

    Raises
    ------
    BrokenXML
        It is not well formed, or declares a document type: entities are never resolved.

    Examples
    --------
    >>> [(e.tag, e.line) for e in read_elements("<View>\\n<Text name='text'/></View>")]
    [('View', 1), ('Text', 2)]
    """
    parser = expat.ParserCreate()
    reader = _Reader(parser)
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        complaint = f"expected XML, got {expat.ErrorString(error.code)}. Correct it."
        raise BrokenXML(error.lineno, complaint) from error
    return reader.found


def problems_of(elements: Sequence[Element], schema: LabelSchema, keys: Collection[str]) -> Iterator[Finding]:
    """Give all that is wrong: lines, with what was expected there.

    Parameters
    ----------
    elements : sequence of Element
        At least one.
    schema : LabelSchema
    keys : collection of str
        Of the data of a task.
    """
    if elements[0].tag != "View":
        yield elements[0].line, f"expected <View> around all, got <{elements[0].tag}>. Put <View> around it."
    yield from _text_problems(elements)
    yield from _choices_problems(elements, schema)
    yield from _value_problems(elements, keys)


def _text_problems(elements: Sequence[Element]) -> Iterator[Finding]:
    wanted = f'<Text name="{TEXT}" value="${TEXT}"/>'
    named = [e for e in elements if e.name == TEXT]
    if len(named) != 1:
        yield elements[0].line, f"expected one {wanted}, got {len(named)}. Write it once."
    for e in named:
        if e.tag != "Text" or e.attributes.get("value") != f"${TEXT}":
            value = e.attributes.get("value", "")
            yield e.line, f'expected {wanted}, got <{e.tag}> with value="{value}". Write it so.'


def _choices_problems(elements: Sequence[Element], schema: LabelSchema) -> Iterator[Finding]:
    wanted = f'<Choices name="{CHOICES}" toName="{TEXT}" choice="single">'
    named = [e for e in elements if e.name == CHOICES]
    if len(named) != 1 or named[0].tag != "Choices":
        got = ", ".join(f"<{e.tag}> in line {e.line}" for e in named) or "none"
        yield elements[0].line, f"expected one {wanted}, got {got}. Answers are read from it."
        return
    [choices] = named
    if choices.attributes.get("toName") != TEXT:
        got = choices.attributes.get("toName", "nothing")
        yield choices.line, f'expected toName="{TEXT}", got {got}. Write {wanted}.'
    if choices.attributes.get("choice", "single") not in SINGLE:
        got = choices.attributes["choice"]
        yield (
            choices.line,
            f'expected choice="single", as an answer is one class, got "{got}". Write {wanted}.',
        )
    yield from _class_problems(choices, [e for e in elements if e.tag == "Choice"], schema)


def _class_problems(choices: Element, every: Sequence[Element], schema: LabelSchema) -> Iterator[Finding]:
    expected, seen = ", ".join(schema.answers), set()
    for e in (e for e in every if CHOICES in e.inside):
        value = e.attributes.get("value", "")
        if value not in schema.answers:
            yield e.line, f'expected one of {expected}, got "{value}". Write it as in labels.'
        elif value in seen:
            yield e.line, f'expected each class once, got "{value}" again. Take it out.'
        if "alias" in e.attributes:
            yield e.line, "expected no alias, which would be read in place of the class. Take it out."
        seen.add(value)
    missing = [name for name in schema.answers if name not in seen]
    if missing:
        yield choices.line, f"expected all of {expected}, got none for {', '.join(missing)}. Add it."


def _value_problems(elements: Sequence[Element], keys: Collection[str]) -> Iterator[Finding]:
    known = [f"${key}" for key in keys]
    for e in elements:
        value = e.attributes.get("value", "")
        if e.tag != "Choice" and re.fullmatch(r"\$\w+", value) and value not in known:
            yield e.line, f"expected one of {', '.join(known)}, got {value}. Write one of them."
