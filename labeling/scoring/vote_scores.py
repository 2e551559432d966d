"""What the label model says of a pool: a posterior calibrated on people's labels and held against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from labeling.calibration.calibrators import Calibrator, Unchanged, fit_calibrator
from labeling.calibration.regression import SCALE_SPREAD
from labeling.calibration.reliability import (
    JUDGED_FROM,
    Reliability,
    judge_confidence,
    measure_reliability,
)
from labeling.calibration.selection import design_count, label_worth
from labeling.label_models.guards import lead_over_majority, majority_remarks, share_right
from labeling.label_models.majority import vote_shares
from labeling.scoring.soft_votes import Confidence, of_rows
from labeling.scoring.ties import most_probable
from labeling.scoring.vote_model import NO_VOTES, HeldOut, VoteModel, fit_vote_model, hold_out
from labeling.types import ABSTAIN, Bools, Codes, Floats, Ints, PoolGold, VoteMatrix, digest_of

FOLDS = 5

SOFT_SPREAD = 0.2
"""Prior deviation of the log scale where people's labels made all votes soft: the posterior holds them."""


@dataclass(frozen=True)
class VoteScores:
    """What the label model says of n items.

    Attributes
    ----------
    posterior : array, shape (n, k)
        Calibrated; items with gold have its label for certain, items without a vote the class balance.
    labels : array of int8, shape (n,)
        Most probable class; -1 where nobody voted and no person answered.
    weights : array, shape (m,)
        Accuracies that the model believes the voters to have; NaN where it has no such number.
    calibrator : str
        Kind and id.
    reliability : dict of str to Reliability
        On people's labels that were held out, before and after calibration; empty with fewer than 20.
    remarks : tuple of str
        What the user should know.
    voters : dict of str to dict of str to Reliability
        Of language models, by voter: of the confidence that it stated, and of the recalibrated one.
    soft : mapping of str to array of float32, shape (n, k)
        The soft votes that people's labels made of those of language models.
    untaught : array, shape (n, k), or None
        The posterior before people's labels came in; None where nobody votes.
    """

    posterior: Floats = field(repr=False)
    labels: npt.NDArray[np.int8] = field(repr=False)
    weights: Floats = field(repr=False)
    calibrator: str
    reliability: dict[str, Reliability] = field(repr=False)
    remarks: tuple[str, ...]
    voters: dict[str, dict[str, Reliability]] = field(default_factory=dict, repr=False)
    soft: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict, repr=False)
    untaught: Floats | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Judgement:
    """Labelled items with a vote, and what models that had not seen their labels said of them.

    Attributes
    ----------
    held_out : HeldOut
    labels, folds : array of int, shape (g,)
    weights : array, shape (g,)
        What each stands for in the pool.
    votes : VoteMatrix
    confidence : mapping of str to array, shape (g,)
        What language models stated.
    scale_spread : float
        How far the calibrator may stray from the posterior.
    """

    held_out: HeldOut = field(repr=False)
    labels: Ints = field(repr=False)
    folds: Ints = field(repr=False)
    weights: Floats = field(repr=False)
    votes: VoteMatrix = field(repr=False)
    confidence: Confidence = field(repr=False)
    scale_spread: float

    @property
    def proba(self) -> Floats:
        """What models said that had not seen the labels, shape (g, k)."""
        return self.held_out.proba

    def calibrator(self) -> Calibrator:
        """Fit the calibrator."""
        return fit_calibrator(self.proba, self.labels, self.weights, self.scale_spread)

    def calibrated(self) -> Floats:
        """Give probabilities that are calibrated without the labels of their own fold, shape (g, k)."""
        found = np.empty_like(self.proba)
        for fold in np.unique(self.folds):
            held = self.folds == fold
            seen = self.proba[~held], self.labels[~held], self.weights[~held]
            fitted = fit_calibrator(*seen, self.scale_spread)
            found[held] = fitted.transform(self.proba[held])
        return found

    def reliability(self) -> dict[str, Reliability]:
        """Measure before and after calibration."""
        stages = {"label model": self.proba, "calibrated": self.calibrated()}
        return {name: measure_reliability(p, self.labels, self.weights) for name, p in stages.items()}

    def voters(self) -> dict[str, dict[str, Reliability]]:
        """Measure each language model, as it states its confidence and recalibrated."""
        return {
            name: stated_reliability(
                self.votes.hard[:, self.votes.voters.index(name)],
                self.labels,
                self.weights,
                {"stated": self.confidence[name], "recalibrated": self.held_out.right[name]},
            )
            for name in self.confidence
        }

    def remarks(self) -> list[str]:
        """Say where the model is worse than majority."""
        right = share_right(self.proba, self.labels)
        majority = share_right(vote_shares(self.votes), self.labels)
        return majority_remarks(*lead_over_majority(right, majority, self.weights), len(self.labels))


