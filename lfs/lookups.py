"""The builder ``lookup``: a dictionary of terms and classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from labeling.lf.vector import Example, VectorFunction
from labeling.types import ABSTAIN, MAX_CLASSES
from lfs.conditions import TextReader
from lfs.marks import Span
from lfs.parameters import (
    as_examples,
    choice_problems,
    example_problems,
    flag_problems,
    label_problems,
    optional_problems,
    refuse,
)
from lfs.terms import Terms, read_terms
from lfs.words import any_word, word_matches

if TYPE_CHECKING:
    import polars as pl

MATCHES = ("words", "value")


@dataclass(frozen=True, eq=False, kw_only=True)
class Lookup(TextReader):
    """Votes the class of the terms that occur, if it is one; see `lookup`."""

    builder = "lookup"

    terms: Mapping[str, str]
    match: Literal["words", "value"]
    case: bool

    @property
    def classes(self) -> tuple[str, ...]:
        """Those that the terms name."""
        return tuple(sorted(set(self.terms.values())))

    @property
    def definition(self) -> Mapping[str, Any]:
        """See `Declared`; the order of terms counts for nothing."""
        return {**super().definition, "terms": sorted(self.terms.items())}

    def expression(self) -> pl.Expr:
        """See `VectorFunction`."""
        import polars as pl

        found = [self._holds([term for term in self.terms if self.terms[term] == c]) for c in self.classes]
        code = pl.coalesce([pl.when(f).then(pl.lit(i, dtype=pl.Int8)) for i, f in enumerate(found)])
        abstains = pl.lit(ABSTAIN, dtype=pl.Int8)
        return pl.when(pl.sum_horizontal(found) == 1).then(code).otherwise(abstains)

    def spans(self, text: str) -> tuple[Span, ...]:
        """See `VectorFunction`."""
        if self.field is not None or self.match == "value":
            return ()
        return word_matches(text, list(self.terms), whole=True, case=self.case)

    def _holds(self, terms: Sequence[str]) -> pl.Expr:
        import polars as pl

        text = self.text()
        if self.match == "words":
            return any_word(text, terms, whole=True, case=self.case)
        known = pl.Series(terms, dtype=pl.String)
        if self.case:
            return text.is_in(known.implode())
        return text.str.to_lowercase().is_in(known.str.to_lowercase().implode())


def lookup(
    terms: Terms,
    *,
    label: str | None = None,
    field: str | None = None,
    match: Literal["words", "value"] | None = None,
    case: bool = False,
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    """Vote by a dictionary: the class of the terms that occur; terms of two classes abstain.

    Parameters
    ----------
    terms : mapping, sequence of str, or Path
        ``{"term": "CLASS"}``; terms alone, which all mean ``label``; or an absolute path of a UTF-8 file:
        ``.csv`` with a term and its class in the first two columns under a header, anything else one term a
        line. The content of the file counts, not its path.
    label : str, optional
        The class of terms that come without one.
    match : {"words", "value"}, optional
        Whether a term is looked for as whole words within the text, or must be the whole value. ``words`` by
        default, ``value`` where a field is named.
    case : bool
        Whether upper and lower case differ.
    field, name, examples
        As in `keyword`.

    Raises
    ------
    InputError
        A parameter is wrong, or the file is; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> topic = lookup({"refund": "BILLING", "parcel": "DELIVERY"})
    >>> [topic(Item("", {"text": text})) for text in ("My refund?", "Refund the parcel", "Hello")]
    ['BILLING', None, None]
    """
    how = ("value" if field else "words") if match is None else match
    wrong = [*optional_problems(field=field, name=name), *flag_problems(case=case)]
    wrong += [*choice_problems("match", how, MATCHES), *(label_problems(label) if label is not None else ())]
    refuse("lookup", wrong)
    by_term = read_terms(terms, label, case=case)
    refuse("lookup", _vote_problems(by_term, examples))
    shown = as_examples(examples)
    return Lookup(name=name, examples=shown, terms=by_term, field=field, match=how, case=case)


def _vote_problems(by_term: Mapping[str, str], examples: object) -> list[str]:
    classes = sorted(set(by_term.values()))
    if len(classes) > MAX_CLASSES:
        return [f"terms: expected at most {MAX_CLASSES} classes, got {len(classes)}. Make two functions."]
    return example_problems(examples, classes)
