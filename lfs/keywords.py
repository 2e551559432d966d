"""The builder ``keyword``: literal words in a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeling.lf.vector import Example, VectorFunction
from lfs.conditions import Condition, TextReader, common_problems
from lfs.marks import Span
from lfs.parameters import as_examples, flag_problems, refuse, word_problems
from lfs.words import any_word, word_matches

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, kw_only=True)
class Keyword(Condition, TextReader):
    """Votes where at least ``at_least`` different words occur; see `keyword`."""

    builder = "keyword"

    words: tuple[str, ...]
    whole_words: bool
    case: bool
    at_least: int

    @property
    def definition(self) -> Mapping[str, Any]:
        """See `Declared`; the order of words counts for nothing."""
        return {**super().definition, "words": sorted(self.words)}

    def holds(self) -> pl.Expr:
        """See `Condition`."""
        if self.at_least == 1:
            return self._found(self.words)
        import polars as pl

        return pl.sum_horizontal([self._found([word]) for word in self.words]) >= self.at_least

    def spans(self, text: str) -> tuple[Span, ...]:
        """See `VectorFunction`."""
        if self.field is not None:
            return ()
        return word_matches(text, self.words, whole=self.whole_words, case=self.case)

    def _found(self, words: Sequence[str]) -> pl.Expr:
        return any_word(self.text(), words, whole=self.whole_words, case=self.case)


def keyword(
    *words: str,
    label: str,
    field: str | None = None,
    whole_words: bool = True,
    case: bool = False,
    at_least: int = 1,
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    """Vote where literal words occur.

    Parameters
    ----------
    *words : str
        Words or phrases; no character of them has a special meaning.
    label : str
        The class to vote for.
    field : str, optional
        The field to read; the text by default.
    whole_words : bool
        "art" is not found in "party": no letter, digit, mark or underscore may touch the word.
    case : bool
        Whether upper and lower case differ.
    at_least : int
        How many different ones of the words must occur.
    name : str, optional
        The name of the module variable by default.
    examples : sequence of (text or mapping of fields, class name or None)
        What the function must vote, or it does not vote at all.

    Raises
    ------
    InputError
        Parameters are wrong; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> free = keyword("free", "click here", label="SPAM")
    >>> free(Item("0", {"text": "FREE!"})), free(Item("1", {"text": "carefree"}))
    ('SPAM', None)
    """
    wrong = [*_list_problems(words), *common_problems(label, name, examples, field=field)]
    wrong += flag_problems(whole_words=whole_words, case=case)
    refuse("keyword", wrong or _count_problems(at_least, len(_distinct(words, case))))
    searched, shown = _distinct(words, case), as_examples(examples)
    return Keyword(
        name=name,
        examples=shown,
        label=label,
        field=field,
        words=searched,
        whole_words=whole_words,
        case=case,
        at_least=at_least,
    )


def _list_problems(words: Sequence[object]) -> Iterator[str]:
    for word in words:
        yield from word_problems("words", word)
    if not words:
        yield 'words: expected one or more, got none. Write keyword("free", ...).'


def _distinct(words: Sequence[str], case: bool) -> tuple[str, ...]:
    """Give each word once; where case does not count, in one spelling."""
    return tuple({word if case else word.lower(): word for word in words}.values())


def _count_problems(at_least: object, n_words: int) -> list[str]:
    if isinstance(at_least, int) and not isinstance(at_least, bool) and 1 <= at_least <= n_words:
        return []
    return [
        f"at_least: expected a whole number from 1 to {n_words}, the number of different words, "
        f"got {at_least!r}. Write at_least=1."
    ]