def score_votes(
    kind: str,
    seed: int,
    votes: VoteMatrix,
    gold: PoolGold,
    digests: Sequence[str],
    names: Sequence[str],
    confidence: Confidence | None = None,
) -> VoteScores:
    """Fit the label model and say what it makes of every item.

    Parameters
    ----------
    kind, seed, votes, gold, names, confidence
        As ``fit_vote_model`` takes them.
    digests : sequence of str, length n
        Content digests, which break ties and draw folds.
    """
    fitted = fit_vote_model(kind, seed, votes, gold, names, confidence)
    if fitted is None:
        return _without_votes(votes, gold)
    judgement = judge(fitted, gold, digests)
    posterior = fitted.posterior()
    calibrator: Calibrator = judgement.calibrator() if judgement else Unchanged()
    covered = fitted.votes.covered
    posterior[covered] = calibrator.transform(posterior[covered])
    clamp(posterior, gold.labels)
    return VoteScores(
        posterior=posterior,
        labels=_labels(posterior, covered | (gold.labels != ABSTAIN), digests, names),
        weights=fitted.weights,
        calibrator=f"{calibrator.kind} {calibrator.id}",
        reliability=judgement.reliability() if judgement else {},
        remarks=(*fitted.remarks, *(judgement.remarks() if judgement else [])),
        voters=judgement.voters() if judgement else {},
        soft={name: soft for name, soft in fitted.votes.soft.items() if name in fitted.confidence},
        untaught=fitted.untaught,
    )


def judge(fitted: VoteModel, gold: PoolGold, digests: Sequence[str]) -> Judgement | None:
    """Hold a label model against people's labels, each kept from it in turn; None with fewer than 20."""
    voted = fitted.votes.covered[gold.rows]
    rows = gold.rows[voted]
    if len(rows) < JUDGED_FROM:
        return None
    folds = folds_of([digests[i] for i in rows])
    known = gold.without(gold.rows[~voted])
    chosen_counts = design_count(known) if fitted.made_soft else None
    return Judgement(
        held_out=hold_out(fitted, gold, rows, folds),
        labels=gold.told[voted],
        folds=folds,
        weights=label_worth(fitted.votes, fitted.untaught, known, chosen_counts),
        votes=fitted.votes.take(rows),
        confidence=of_rows(fitted.confidence, rows),
        scale_spread=SOFT_SPREAD if _all_made_soft(fitted) else SCALE_SPREAD,
    )


def _all_made_soft(fitted: VoteModel) -> bool:
    heard = (fitted.votes.hard != ABSTAIN).any(axis=0)
    return all(
        name in fitted.made_soft for name, votes in zip(fitted.votes.voters, heard, strict=True) if votes
    )


def stated_reliability(
    hard: Codes, labels: Ints, weights: Floats, stages: Mapping[str, Floats]
) -> dict[str, Reliability]:
    """Measure how far a voter's confidence can be trusted, where at least 20 of its votes are judged.

    Parameters
    ----------
    hard : array of int8, shape (g,)
        Its votes; -1 abstains.
    labels : array of int, shape (g,)
    weights : array, shape (g,)
    stages : mapping of str to array, shape (g,)
        Its confidence before and after recalibration; NaN where there is none.
    """
    known = {name: (hard != ABSTAIN) & ~np.isnan(confidence) for name, confidence in stages.items()}
    return {
        name: judge_confidence(stages[name][rows].astype(float), hard[rows] == labels[rows], weights[rows])
        for name, rows in known.items()
        if rows.sum() >= JUDGED_FROM
    }


def folds_of(digests: Sequence[str], n_folds: int = FOLDS) -> Ints:
    """Deal items into folds of equal size by a hash, shape (g,)."""
    folds = np.empty(len(digests), dtype=np.int64)
    folds[np.argsort([digest_of("fold", digest) for digest in digests])] = np.arange(len(digests)) % n_folds
    return folds


def clamp(posterior: Floats, gold: npt.NDArray[np.int8]) -> None:
    """Give items that people labelled their label for certain, in place."""
    told = np.flatnonzero(gold != ABSTAIN)
    posterior[told] = 0.0
    posterior[told, gold[told]] = 1.0


def _labels(
    posterior: Floats, known: Bools, digests: Sequence[str], names: Sequence[str]
) -> npt.NDArray[np.int8]:
    """Give labels where there is something to go by: the class balance alone labels nothing."""
    labels = np.full(len(posterior), ABSTAIN, dtype=np.int8)
    labels[known] = most_probable(posterior[known], [digests[i] for i in np.flatnonzero(known)], names)
    return labels


def _without_votes(votes: VoteMatrix, gold: PoolGold) -> VoteScores:
    posterior = np.full((len(votes), votes.n_classes), 1 / votes.n_classes)
    clamp(posterior, gold.labels)
    unknown = np.full(len(votes.voters), np.nan)
    return VoteScores(posterior, gold.labels.copy(), unknown, "none none", {}, (NO_VOTES,))
