"""Texts from data as they may be shown: one line, nothing that steers a terminal or turns text round."""

from __future__ import annotations

import unicodedata

HARMLESS = "\u200c\u200d\u00ad\u200b\u2060\ufeff"
"""Invisible: joiners within words and emoji, soft hyphens, the byte order marks of many files."""
REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    r"""Replace what steers a terminal, character by character; blanks of any kind become spaces.

    Examples
    --------
    >>> printable("red\x1b[31m\nalert\u202e!")
    'red�[31m alert�!'
    """
    return "".join(_printable(character) for character in text)


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    if character in HARMLESS or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}:
        return character
    return REPLACEMENT
