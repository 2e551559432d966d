"""The two engines of regular expressions: what each refuses, and why."""

from __future__ import annotations

import re
import warnings
from functools import cache

from lfs.parameters import text_problems

ENGINES = ("linear", "re")

REASONS = {
    "look-around": "look-around, (?=...), (?!...), (?<=...) or (?<!...)",
    "backreferences": "a back-reference or an octal escape, such as \\1 or \\0",
    "exceeds size limit": "a pattern of more than 10 MB once compiled",
    "expects a valid decimal": "a repetition without a lower limit, such as {,3}; write {0,3}",
    "unclosed counted repetition": "a brace that is meant literally; write \\{",
    "unrecognized escape": "an escape that it does not know (\\z is its \\Z)",
    "unrecognized flag": "a group or a flag that it does not know",
    "possessive": "a possessive quantifier, such as a++",
}
"""Reasons of the linear engine, by words of its message."""

PYTHONS_ENGINE = (
    'Write it without, or write engine="re" for Python\'s engine, which is slower and has a time limit.'
)
"""What to do about a pattern that the linear engine refuses."""

NOT_QUANTIFIERS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def pattern_problems(pattern: object, engine: str, case: bool) -> list[str]:
    """Say why an engine cannot take a pattern; nothing where it can."""
    if not isinstance(pattern, str) or text_problems("pattern", pattern):
        return text_problems("pattern", pattern)
    invalid = _python_fault(pattern, case)
    if engine == "re":
        return [f"pattern: expected a regular expression, got {pattern!r}: {invalid}."] if invalid else []
    return _linear_problems(pattern, case, invalid)


def _linear_problems(pattern: str, case: bool, invalid: str | None) -> list[str]:
    fault = _linear_fault(pattern if case else "(?i)" + pattern)
    if not fault:
        return []
    if invalid:
        return [f"pattern: expected a regular expression, got {pattern!r}: {invalid}. Correct it."]
    reason = next((text for word, text in REASONS.items() if word in fault), fault)
    said = f"expected what the linear engine can do, got {pattern!r}, which holds {reason}"
    return [f"pattern: {said}. {PYTHONS_ENGINE}"]


def _linear_fault(pattern: str) -> str | None:
    import polars as pl

    if re.search(r"[*+?}]\+", NOT_QUANTIFIERS.sub("x", pattern)):
        return "possessive"
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        lines = [line for line in str(error).splitlines() if line.startswith(("error:", "regex error: Comp"))]
        return lines[0].removeprefix("error: ") if lines else str(error)
    return None


def _python_fault(pattern: str, case: bool) -> str | None:
    try:
        compile_python(pattern, case)
    except (re.error, RecursionError, OverflowError) as error:
        return str(error)
    return None


@cache
def compile_python(pattern: str, case: bool) -> re.Pattern[str]:
    """Compile a pattern for Python's engine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(pattern, 0 if case else re.IGNORECASE)
