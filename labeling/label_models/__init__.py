"""Label models: from the votes on an item to class probabilities."""

from __future__ import annotations

from collections.abc import Callable

from labeling.label_models.auto import AutoModel
from labeling.label_models.co_votes import CoVotes, count_co_votes, one_hot
from labeling.label_models.dawid_skene import DawidSkeneModel
from labeling.label_models.majority import MajorityModel, vote_shares
from labeling.label_models.naive_bayes import NaiveBayesModel
from labeling.label_models.one_coin import OneCoinModel
from labeling.label_models.patterns import VotePatterns, count_patterns
from labeling.label_models.posterior import log_posterior, softmax
from labeling.label_models.snorkel import SNORKEL_LEAST_VOTERS, SnorkelModel
from labeling.label_models.triplet import TripletModel
from labeling.label_models.weighted_majority import WeightedMajorityModel
from labeling.types import LabelModel

__all__ = [
    "LABEL_MODELS",
    "AutoModel",
    "CoVotes",
    "DawidSkeneModel",
    "MajorityModel",
    "NaiveBayesModel",
    "OneCoinModel",
    "SnorkelModel",
    "TripletModel",
    "VotePatterns",
    "WeightedMajorityModel",
    "count_co_votes",
    "count_patterns",
    "log_posterior",
    "make_label_model",
    "one_hot",
    "softmax",
    "vote_shares",
]

LABEL_MODELS: dict[str, Callable[[int], LabelModel]] = {
    "snorkel": SnorkelModel,
    "majority": lambda seed: MajorityModel(),
    "weighted_majority": lambda seed: WeightedMajorityModel(),
    "naive_bayes": lambda seed: NaiveBayesModel(),
    "dawid_skene": lambda seed: DawidSkeneModel(),
    "one_coin": lambda seed: OneCoinModel(),
    "triplet": lambda seed: TripletModel(),
    "auto": AutoModel,
}


def make_label_model(kind: str, n_voters: int, seed: int = 0) -> tuple[LabelModel, str | None]:
    """Make the label model of a config, with a word where another one had to serve.

    Parameters
    ----------
    kind : str
        A key of ``LABEL_MODELS``.
    n_voters : int
    seed : int
    """
    if kind == "snorkel" and n_voters < SNORKEL_LEAST_VOTERS:
        return MajorityModel(), f"snorkel needs three voters, there are {n_voters}: majority serves instead"
    return LABEL_MODELS[kind](seed), None
