"""What can go wrong with a set of votes, found and said in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labeling.label_models.correlation import LOOKED_AT, Groups
from labeling.types import ABSTAIN, Bools, Floats, GoldVotes, Ints, LabelModel, VoteMatrix

LEAST_GOLD_VOTES = 20
LEAST_VOTES = 30
GOLD_DEVIATIONS = 2.0
VOTE_DEVIATIONS = 5.0
"""How surely a voter has to be worse than random: the other voters are weaker witnesses than people."""

FACTOR_OFF = 1.5


def worse_than_random(votes: VoteMatrix, gold: GoldVotes | None = None) -> Bools:
    """Find voters whose vote for a class makes that class less likely, mask of shape (m,).

    People tell, where they labelled at least 20 items that the voter votes on, and clear whoever does better
    there; of whom they do not say the other voters do, where at least 30 items have a vote of both. The worst
    is found first, and is no witness against the others.
    """
    worse: Bools = np.zeros(len(votes.voters), dtype=bool)
    cleared = worse
    if gold is not None and len(gold):
        deviation, number = _deviations(lift_on_gold(gold))
        cleared = (number >= LEAST_GOLD_VOTES) & (deviation >= 0)
        worse = (number >= LEAST_GOLD_VOTES) & (deviation < -GOLD_DEVIATIONS)
    sample = votes.take(np.arange(0, len(votes), max(1, len(votes) // LOOKED_AT)))
    while True:
        deviation, number = _deviations(lift_over_others(muted(sample, worse)))
        deviation[cleared | worse | (number < LEAST_VOTES)] = 0
        if deviation.min() >= -VOTE_DEVIATIONS:
            return worse
        worse = worse | (np.arange(len(worse)) == deviation.argmin())


def _deviations(lifts: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats]:
    """Give lifts in standard errors, zero where nothing varies, and numbers of votes, each of shape (m,)."""
    lift, error, number = lifts
    return np.asarray(np.where(error > 0, lift / np.where(error > 0, error, 1), 0.0)), number


def lift_on_gold(gold: GoldVotes) -> tuple[Floats, Floats, Floats]:
    """Give each voter's rate of right votes less that of the same votes on random items.

    Returns
    -------
    tuple of three arrays, each of shape (m,)
        Lift in [-1, 1], the standard error that it has where votes tell nothing, and the number of votes.
    """
    told = np.eye(gold.votes.n_classes)[gold.labels]
    return _lifts(gold.votes.hard, np.repeat(told[None], len(gold.votes.voters), axis=0), gold.weight)


def lift_over_others(votes: VoteMatrix) -> tuple[Floats, Floats, Floats]:
    """Give how much more the other voters agree with each vote than on random items; as ``lift_on_gold``."""
    classes = np.arange(votes.n_classes)
    counts = sum((column[:, None] == classes).astype(np.int32) for column in votes.hard.T)
    results = []
    for column in votes.hard.T:
        others = counts - (column[:, None] == classes)
        number = others.sum(axis=1)
        seen = number > 0
        shares = others[seen] / number[seen, None]
        results.append(_lifts(column[seen, None], shares[None], np.ones(int(seen.sum()))))
    lift, error, number = (np.concatenate(parts) for parts in zip(*results, strict=True))
    return lift, error, number


def _lifts(hard: npt.NDArray[np.int8], shares: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Compare the share of the voted class with its mean: votes (n, m), shares (m, n, k), weights (n,)."""
    m = hard.shape[1]
    lift, error, number = np.zeros(m), np.full(m, np.inf), np.zeros(m)
    for voter in range(m):
        cast = np.flatnonzero(hard[:, voter] != ABSTAIN)
        if len(cast) < LEAST_GOLD_VOTES:
            continue
        said, w = hard[cast, voter], weights[cast] / weights[cast].sum()
        mean = weights @ shares[voter] / weights.sum()
        variance = weights @ (shares[voter] - mean) ** 2 / weights.sum()
        lift[voter], number[voter] = w @ (shares[voter][cast, said] - mean[said]), len(cast)
        error[voter] = np.sqrt(w**2 @ variance[said])
    return lift, error, number


def believed_alone(model: LabelModel, votes: VoteMatrix, voter: int) -> tuple[Floats, Ints]:
    """Give what a fitted model makes of one voter's votes where nobody else votes, by the class they name.

    Returns
    -------
    tuple of two arrays, each of shape (k,)
        Mean probability of the named class, and on how many of at most 20,000 items the voter names it.
    """
    rows = np.flatnonzero(votes.hard[:, voter] != ABSTAIN)[:LOOKED_AT]
    alone = muted(votes.take(rows), np.arange(len(votes.voters)) != voter)
    said = alone.hard[:, voter]
    named = model.predict_proba(alone)[np.arange(len(rows)), said]
    times = np.bincount(said, minlength=votes.n_classes)
    return np.bincount(said, named, minlength=votes.n_classes) / np.maximum(times, 1), times


