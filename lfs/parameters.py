"""What the parameters of builders may be; what is wrong with some is said when they are given."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from labeling.errors import InputError
from labeling.lf.vector import Example

LONGEST_WORD = 10_000
"""Characters; the engine's limit on compiled patterns is not far beyond."""


def refuse(builder: str, problems: Sequence[str]) -> None:
    """Raise an `InputError` of all problems, each behind the name of the builder, if there are any."""
    if problems:
        raise InputError(*(f"{builder}: {problem}" for problem in problems))


def label_problems(label: object) -> list[str]:
    """Say what is wrong with the name of a class."""
    if isinstance(label, str) and label:
        return []
    return [f'label: expected the name of a class, got {label!r}. Write one of the config\'s, label="SPAM".']


def text_problems(parameter: str, value: object) -> list[str]:
    """Say what is wrong with a text that must not be empty."""
    if isinstance(value, str) and value and _is_encodable(value):
        return []
    return [f"{parameter}: expected a text that is not empty, got {value!r}. Write it in quotes."]


def word_problems(parameter: str, word: object) -> list[str]:
    """Say what is wrong with a word that is looked for in texts."""
    if isinstance(word, str) and len(word) > LONGEST_WORD:
        return [
            f"{parameter}: expected at most {LONGEST_WORD} characters, got {len(word)}. Shorten the word."
        ]
    return text_problems(parameter, word)


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def optional_problems(**values: object) -> list[str]:
    """Say what is wrong with texts that may also be None."""
    return [
        p for parameter, value in values.items() if value is not None for p in text_problems(parameter, value)
    ]


def flag_problems(**values: object) -> list[str]:
    """Say what is wrong with switches."""
    return [
        f"{parameter}: expected True or False, got {value!r}. Write one of them."
        for parameter, value in values.items()
        if not isinstance(value, bool)
    ]


def choice_problems(parameter: str, value: object, choices: Sequence[str]) -> list[str]:
    """Say what is wrong with one of several words."""
    if value in choices:
        return []
    words = " or ".join(f'"{choice}"' for choice in choices)
    return [f'{parameter}: expected {words}, got {value!r}. Write {parameter}="{choices[0]}".']


def number_problems(**values: object) -> list[str]:
    """Say what is wrong with bounds, which are finite numbers."""
    return [
        f"{parameter}: expected a finite number, got {value!r}. Write one, such as {parameter}=4."
        for parameter, value in values.items()
        if not is_finite(value)
    ]


def is_finite(value: object) -> bool:
    """Tell whether a value is a finite number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def example_problems(examples: object, classes: Sequence[str]) -> list[str]:
    """Say what is wrong with examples of a function that votes for some classes."""
    if isinstance(examples, str | Mapping) or not isinstance(examples, Sequence):
        return [f'examples: expected pairs, got {examples!r}. Write examples=[("a text", "{classes[0]}")].']
    return [p for example in examples for p in _pair_problems(example, classes)]


def _pair_problems(example: object, classes: Sequence[str]) -> list[str]:
    place = f"examples: expected (text or fields, class or None), got {example!r}."
    if not isinstance(example, tuple | list) or len(example) != 2:
        return [f'{place} Write ("a text", "{classes[0]}").']
    given, vote = example
    if not isinstance(given, str | Mapping):
        return [f"{place} Write a text, or a mapping of fields, first."]
    if vote is not None and vote not in classes:
        return [f"{place} The function votes for {', '.join(classes)} or None."]
    return []


def as_examples(examples: Sequence[Example]) -> tuple[Example, ...]:
    """Give checked examples as tuples."""
    return tuple((given, vote) for given, vote in examples)
