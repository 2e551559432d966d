"""Items and what they hold are the same for all functions."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.readonly import CHANGING, ReadOnlyDict, ReadOnlyList, read_only
from labeling.types import Item

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_the_text_is_an_attribute_and_every_field_is_one() -> None:
    item = Item("0", {"body": "hi", "channel": "sms", "n": 3}, text_field="body")
    assert (item.text, item.body, item.channel, item["n"]) == ("hi", "hi", "sms", 3)
    assert Item("0", {"text": 5}).text == "5"
    with pytest.raises(AttributeError, match="it has body, channel, n"):
        _ = item.subject
    with pytest.raises(AttributeError, match="no field 'text'; it has n"):
        _ = Item("0", {"n": 1}).text


def change_text(item: Item) -> None:
    item.text = "x"


def delete_text(item: Item) -> None:
    del item.text


@pytest.mark.parametrize(
    "change",
    [
        change_text,
        delete_text,
        lambda item: setattr(item, "new", 1),
        lambda item: item.fields.update(text="x"),
        lambda item: item.fields.pop("text"),
        lambda item: item["tags"].append(1),
        lambda item: item["tags"][1].clear(),
        lambda item: item["tags"][1]["deep"].sort(),
    ],
)
def test_nothing_of_it_can_be_changed(change: Callable[[Item], Any]) -> None:
    fields = {"text": "hi", "tags": ["a", {"deep": [2, 1]}]}
    item = Item("0", fields)
    with pytest.raises((TypeError, AttributeError), match="read-only"):
        change(item)
    assert item.fields == {"text": "hi", "tags": ["a", {"deep": [2, 1]}]}


def test_the_callers_own_mapping_stays_apart() -> None:
    fields = {"text": "hi", "tags": ["a"]}
    item = Item("0", fields)
    fields["text"], fields["tags"] = "x", []
    assert (item.text, item["text"], item["tags"]) == ("hi", "hi", ["a"])


def test_items_compare_copy_and_pickle() -> None:
    item = Item("0", {"text": "hi", "tags": ["a"]})
    assert item == copy.deepcopy(item) == pickle.loads(pickle.dumps(item))
    assert item != Item("1", {"text": "hi", "tags": ["a"]})
    assert len({item, copy.copy(item)}) == 1
    assert repr(item) == "Item('0', {'text': 'hi', 'tags': ['a']}, 'text')"


@given(JSON)
def test_read_only_values_are_equal_and_their_copies_are_plain(value: Any) -> None:
    frozen = read_only(value)
    assert frozen == value
    plain = copy.deepcopy(frozen)
    assert plain == value
    assert type(plain) is type(value)


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in CHANGING.items() for name in names]
)
def test_every_method_that_changes_is_refused(kind: type, name: str) -> None:
    with pytest.raises(TypeError, match="read-only"):
        getattr(kind(), name)()


def test_all_methods_that_change_are_known() -> None:
    harmless = {"copy", "get", "items", "keys", "values", "fromkeys", "count", "index"}
    for kind, base in ((ReadOnlyDict, dict), (ReadOnlyList, list)):
        public = {name for name in vars(base) if not name.startswith("_")}
        assert public - harmless == {n for n in CHANGING[kind] if not n.startswith("_")}


def test_arrays_and_sets_are_frozen_too() -> None:
    given_array = np.zeros(2)
    array = read_only(given_array)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    given_array[0] = 1
    assert read_only({1, 2}) == frozenset({1, 2})
    assert read_only(({"a": 1},))[0]["a"] == 1
