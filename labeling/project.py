"""The project that every use case takes: a config, its state and the adapters that the root chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from labeling.artifacts import Artifacts
from labeling.config import Config
from labeling.config.prices import Prices
from labeling.config.sections import LLMConfig
from labeling.errors import Unavailable
from labeling.store import Store
from labeling.types import (
    Advisor,
    Completer,
    FeatureSpace,
    Floats,
    Item,
    LabelSchema,
    Learner,
    LLMVoter,
    ReviewQueue,
    TextModel,
    TextTrainer,
)

if TYPE_CHECKING:
    from labeling.lf.authors import Author
    from labeling.lf.vector import VectorFunction

Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Show no progress."""


class LearnerFactory(Protocol):
    """Makes learners of one kind."""

    def __call__(
        self, n_classes: int, *, seed: int, uniform_share: float, minimum_share: float, strategy: str
    ) -> Learner:
        """Give a fresh learner."""


class BaselineFactory(Protocol):
    """Makes what the learner is measured against."""

    def __call__(self, name: str, n_classes: int, *, seed: int) -> Learner:
        """Give a fresh baseline of a name."""


class FunctionReader(Protocol):
    """Reads files of functions that are data."""

    def __call__(self, path: Path, class_names: Sequence[str]) -> Sequence[VectorFunction]:
        """Give the functions of a file; what is wrong with it is an `InputError`."""


@dataclass(frozen=True)
class ReadPrompts:
    """The voters that a model's prompts make, and the names of those that lack examples."""

    voters: tuple[LLMVoter, ...]
    lacking: tuple[str, ...] = ()


class PromptReader(Protocol):
    """Reads the prompts of a model."""

    def __call__(
        self, llm: LLMConfig, fields: Sequence[str], examples: Sequence[tuple[Item, str]]
    ) -> ReadPrompts:
        """Give the voters of a section; what is wrong with a prompt is an `InputError`.

        Parameters
        ----------
        llm : LLMConfig
        fields : sequence of str
            The fields of items that may be sent.
        examples : sequence of (Item, str)
            Items with the class that people gave them; empty where there are none.
        """


def no_prompts(llm: LLMConfig, fields: Sequence[str], examples: Sequence[tuple[Item, str]]) -> ReadPrompts:
    """Read nothing."""
    return ReadPrompts(())


def no_completer(llm: LLMConfig) -> AbstractAsyncContextManager[Completer]:
    """Reach nobody.

    Raises
    ------
    Unavailable
        Always.
    """
    raise Unavailable(f"{llm.model}: this project has no way to a server.")


def no_baseline(name: str, n_classes: int, *, seed: int) -> Learner:
    """Compare with nothing.

    Raises
    ------
    Unavailable
        Always.
    """
    raise Unavailable(f"{name}: this project has nothing to compare its learner with.")


def no_advisor() -> Advisor:
    """Advise nothing.

    Raises
    ------
    Unavailable
        Always.
    """
    raise Unavailable("this project has nobody who advises on the loop.")


def no_trainer(texts: Sequence[str], targets: Floats) -> TextModel:
    """Train nothing.

    Raises
    ------
    Unavailable
        Always.
    """
    raise Unavailable("this project has nothing that trains a classifier of texts.")


def no_post(url: str, message: Mapping[str, object]) -> None:
    """Tell nobody.

    Raises
    ------
    Unavailable
        Always.
    """
    raise Unavailable("this project has no way to tell anybody.")


def no_author(model: str) -> Author:
    """Propose nothing.

    Raises
    ------
    Unavailable
        Always.
    """
    raise Unavailable(f"{model}: this project has nobody who proposes functions.")


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
    new_space : callable
        Gives what the learner sees of items.
    new_learner : LearnerFactory
    learner_digest : callable
        Digest of the models and code that features and learner are made of.
    new_baseline : BaselineFactory
    new_advisor : callable
        Gives who says when to stop and what to look at again.
    train_text : TextTrainer
        Trains the end model.
    connect : callable
        Opens the desk where people answer; a context, for it may start a server and stop it.
    readers : mapping of str to FunctionReader
        By suffix of the files that they read, such as ``.yaml``.
    read_prompts : PromptReader
    new_completer : callable
        Opens what sends to a model's server; nothing is sent yet.
    new_author : callable
        Gives who proposes functions, by the name of a model; nothing is asked yet.
    post : callable
        Sends a message, JSON, to an address.
    prices : callable
        Gives what models cost; what is wrong with a table is an `InputError`.
    progress : callable
        Called with (what, done, total).
    rescan : bool
        Whether the data are read anew, though their stamps are the same.
    without : frozenset of str
        Voters that have no say this time, though the config names them.
    """

    config: Config
    store: Store = field(repr=False)
    artifacts: Artifacts = field(repr=False)
    new_space: Callable[[], FeatureSpace] = field(repr=False)
    new_learner: LearnerFactory = field(repr=False)
    learner_digest: Callable[[], str] = field(repr=False)
    connect: Callable[[], AbstractContextManager[Desk]] = field(repr=False)
    new_baseline: BaselineFactory = field(default=no_baseline, repr=False)
    new_advisor: Callable[[], Advisor] = field(default=no_advisor, repr=False)
    train_text: TextTrainer = field(default=no_trainer, repr=False)
    readers: Mapping[str, FunctionReader] = field(default_factory=dict, repr=False)
    read_prompts: PromptReader = field(default=no_prompts, repr=False)
    new_completer: Callable[[LLMConfig], AbstractAsyncContextManager[Completer]] = field(
        default=no_completer, repr=False
    )
    new_author: Callable[[str], Author] = field(default=no_author, repr=False)
    post: Callable[[str, Mapping[str, object]], None] = field(default=no_post, repr=False)
    prices: Callable[[], Prices] = field(default=Prices, repr=False)
    progress: Progress = field(default=silent, repr=False)
    rescan: bool = False
    without: frozenset[str] = frozenset()

    @property
    def schema(self) -> LabelSchema:
        """The classes of the project."""
        return self.config.schema

    @property
    def learner_factory(self) -> Callable[..., Learner]:
        """Makes learners of the configured kind from ``seed`` and ``strategy``, in other processes, too."""
        active = self.config.active
        return partial(
            self.new_learner,
            len(self.schema),
            uniform_share=active.uniform_share,
            minimum_share=active.minimum_share,
            strategy=active.strategy,
        )

    def learner(self, *, seed: int, **other: Any) -> Learner:
        """Give a fresh learner of the configured kind, but for other parameters that are named."""
        return self.learner_factory(seed=seed, **other)