def taken_as_witnesses(model: LabelModel, votes: VoteMatrix, voters: Bools) -> Bools:
    """Find those of some voters whose vote for a class, alone, makes it no less probable to a fitted model.

    Parameters
    ----------
    model : LabelModel
    votes : VoteMatrix
    voters : mask, shape (m,)

    Returns
    -------
    mask, shape (m,)
    """
    found = np.zeros_like(voters)
    for voter in np.flatnonzero(voters):
        named, times = believed_alone(model, votes, voter)
        found[voter] = ((named >= model.class_balance_) & (times > 0)).any()
    return found


def muted(votes: VoteMatrix, voters: Bools) -> VoteMatrix:
    """Let some voters, a mask of shape (m,), abstain throughout."""
    hard = np.where(voters, ABSTAIN, votes.hard).astype(np.int8)
    names = {name for name, silent in zip(votes.voters, voters, strict=True) if silent}
    soft = {name: likelihood for name, likelihood in votes.soft.items() if name not in names}
    return VoteMatrix(hard, votes.voters, votes.n_classes, votes.classes, soft=soft)


def one_sided(votes: VoteMatrix, names: Sequence[str]) -> list[str]:
    """Say which classes nobody votes for; ``names`` are the classes'."""
    voted = [c for c in range(votes.n_classes) if (votes.hard == c).any()]
    voted += [c for c in range(votes.n_classes) for soft in votes.soft.values() if soft[:, c].any()]
    silent = [name for c, name in enumerate(names) if c not in voted]
    if not silent or not voted:
        return []
    if len(set(voted)) == 1:
        alone = names[voted[0]]
        return [
            f"every vote is for {alone}: no model can learn from them what is not {alone}. "
            f"Add a voter for {_listed(silent)}, or have people label some."
        ]
    return [f"nobody votes for {_listed(silent)}: only people's labels can bring it up. Add a voter for it."]


def grouped_remarks(groups: Groups, voters: Sequence[str]) -> list[str]:
    """Say which voters count as one."""
    together = [_listed([voters[j] for j in group]) for group in groups if len(group) > 1]
    return [f"{names} make the same errors: together they weigh as one voter" for names in together]


def worse_remarks(worse: Bools, silenced: Bools, voters: Sequence[str]) -> list[str]:
    """Say which voters are worse than random, and what became of them: masks of shape (m,)."""
    fates = {"not counted": silenced, "counted against the class that a vote names": worse & ~silenced}
    said = []
    for fate, mask in fates.items():
        names = [voters[j] for j in np.flatnonzero(mask)]
        do, them = ("does", "it") if len(names) == 1 else ("do", "them")
        if names:
            said.append(f"{_listed(names)} {do} worse than random: {fate}. Mend {them} or take {them} out.")
    return said


def balance_remarks(
    claimed: Floats, low: Floats, high: Floats, shares: Floats, names: Sequence[str]
) -> list[str]:
    """Say of which classes the votes make far more or fewer than people do.

    Parameters
    ----------
    claimed : array, shape (k,)
        Shares of the classes by votes alone.
    low, high, shares : array, shape (k,)
        Shares by people's labels, with their intervals.
    """
    factor = np.maximum(claimed, 1e-9) / np.maximum(shares, 1e-9)
    off = ((claimed < low) | (claimed > high)) & (np.maximum(factor, 1 / factor) >= FACTOR_OFF)
    return [
        f"{names[c]}: by votes {claimed[c]:.1%} of the items, by people's labels {shares[c]:.1%} "
        f"({low[c]:.1%} to {high[c]:.1%}); the label model goes by the people"
        for c in np.flatnonzero(off)
    ]


def lead_over_majority(right: Floats, majority_right: Floats, weights: Floats) -> tuple[float, float, float]:
    """Give how much more often a model is right than the majority, with a 95 % interval.

    Parameters
    ----------
    right, majority_right : array, shape (g,)
        Whether each is right on a labelled item, in [0, 1]: a tie of c classes is right by 1 / c.
    weights : array, shape (g,)
        What each item stands for.
    """
    gain, share = right - majority_right, weights / weights.sum()
    lead = float(share @ gain)
    error = float(np.sqrt((share**2) @ (gain - lead) ** 2))
    return lead, lead - 1.96 * error, lead + 1.96 * error


def majority_remarks(lead: float, low: float, high: float, labelled: int) -> list[str]:
    """Say that the model is worse than majority, where people's labels show it."""
    if high >= 0:
        return []
    return [
        f"the label model is worse than majority here: {lead:+.1%} right ({low:+.1%} to {high:+.1%}) on "
        f"{labelled} items that people labelled. Write label_model: {{kind: majority}}, or auto."
    ]


def share_right(proba: Floats, labels: npt.NDArray[np.integer]) -> Floats:
    """Give for each row whether its most probable class is right, a tie of c classes counting 1 / c."""
    top = np.isclose(proba, proba.max(axis=1, keepdims=True), rtol=0, atol=1e-9)
    return np.asarray(top[np.arange(len(labels)), labels] / top.sum(axis=1))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
