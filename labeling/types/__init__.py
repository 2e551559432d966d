"""The nouns of the field as the engine uses them, with the ports that adapters implement."""

from labeling.types.arrays import ABSTAIN, FAULT, LOST, MAX_CLASSES, UNKNOWN, Bools, Codes, Floats, Ints
from labeling.types.completions import (
    Batch,
    BatchResult,
    Capabilities,
    Completer,
    CompletionAnswer,
    CompletionError,
    CompletionRequest,
    Failure,
    LLMVoter,
    Outcome,
    RateLimits,
    Reading,
    Turn,
    Usage,
)
from labeling.types.digests import digest_of
from labeling.types.gold import GoldVotes, PoolGold
from labeling.types.items import Item
from labeling.types.people import Annotation, Decision, Lane, Pull, Receipt, ReviewTask, Selection
from labeling.types.ports import LabelModel, Learner, ReviewQueue, Strategy
from labeling.types.prices import Price, Rates
from labeling.types.schema import LabelClass, LabelSchema
from labeling.types.votes import VoteMatrix

__all__ = [
    "ABSTAIN",
    "FAULT",
    "LOST",
    "MAX_CLASSES",
    "UNKNOWN",
    "Annotation",
    "Batch",
    "BatchResult",
    "Bools",
    "Capabilities",
    "Codes",
    "Completer",
    "CompletionAnswer",
    "CompletionError",
    "CompletionRequest",
    "Decision",
    "Failure",
    "Floats",
    "GoldVotes",
    "Ints",
    "Item",
    "LLMVoter",
    "LabelClass",
    "LabelModel",
    "LabelSchema",
    "Lane",
    "Learner",
    "Outcome",
    "PoolGold",
    "Price",
    "Pull",
    "RateLimits",
    "Rates",
    "Reading",
    "Receipt",
    "ReviewQueue",
    "ReviewTask",
    "Selection",
    "Strategy",
    "Turn",
    "Usage",
    "VoteMatrix",
    "digest_of",
]
