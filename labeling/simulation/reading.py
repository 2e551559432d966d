"""Reads who answers in a simulation, as the command line tells it or a file does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field, ValidationError

from labeling.config.marks import read_marked
from labeling.config.problems import describe
from labeling.config.sections import Real, Section
from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.pool.audit import SECONDS_PER_ANSWER
from labeling.simulation.habits import PERFECT, SPREAD, Habits

KINDS = {"noisy": "error_rate", "anchored": "anchored", "skipping": "skipping", "slow": "seconds"}
"""What each word of the command line sets."""

FILES = (".yaml", ".yml")


class PeopleSection(Section):
    """A file of habits."""

    error_rate: Real = Field(default=0.0, ge=0, lt=1, description="a number in [0, 1)", examples=[0.05])
    confusion: dict[str, dict[str, Real]] = Field(
        default={}, description="shares by true and by answered class", examples=[{}]
    )
    anchored: Real = Field(default=0.0, ge=0, le=1, description="a number in [0, 1]", examples=[0.3])
    skipping: Real = Field(default=0.0, ge=0, lt=1, description="a number in [0, 1)", examples=[0.1])
    seconds: Real = Field(default=SECONDS_PER_ANSWER, gt=0, description="seconds above 0", examples=[20.0])
    spread: Real = Field(default=SPREAD, ge=0, description="a number from 0", examples=[0.6])


def read_people(told: str, names: Sequence[str]) -> Habits:
    """Give the habits that ``perfect``, words such as ``noisy:0.05,skipping:0.1`` or a YAML file tell.

    Parameters
    ----------
    told : str
    names : sequence of str
        The classes.

    Raises
    ------
    InputError
        All that is wrong with it.

    Examples
    --------
    >>> read_people("noisy:0.05,slow:30", ["HAM", "SPAM"]).seconds
    30.0
    """
    if told == "perfect":
        return PERFECT
    if told.endswith(FILES):
        return _from_file(Path(told), names)
    parts = [part.partition(":") for part in told.split(",")]
    problems = [_complaint(word, value) for word, _, value in parts if not _is_fit(word, value)]
    if problems:
        raise InputError(*problems)
    return replace(PERFECT, **{KINDS[word]: float(value) for word, _, value in parts})  # type: ignore[arg-type]


def _is_fit(word: str, value: str) -> bool:
    try:
        PeopleSection.model_validate({KINDS[word]: float(value)})
    except (KeyError, ValueError):
        return False
    return True


def _complaint(word: str, value: str) -> str:
    if word not in KINDS:
        return (
            f"--people: expected perfect, a YAML file, or some of {', '.join(KINDS)}, got {word!r}."
            f"{did_you_mean(word, KINDS) or ' Write noisy:0.05.'}"
        )
    field = PeopleSection.model_fields[KINDS[word]]
    example = (field.examples or [""])[0]
    return f"--people: {word}: expected {field.description}, got {value!r}. Write {word}:{example}."


def _from_file(path: Path, names: Sequence[str]) -> Habits:
    if not path.is_file():
        raise InputError(f"--people: {path} is not there. Name a YAML file of habits.")
    document = read_marked(path)
    if document.problems:
        raise InputError(*document.problems)
    try:
        section = PeopleSection.model_validate(document.values or {})
    except ValidationError as error:
        raise InputError(*describe(error, PeopleSection, document.marks)) from error
    problems = [f"{document.marks.place('confusion')}: {said}" for said in _strange(section.confusion, names)]
    if problems:
        raise InputError(*problems)
    return Habits(**section.model_dump())


def _strange(confusion: dict[str, dict[str, float]], names: Sequence[str]) -> list[str]:
    """Say which names are no classes, and which shares cannot be."""
    told = dict.fromkeys([*confusion, *(said for row in confusion.values() for said in row)])
    wrong = [
        f"expected names of classes, got {name!r}.{did_you_mean(name, names) or f' Write {names[0]}.'}"
        for name in told
        if name not in names
    ]
    for true, row in confusion.items():
        mistaken = [share for said, share in row.items() if said != true]
        if min(mistaken, default=0.0) < 0 or sum(mistaken) > 1:
            wrong.append(f"shares of {true} add up to {sum(mistaken):g}, expected 0 to 1. Make them smaller.")
    return wrong
