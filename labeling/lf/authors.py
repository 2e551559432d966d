"""What an author of functions is shown and what it proposes, with the port of authors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from labeling.lf.vector import VectorFunction
from labeling.types import CompletionAnswer, CompletionRequest, Item


@dataclass(frozen=True)
class ShownItem:
    """An item that an author sees: its class where people told it, and what voters say by their names."""

    item: Item
    label: str | None = None
    votes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """What an author works from.

    Attributes
    ----------
    labelled : tuple of ShownItem
        Items whose class people told.
    disputed : tuple of ShownItem
        Items on which voters disagree.
    uncovered : tuple of ShownItem
        Items on which nobody votes.
    present : tuple of str
        Names of the voters that are there.
    """

    labelled: tuple[ShownItem, ...] = ()
    disputed: tuple[ShownItem, ...] = ()
    uncovered: tuple[ShownItem, ...] = ()
    present: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Items of each kind."""
        return {name: len(getattr(self, name)) for name in ("labelled", "disputed", "uncovered")}


@dataclass(frozen=True)
class Proposal:
    """A function that an author proposes.

    Attributes
    ----------
    function : VectorFunction
        Reads the text alone, in linear time.
    rule : mapping of str to JSON value
        The same as data: what a file of functions holds of it.
    reason : str
        Why, in the author's words.
    """

    function: VectorFunction
    rule: Mapping[str, Any]
    reason: str = ""

    @property
    def name(self) -> str:
        """Name of the function."""
        return str(self.function.name)


@dataclass(frozen=True)
class Dropped:
    """A proposal that is no function, with what is wrong with it."""

    name: str
    problem: str


@dataclass(frozen=True)
class Draft:
    """An author's answer as it was read."""

    proposals: tuple[Proposal, ...]
    dropped: tuple[Dropped, ...]


class Author(Protocol):
    """Proposes functions as data."""

    @property
    def model(self) -> str:
        """Who proposes."""

    @property
    def version(self) -> str:
        """Digest of how it is asked, the material left out."""

    def request(self, material: Material) -> CompletionRequest:
        """Ask for functions; what is private is not in it."""

    def read(self, answer: CompletionAnswer) -> Draft:
        """Read an answer; never raises, and mends nothing."""
