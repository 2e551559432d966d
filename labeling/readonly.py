"""Containers that nobody can change: what many functions share stays the same for all of them."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np


class ReadOnlyDict(dict[Any, Any]):
    """A dict without its changing methods; a copy of it is a plain dict."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return self.__reduce__()


class ReadOnlyList(list[Any]):
    """A list without its changing methods; a copy of it is a plain list."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return self.__reduce__()


CHANGING = {
    ReadOnlyDict: (
        "__setitem__",
        "__delitem__",
        "__ior__",
        "clear",
        "pop",
        "popitem",
        "setdefault",
        "update",
    ),
    ReadOnlyList: (
        *("__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "clear", "extend"),
        *("insert", "pop", "remove", "reverse", "sort"),
    ),
}
"""The methods that are refused."""


def _refuse(self: object, *_: object, **__: object) -> NoReturn:
    kind = "dict" if isinstance(self, dict) else "list"
    raise TypeError(
        f"what an item holds is read-only, for other functions see it too. Change {kind}(...) of it."
    )


for _kind, _names in CHANGING.items():
    for _name in _names:
        setattr(_kind, _name, _refuse)


def read_only(value: Any) -> Any:
    """Give a value that cannot be changed, all the way down; objects of other types stay as they are.

    Examples
    --------
    >>> tags = read_only({"tags": ["new"]})["tags"]
    >>> tags == ["new"], isinstance(tags, list)
    (True, True)
    >>> tags.append("old")
    Traceback (most recent call last):
    TypeError: what an item holds is read-only, for other functions see it too. Change list(...) of it.
    """
    match value:
        case None | str() | ReadOnlyDict() | ReadOnlyList():
            return value
        case dict():
            return ReadOnlyDict((key, read_only(cell)) for key, cell in value.items())
        case list():
            return ReadOnlyList(map(read_only, value))
        case set():
            return frozenset(value)
        case np.ndarray():
            view = value.view()
            view.flags.writeable = False
            return view
        case _ if type(value) is tuple:
            return tuple(map(read_only, value))
        case _:
            return value
