"""The classes of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from labeling.types.arrays import Bools
from labeling.types.digests import digest_of


@dataclass(frozen=True, slots=True)
class LabelClass:
    """One class of a schema: its name and what people are told about it."""

    name: str
    definition: str = ""
    examples: tuple[str, ...] = ()
    critical: bool = False
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()

    @property
    def borders(self) -> tuple[tuple[str, ...], ...]:
        """What belongs to the class, what does not, and what nearly does; nothing where none is told."""
        told = (self.includes, self.excludes, self.near_misses)
        return told if any(told) else ()


@dataclass(frozen=True)
class LabelSchema:
    """The classes of a project with the guideline that people work by.

    ``consensus`` names what several people's answers to an item amount to: ``majority``, ``dawid_skene`` or
    ``with_model``. ``unclear`` is what people may answer where no class fits, None where they have to choose.
    """

    classes: tuple[LabelClass, ...]
    guideline: str = ""
    consensus: str = "majority"
    unclear: str | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Class names, in the order of the config; array index i is class ``names[i]``."""
        return tuple(c.name for c in self.classes)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Array index by class name."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """What people may answer: the classes, and that none fits where that is allowed."""
        return self.names if self.unclear is None else (*self.names, self.unclear)

    @cached_property
    def critical(self) -> Bools:
        """Mask, shape (k,): classes that are never accepted by machine."""
        return np.array([c.critical for c in self.classes], dtype=bool)

    @cached_property
    def version(self) -> str:
        """Digest of all that people are told: names, definitions, examples, borders, guideline."""
        told = [(c.name, c.definition, c.examples, c.critical, *c.borders) for c in self.classes]
        beside = () if self.unclear is None else (self.unclear,)
        return digest_of(told, self.guideline, *beside)[:12]

    def __len__(self) -> int:
        return len(self.classes)
