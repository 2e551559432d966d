"""Examples beside a function: what it should vote, and where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labeling.errors import InputError
from labeling.lf import Example, LabelingFunction, Vote
from labeling.lf.tracebacks import told_of
from labeling.lf.vector import VectorFunction
from labeling.types import Item

Voter = LabelingFunction | VectorFunction
SHOWN = 60


@dataclass(frozen=True)
class ExampleFailure:
    """An example that a function does not meet; ``traceback`` is the one of what it raised, if it did."""

    example: str | Mapping[str, Any]
    expected: Vote
    got: Any
    traceback: str | None = None

    def __str__(self) -> str:
        said = str(self.example)
        said = said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…"
        got = self.traceback.strip().splitlines()[-1] if self.traceback else shown_vote(self.got)
        return f"{said!r}: expected {shown_vote(self.expected)}, got {got}"


def check_examples(voter: Voter, text_field: str = "text") -> tuple[ExampleFailure, ...]:
    """Let a function vote on its own examples and give those that it fails.

    Parameters
    ----------
    voter : LabelingFunction or VectorFunction
    text_field : str
        The field that an example given as text stands for.
    """
    checked = (_check(voter, example, text_field) for example in voter.examples)
    return tuple(failure for failure in checked if failure is not None)


def _check(voter: Voter, pair: Example, text_field: str) -> ExampleFailure | None:
    example, expected = pair
    fields = {text_field: example} if isinstance(example, str) else example
    try:
        got = voter(Item("example", fields, text_field))
    except InputError as error:
        return ExampleFailure(example, expected, None, str(error))
    except (Exception, SystemExit) as error:
        return ExampleFailure(example, expected, None, told_of(error))
    return None if got == expected else ExampleFailure(example, expected, got)


def shown_vote(vote: Any) -> str:
    """Give a vote as a sentence has it.

    Examples
    --------
    >>> shown_vote("SPAM"), shown_vote(None), shown_vote(3)
    ('SPAM', 'None', '3')
    """
    return vote if isinstance(vote, str) else repr(vote)
