"""Calls of language models: what may be spent, what was asked, what is known, whatever happens meanwhile."""

from labeling.spending.batch_mode import ask_batches
from labeling.spending.context import LEASE, Spending
from labeling.spending.direct import ask
from labeling.spending.readings import answered
from labeling.spending.single import Asked, ask_once
from labeling.spending.tally import Tally
from labeling.spending.worst_case import worst_cost

__all__ = ["LEASE", "Asked", "Spending", "Tally", "answered", "ask", "ask_batches", "ask_once", "worst_cost"]
