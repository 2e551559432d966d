"""Whether language models are several voters or one, counted several times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.agreement import Agreement, measure_agreement
from labeling.development.bench import check_voters
from labeling.errors import InputError
from labeling.pool import Pool, load_pool
from labeling.pool.people import read_people
from labeling.pool.training import pool_gold
from labeling.project import Project
from labeling.types import ABSTAIN, PoolGold


@dataclass(frozen=True)
class AgreementReport:
    """How far some voters say the same.

    Attributes
    ----------
    items, gold : int
        Items, and those whose class is known: people's answers and the gold column, whatever its use.
    voters : tuple of str
    agreement : Agreement
    left_out : tuple of str
        A line for each language model that has no say yet.
    """

    items: int
    gold: int
    voters: tuple[str, ...]
    agreement: Agreement
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "items": self.items,
            "gold": self.gold,
            "voters": list(self.voters),
            **self.agreement.to_dict(),
            "left_out": list(self.left_out),
        }


def compare_models(project: Project, voters: Sequence[str] = ()) -> AgreementReport:
    """Compare the language models that have answers with one another, or other voters by name.

    Pairs are held against all gold there is, as the accuracy of `quorum votes` is; groups are those of the
    label model, which learns from the loop's gold alone.

    Parameters
    ----------
    voters : sequence of str
        The voters to compare; all language models if empty.

    Raises
    ------
    InputError
        There are not two of them, or no voter has one of the names.
    """
    pool = load_pool(project, tells_refused=False)
    votes = pool.applied.votes
    check_voters(voters, votes.voters)
    asked = tuple(dict.fromkeys(voters)) or tuple(r.name for r in pool.applied.runs if r.answers)
    if len(asked) < 2:
        raise InputError(_too_few(asked, pool))
    with project.store.read() as tx:
        taught = pool_gold(project, pool, read_people(tx, project.schema))
    known = np.where(taught.labels != ABSTAIN, taught.labels, pool.score_gold)
    pairs = measure_agreement(votes, PoolGold.all_drawn(known), asked).pairs
    groups = measure_agreement(votes, taught, asked).groups
    told = int((known != ABSTAIN).sum())
    return AgreementReport(len(pool), told, asked, Agreement(pairs, groups), pool.left_out)


def _too_few(asked: Sequence[str], pool: Pool) -> str:
    there = f"{asked[0]} alone" if asked else "none"
    open_ones = f" {' '.join(f'{line}.' for line in pool.left_out)}" if pool.left_out else ""
    return (
        f"llm agree: expected two voters to compare, got {there}.{open_ones} "
        "Add a prompt or a model, or name other voters with --voter."
    )
