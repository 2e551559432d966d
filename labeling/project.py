"""The project that every use case takes: a config, its state and the adapters that the root chose."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from labeling.artifacts import Artifacts
from labeling.config import Config
from labeling.store import Store
from labeling.types import LabelSchema, Learner, ReviewQueue

Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Show no progress."""


class LearnerFactory(Protocol):
    """Makes learners of one kind."""

    def __call__(self, n_classes: int, *, seed: int, uniform_share: float, strategy: str) -> Learner:
        """Give a fresh learner."""


@dataclass(frozen=True)
class Desk:
    """Where people answer: the queue, its address, and the login where the server is ours."""

    queue: ReviewQueue
    address: str
    login: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Project:
    """A labelling project, ready for use.

    Attributes
    ----------
    config : Config
    store : Store
        Relational state.
    artifacts : Artifacts
        Columnar data.
    new_learner : LearnerFactory
    connect : callable
        Opens the desk where people answer; a context, for it may start a server and stop it.
    progress : callable
        Called with (what, done, total).
    rescan : bool
        Whether the data are read anew, though their stamps are the same.
    """

    config: Config
    store: Store = field(repr=False)
    artifacts: Artifacts = field(repr=False)
    new_learner: LearnerFactory = field(repr=False)
    connect: Callable[[], AbstractContextManager[Desk]] = field(repr=False)
    progress: Progress = field(default=silent, repr=False)
    rescan: bool = False

    @property
    def schema(self) -> LabelSchema:
        """The classes of the project."""
        return self.config.schema

    def learner(self, *, seed: int, strategy: str = "auto") -> Learner:
        """Give a fresh learner of the configured kind."""
        share = self.config.active.uniform_share
        return self.new_learner(len(self.schema), seed=seed, uniform_share=share, strategy=strategy)
