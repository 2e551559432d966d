"""Prompt files, checked as a whole against the classes and fields of a project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from labeling.config.marks import Loc, by_line
from labeling.config.problems import describe, shown
from labeling.config.sections import Integer, Name, Section
from labeling.config.suggest import did_you_mean, listed
from labeling.errors import InputError
from lfs.llm.front_matter import read_front_matter

Finding = tuple[Loc, str]
NAME = r"^[\w.+-]+$"
WHOLE = ("codebook", "nearest")
"""Kinds of prompts that ask for any class."""


class Head(Section):
    """The front matter of a prompt file."""

    name: str | None = Field(
        default=None, pattern=NAME, description="letters, digits and . _ + -", examples=["spam"]
    )
    kind: Literal["codebook", "cue", "nearest"] = "codebook"
    target: Name | None = Field(
        default=None, alias="class", description="text, the name of a class", examples=["SPAM"]
    )
    examples: Integer | None = Field(
        default=None, ge=1, le=50, description="a whole number in [1, 50]", examples=[8]
    )
    fields: tuple[Name, ...] | None = Field(
        default=None, min_length=1, description="a list of fields", examples=[["text"]]
    )
    max_tokens: Integer = Field(
        default=400, ge=50, le=32_000, description="a whole number in [50, 32000]", examples=[400]
    )
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    cache_ttl: Literal["5m", "1h"] | None = "5m"
    tie_rule: str = Field(default="", description="text", examples=["what to do where two classes fit"])


@dataclass(frozen=True)
class Scope:
    """What a prompt may speak of.

    Parameters
    ----------
    classes : tuple of str
    fields : tuple of str
        Those that may be sent; private ones are not among them.
    text_field : str
        What a model sees where a prompt names no fields.
    """

    classes: tuple[str, ...]
    fields: tuple[str, ...]
    text_field: str


@dataclass(frozen=True)
class Prompt:
    """A checked prompt file.

    Attributes
    ----------
    path : str
        As messages name it.
    name : str
    head : Head
    fields : tuple of str
        What a model sees of an item.
    body : str
        The words of who wrote it.
    """

    path: str
    name: str
    head: Head
    fields: tuple[str, ...]
    body: str


def read_prompt(path: Path, place: str, scope: Scope) -> Prompt:
    """Read and check a prompt file, which messages name as ``place``.

    Raises
    ------
    InputError
        Everything that is wrong with the file, in the order of its lines.
    """
    file = read_front_matter(path, place)
    values = {key: value for key, value in file.values.items() if value is not None or key == "cache_ttl"}
    problems = [*file.problems]
    problems += [f"{file.marks.place(loc)}: {text}" for rule in _RULES for loc, text in rule(values, scope)]
    problems += _named_after_file(values, path, place)
    if values.get("kind") == "cue" and not file.body:
        problems.append(
            f"{place}:{file.body_line}: expected the cue's question, got nothing. Write it there."
        )
    try:
        head = Head.model_validate(values)
    except ValidationError as error:
        problems += describe(error, Head, file.marks)
        head = Head()
    if problems:
        raise InputError(*sorted(problems, key=by_line))
    return Prompt(place, head.name or path.stem, head, head.fields or (scope.text_field,), file.body)


def _named_after_file(values: Mapping[str, Any], path: Path, place: str) -> Iterator[str]:
    if "name" not in values and not re.match(NAME, path.stem):
        step = re.sub(r"[^\w.+-]+", "-", path.stem).strip("-") or "prompt"
        yield (
            f"{place}:1 name: expected letters, digits and . _ + -, got {shown(path.stem)} from the file's "
            f"name. Write name: {step}."
        )


def _class_rules(values: Mapping[str, Any], scope: Scope) -> Iterator[Finding]:
    kind, target = values.get("kind", "codebook"), values.get("class")
    if kind == "cue" and target is None:
        yield ("class",), f"expected the class that yes means, got nothing. Write class: {scope.classes[0]}."
    elif isinstance(target, str) and target not in scope.classes:
        near = did_you_mean(target, scope.classes) or " Write one of them."
        yield ("class",), f"expected one of {listed(scope.classes)}, got {shown(target)}.{near}"
    elif isinstance(target, str) and kind in WHOLE:
        yield ("class",), f"expected none, for only a cue has one, got {shown(target)}. Write kind: cue."


def _kind_rules(values: Mapping[str, Any], scope: Scope) -> Iterator[Finding]:
    kind, examples = values.get("kind", "codebook"), values.get("examples")
    if examples is not None and kind in ("codebook", "cue"):
        yield (
            ("examples",),
            f"expected none, for only kind: nearest shows examples, got {shown(examples)}. "
            "Take it out, or write kind: nearest.",
        )
    if values.get("tie_rule") and kind == "cue":
        yield ("tie_rule",), "expected none, for a cue has one class, got a rule. Take it out."


def _field_rules(values: Mapping[str, Any], scope: Scope) -> Iterator[Finding]:
    fields = values.get("fields")
    names = fields if isinstance(fields, list) else []
    for i, name in enumerate(names):
        loc = ("fields", i)
        if isinstance(name, str) and name not in scope.fields:
            yield (
                loc,
                f"expected one of {listed(scope.fields)}, which may be sent, got {shown(name)}."
                f"{did_you_mean(name, scope.fields) or ' Take it out; private fields are never sent.'}",
            )
        elif name in names[:i]:
            yield loc, f"expected each field once, got {shown(name)} again. Take it out."


_RULES: Sequence[Callable[[Mapping[str, Any], Scope], Iterator[Finding]]] = (
    _class_rules,
    _kind_rules,
    _field_rules,
)
