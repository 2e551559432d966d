"""Labelling functions: what data scientists import."""

from labeling.lf import LabelingFunction, labeling_function
from labeling.types import Item
from lfs.combinations import all_of, any_of, unless
from lfs.keywords import keyword
from lfs.lookups import lookup
from lfs.patterns import field_pattern, regex
from lfs.scores import model_score
from lfs.thresholds import threshold

__all__ = [
    "Item",
    "LabelingFunction",
    "all_of",
    "any_of",
    "field_pattern",
    "keyword",
    "labeling_function",
    "lookup",
    "model_score",
    "regex",
    "threshold",
    "unless",
]
