"""The engine: items, votes, label models, certificates, routing, state and the loop."""

from labeling.apply import apply
from labeling.label_models import MajorityModel, SnorkelModel
from labeling.types import LabelClass, LabelModel, LabelSchema, VoteMatrix

__all__ = [
    "LabelClass",
    "LabelModel",
    "LabelSchema",
    "MajorityModel",
    "SnorkelModel",
    "VoteMatrix",
    "apply",
]
