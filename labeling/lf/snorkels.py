"""Objects made with snorkel's decorators: its labelling functions vote, others get a remark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from labeling.lf import LabelingFunction, Vote
from labeling.types import ABSTAIN, Item

SLICE = (
    "is a slicing function of snorkel's and does not vote. Slices are expressions in the config, such as "
    "`slices: {german: {where: \"language == 'de'\"}}`."
)
NLP = (
    "is a function of snorkel's that runs spaCy by itself, and does not vote. Declare it with lfs's "
    "`labeling_function(pre=[doc])`, where `doc(item)` gives the spaCy document: it runs once per item."
)
TRANSFORMATION = (
    "is a transformation or mapper of snorkel's. Texts are not transformed here: it is not applied. "
    "What prepares an item for functions goes into their `pre`."
)
REMARKS = {
    "SlicingFunction": SLICE,
    "BaseNLPLabelingFunction": NLP,
    "BaseMapper": TRANSFORMATION,
}
"""What is said of each class of snorkel's that does not vote; the first that an object is of."""


def is_snorkels_function(value: object) -> bool:
    """Recognise a labelling function of snorkel's that can vote, without importing snorkel."""
    kinds = _kinds(value)
    return "LabelingFunction" in kinds and kinds.isdisjoint(REMARKS)


def remarks_on(values: Mapping[str, object]) -> list[str]:
    """Say of each object of snorkel's that does not vote what is supported instead.

    Parameters
    ----------
    values : mapping of str to object
        What a module holds, by name.
    """
    used = {id(p) for value in values.values() if is_snorkels_function(value) for p in _preprocessors(value)}
    remarks = []
    for variable, value in values.items():
        said = next((text for kind, text in REMARKS.items() if kind in _kinds(value)), None)
        if said and id(value) not in used:
            remarks.append(f"{getattr(value, 'name', variable)!r} {said}")
    return list(dict.fromkeys(remarks))


def adapt(function: Any, class_names: Sequence[str]) -> LabelingFunction:
    """Let a function made with snorkel's decorator vote: indices become class names."""
    names = tuple(class_names)

    def vote(item: Item) -> Vote:
        index = int(function(SimpleNamespace(**item.fields)))
        if index == ABSTAIN:
            return None
        if not 0 <= index < len(names):
            raise ValueError(f"returned {index}, expected -1 to {len(names) - 1}")
        return names[index]

    return LabelingFunction(function.name, vote)


def _kinds(value: object) -> set[str]:
    return {c.__name__ for c in type(value).__mro__ if c.__module__.startswith("snorkel.")}


def _preprocessors(value: Any) -> Iterable[Any]:
    for prepare in getattr(value, "_pre", ()):
        yield prepare
        yield from _preprocessors(prepare)
