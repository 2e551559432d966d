"""What a writer of functions works with: votes, the label model's opinion and the gold that is theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.lf.examples import Voter
from labeling.pool import Pool, load_pool
from labeling.pool.dev import writers_gold
from labeling.pool.people import read_people
from labeling.project import Project
from labeling.scoring import VoteModel, fit_vote_model
from labeling.scoring.vote_model import NO_VOTES
from labeling.types import ABSTAIN, Floats, PoolGold, VoteMatrix


@dataclass(frozen=True)
class Bench:
    """A pool of n items as the writers of its functions may see it.

    Attributes
    ----------
    project : Project
    pool : Pool
    gold : array of int8, shape (n,)
        Class indices that writers may know; -1 without.
    model : VoteModel or None
        Fitted to the votes alone; None where nobody votes.
    """

    project: Project = field(repr=False)
    pool: Pool
    gold: npt.NDArray[np.int8] = field(repr=False)
    model: VoteModel | None = field(repr=False)

    @property
    def votes(self) -> VoteMatrix:
        """The votes on all items."""
        return self.pool.applied.votes

    @property
    def remark(self) -> str | None:
        """What is to be known of the label model."""
        remarks = (NO_VOTES,) if self.model is None else self.model.remarks
        return "; ".join(remarks) or None

    @property
    def names(self) -> tuple[str, ...]:
        """Class names; index i is class ``names[i]``."""
        return self.project.schema.names

    @cached_property
    def posterior(self) -> Floats:
        """The label model's class probabilities, shape (n, k)."""
        return self.posterior_of(self.votes)

    @cached_property
    def labels(self) -> npt.NDArray[np.int8]:
        """The label model's most probable class, shape (n,); -1 where nobody votes."""
        return argmax_labels(self.posterior, self.votes)

    def posterior_of(self, votes: VoteMatrix) -> Floats:
        """Give the fitted model's class probabilities of other votes, shape (n, k)."""
        if self.model is None:
            return np.full((len(votes), votes.n_classes), 1 / votes.n_classes)
        return self.model.posterior_of(votes)

    def name(self, code: int) -> str | None:
        """Give the name of a class index, None for an abstention."""
        return None if code == ABSTAIN else self.names[code]

    def column(self, voter: str) -> int:
        """Give the column of a voter.

        Raises
        ------
        InputError
            No voter has that name.
        """
        check_voters([voter], self.votes.voters)
        return self.votes.voters.index(voter)


def open_bench(project: Project, functions: Sequence[Voter] | None = None) -> Bench:
    """Load the pool, have everybody vote who has not yet, and fit the label model.

    Parameters
    ----------
    functions : sequence of Voter, optional
        The project's functions, where they are loaded already.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    pool = load_pool(project, functions=functions)
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
    model = weigh(project, pool.applied.votes)
    return Bench(project, pool, writers_gold(project, pool, people), model)


def weigh(project: Project, votes: VoteMatrix) -> VoteModel | None:
    """Fit the label model of the config to votes alone; None where nobody votes."""
    config, none = project.config.label_model, np.full(len(votes), ABSTAIN, dtype=np.int8)
    return fit_vote_model(config.kind, config.seed, votes, PoolGold.all_drawn(none), project.schema.names)


def argmax_labels(posterior: Floats, votes: VoteMatrix) -> npt.NDArray[np.int8]:
    """Give the most probable class of each item, shape (n,); -1 where nobody votes."""
    return np.where(votes.covered, posterior.argmax(axis=1), ABSTAIN).astype(np.int8)


def check_voters(asked: Iterable[str], known: Iterable[str]) -> None:
    """Make sure that voters exist.

    Raises
    ------
    InputError
        One line for each that does not, with the nearest name.
    """
    there = list(known)
    unknown = [name for name in asked if name not in there]
    if unknown:
        raise InputError(*(_unknown(name, there) for name in unknown))


def _unknown(name: str, known: list[str]) -> str:
    listed = ", ".join(known) or "none"
    return f"{name!r}: expected the name of a voter.{did_you_mean(name, known) or f' There are {listed}.'}"
