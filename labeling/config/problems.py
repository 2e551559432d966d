"""What pydantic finds wrong with a marked document, as lines that a user can act on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from labeling.config.marks import Loc, Marks
from labeling.config.suggest import did_you_mean


def describe(error: ValidationError, model: type[BaseModel], marks: Marks) -> Iterator[str]:
    """Give one line for each finding: place, expectation, value, next step.

    Each field's ``description`` is its expectation, its first example the value that is proposed.
    """
    for finding in error.errors(include_url=False):
        loc: Loc = finding["loc"]
        yield f"{marks.place(loc)}: {_complaint(finding, loc, model)}"


def shown(value: Any) -> str:
    """Show a value as the user wrote it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "nothing" if value is None else text if len(text) <= 60 else f"{text[:57]}..."


@dataclass(frozen=True)
class _Spot:
    """What belongs at one place of the file."""

    annotation: Any
    expected: str
    example: Any

    @property
    def fields(self) -> Mapping[str, FieldInfo]:
        return _fields(self.annotation)

    def child(self, part: str | int) -> _Spot:
        field = self.fields.get(str(part))
        if field:
            return _spot(field.annotation, field.description or "", (field.examples or [""])[0])
        inner = get_args(self.annotation)[-1 if get_origin(self.annotation) is dict else 0]
        return _spot(inner, "text", self.example[0] if isinstance(self.example, list) else self.example)


def _spot(annotation: Any, expected: str, example: Any) -> _Spot:
    annotation = _bare(annotation)
    if get_origin(annotation) is Literal:
        choices = [str(choice) for choice in get_args(annotation)]
        return _Spot(annotation, f"one of {', '.join(choices)}", choices[0])
    if fields := _fields(annotation):
        first = next(iter(fields))
        return _Spot(
            annotation,
            f"a mapping with {', '.join(fields)}",
            f"{{{first}: {_yaml(_Spot(annotation, '', '').child(first).example)}}}",
        )
    return _Spot(annotation, expected, example)


def _complaint(finding: ErrorDetails, loc: Loc, model: type[BaseModel]) -> str:
    spots = [_spot(model, "", "")]
    for part in loc[:-1]:
        spots.append(spots[-1].child(part))
    parent, kind = spots[-1], finding["type"]
    if kind == "extra_forbidden":
        return _unknown_key(str(loc[-1]), parent.fields)
    spot = parent.child(loc[-1]) if loc else parent
    if kind == "missing":
        return f"expected {spot.expected}, got nothing. Write {loc[-1]}: {_yaml(spot.example)}."
    value = finding["input"]
    return f"expected {spot.expected}, got {shown(value)}. {_next_step(value, spot)}"


def _unknown_key(key: str, fields: Mapping[str, FieldInfo]) -> str:
    return f"unknown key, expected one of {', '.join(fields)}.{did_you_mean(key, fields) or ' Take it out.'}"


def _next_step(value: Any, spot: _Spot) -> str:
    if spot.expected.startswith("text") and isinstance(value, bool | int | float):
        return f'Put it in quotes: "{shown(value)}".'
    if isinstance(value, str):
        if isinstance(spot.example, float) and (share := _percent(value)):
            return f"Write {share:g}."
        if near := did_you_mean(value, spot.expected.removeprefix("one of ").split(", ")):
            return near.strip()
    return f"Write {_yaml(spot.example)}."


def _percent(text: str) -> float | None:
    try:
        share = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        return None
    return share if text.strip().endswith("%") and 0 < share < 1 else None


def _yaml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fields(annotation: Any) -> Mapping[str, FieldInfo]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {field.alias or name: field for name, field in annotation.model_fields.items()}
    return {}


def _bare(annotation: Any) -> Any:
    """Strip ``None`` off an optional type."""
    if get_origin(annotation) in (Union, UnionType):
        return next(arg for arg in get_args(annotation) if arg is not NoneType)
    return annotation
