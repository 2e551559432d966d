"""Labelling functions: what data scientists import."""

from labeling.lf import LabelingFunction, labeling_function
from labeling.types import Item

__all__ = ["Item", "LabelingFunction", "labeling_function"]
