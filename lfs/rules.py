"""Functions as data: a YAML file of rules, read into what the builders of the same names make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict, ValidationError

from labeling.config.marks import Loc, Marks, read_marked
from labeling.config.problems import describe, shown
from labeling.config.sections import Integer, Name, Section
from labeling.config.suggest import did_you_mean, listed
from labeling.errors import InputError
from labeling.lf.vector import VectorFunction
from lfs.engines import PYTHONS_ENGINE
from lfs.keywords import keyword
from lfs.patterns import regex

MOST_BYTES = 250_000
MOST_RULES = 500
MOST_WORDS = 1_000
LONGEST_PATTERN = 2_000
"""Characters; what patterns cost grows with them."""

BUILDERS = ("keyword", "regex")
Flag = Annotated[bool, Strict()]
Finding = tuple[Loc, str]


def _few(words: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(words) <= MOST_WORDS:
        raise ValueError(len(words))
    return words


class Shared(Section):
    """Parameters of all builders."""

    label: Name = Field(description="text, the name of a class", examples=["SPAM"])
    field: Name | None = Field(default=None, description="text, a column of the items", examples=["text"])
    examples: tuple[Any, ...] = Field(
        default=(), description="a list of texts with their votes", examples=["[[Click here!, SPAM]]"]
    )


class KeywordRule(Shared):
    """The parameters of `keyword`."""

    words: Annotated[tuple[Name, ...], AfterValidator(_few)] = Field(
        description=f"a list of 1 to {MOST_WORDS} words", examples=[["free"]]
    )
    whole_words: Flag = Field(default=True, description="true or false", examples=["true"])
    case: Flag = Field(default=False, description="true or false", examples=["false"])
    at_least: Integer = Field(default=1, ge=1, description="a whole number from 1", examples=[1])

    def function(self, name: str) -> VectorFunction:
        """Declare the function.

        Raises
        ------
        InputError
            All that the builder finds wrong.
        """
        given = self.model_dump(exclude={"words", "examples"})
        return keyword(*self.words, **given, examples=self.examples, name=name)


class RegexRule(Shared):
    """The parameters of `regex`; Python's engine is none of them."""

    pattern: Name = Field(
        max_length=LONGEST_PATTERN,
        description=f"text of at most {LONGEST_PATTERN} characters, a regular expression",
        examples=["'https?://'"],
    )
    case: Flag = Field(default=True, description="true or false", examples=["true"])
    engine: Annotated[str, Field(pattern="^linear$")] = Field(
        default="linear",
        description="linear, for functions as data run in linear time alone",
        examples=["linear"],
    )

    def function(self, name: str) -> VectorFunction:
        """Declare the function.

        Raises
        ------
        InputError
            All that the builder finds wrong.
        """
        given = self.model_dump(exclude={"examples", "engine"})
        return regex(**given, examples=self.examples, name=name)


class Rule(Section):
    """One function: its name, one builder with its parameters, and where it comes from.

    ``provenance`` is a record for people: votes do not depend on it.
    """

    name: Name = Field(description="text, the name of a voter", examples=["says_free"])
    keyword: KeywordRule | None = None
    regex: RegexRule | None = None
    provenance: dict[str, Any] = Field(default={}, description="a mapping", examples=["{by: a person}"])


class RulesFile(Section):
    """The whole file; each function is checked on its own."""

    functions: tuple[Any, ...] = Field(
        min_length=1,
        max_length=MOST_RULES,
        description=f"a list of 1 to {MOST_RULES} functions",
        examples=["[{name: says_free, keyword: {label: SPAM, words: [free]}}]"],
    )


@dataclass(frozen=True)
class Part(Marks):
    """The lines of one part of a file, whose locations begin at the part."""

    part: Loc = ()

    def place(self, loc: Loc | str) -> str:
        """See `Marks`."""
        return super().place((*self.part, *([loc] if isinstance(loc, str) else loc)))


def read_rules(path: Path, class_names: Sequence[str]) -> list[VectorFunction]:
    """Read the functions of a file; nothing of it is executed.

    Parameters
    ----------
    path : Path
    class_names : sequence of str
        What the functions may vote for.

    Raises
    ------
    InputError
        Everything that is wrong with the file.
    """
    _check_size(path)
    document = read_marked(path)
    marks, problems = document.marks, [*document.problems]
    try:
        rules = RulesFile.model_validate(document.values).functions
    except ValidationError as error:
        raise InputError(*problems, *describe(error, RulesFile, marks)) from None
    parts = [Part(marks.path, marks.lines, ("functions", i)) for i in range(len(rules))]
    checked = [check_rule(rule, part, class_names) for rule, part in zip(rules, parts, strict=True)]
    problems += [problem for _, found in checked for problem in found]
    problems += _repeated_names(rules, parts)
    if problems:
        raise InputError(*problems)
    return [function for function, _ in checked if function is not None]


def check_rule(
    values: object, marks: Marks, class_names: Sequence[str]
) -> tuple[VectorFunction | None, list[str]]:
    """Give the function that a rule declares, or None and all that is wrong with it.

    Parameters
    ----------
    values : object
        What stands in the file; `Rule` tells what it must be.
    marks : Marks
        Names the place of each fault.
    class_names : sequence of str
    """
    try:
        rule = Rule.model_validate(values)
    except ValidationError as error:
        return None, list(describe(error, Rule, marks))
    given = {name: part for name in BUILDERS if (part := getattr(rule, name)) is not None}
    if len(given) != 1:
        got = " and ".join(given) or "none"
        return None, [f"{marks.place(())}: expected either {' or '.join(BUILDERS)}, got {got}. Write one."]
    [(builder, condition)] = given.items()
    problems: list[Finding] = [(("label",), said) for said in _class_problems(condition.label, class_names)]
    function = None
    try:
        function = condition.function(rule.name)
    except InputError as error:
        problems += [_located(problem) for problem in error.problems]
    said = [f"{marks.place((builder, *loc))}: {text}" for loc, text in problems]
    return (None if said else function), said


def _located(problem: str) -> Finding:
    """Split what a builder says: ``builder: parameter: complaint``."""
    _, parameter, complaint = problem.split(": ", 2)
    return (parameter,), complaint.replace(PYTHONS_ENGINE, "Write it without.")


def _class_problems(label: str, class_names: Sequence[str]) -> list[str]:
    if label in class_names:
        return []
    step = did_you_mean(label, class_names) or " Write one of them."
    return [f"expected one of {listed(class_names)}, got {shown(label)}.{step}"]


def _repeated_names(rules: Sequence[Any], parts: Sequence[Marks]) -> list[str]:
    names = [rule.get("name") if isinstance(rule, Mapping) else None for rule in rules]
    return [
        f"{parts[i].place('name')}: expected a name of its own, got {shown(name)} again. Rename one."
        for i, name in enumerate(names)
        if isinstance(name, str) and name in names[:i]
    ]


def _check_size(path: Path) -> None:
    size = path.stat().st_size if path.is_file() else 0
    if size > MOST_BYTES:
        raise InputError(f"{path}: expected at most {MOST_BYTES} bytes, got {size}. Make two files.")
