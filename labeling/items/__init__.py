"""The rows of a project's data and the unique contents, called items, that they amount to."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labeling.items.collection import Items, Objects
    from labeling.items.labels import KnownLabels, RecordedVotes, gold_labels, recorded_votes
    from labeling.items.reading import item_sources, read_items, read_test

__all__ = [
    "Items",
    "KnownLabels",
    "Objects",
    "RecordedVotes",
    "gold_labels",
    "item_sources",
    "read_items",
    "read_test",
    "recorded_votes",
]

_HOMES = {
    **dict.fromkeys(("Items", "Objects"), "labeling.items.collection"),
    **dict.fromkeys(
        ("KnownLabels", "RecordedVotes", "gold_labels", "recorded_votes"), "labeling.items.labels"
    ),
    **dict.fromkeys(("item_sources", "read_items", "read_test"), "labeling.items.reading"),
}


def __getattr__(name: str) -> Any:
    # Worker processes import this package for its values alone, and start quickly.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
