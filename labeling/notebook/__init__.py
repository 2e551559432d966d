"""Labelling functions in a notebook, without any project or config."""

from labeling.notebook.application import apply
from labeling.notebook.buckets import Buckets, buckets
from labeling.notebook.views import VoteAnalysis, analyse

__all__ = ["Buckets", "VoteAnalysis", "analyse", "apply", "buckets"]
