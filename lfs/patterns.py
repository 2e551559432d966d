"""The builders ``regex`` and ``field_pattern``: regular expressions, in linear time or Python's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from labeling.lf.vector import Example, Texts, VectorFunction, as_text
from labeling.types import Item
from lfs.conditions import Condition, TextReader, common_problems
from lfs.engines import ENGINES, compile_python, pattern_problems
from lfs.marks import Span, matches
from lfs.parameters import as_examples, choice_problems, flag_problems, refuse, text_problems

if TYPE_CHECKING:
    import polars as pl

Engine = Literal["linear", "re"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pattern(Condition, TextReader):
    """Votes where a regular expression matches somewhere; see `regex`."""

    builder = "regex"

    pattern: str
    case: bool
    engine: Engine

    @property
    def needs_python(self) -> bool:
        """See `VectorFunction`."""
        return self.engine == "re"

    def holds(self) -> pl.Expr:
        """See `Condition`."""
        return self.text().str.contains(self._linear)

    @property
    def _linear(self) -> str:
        return self.pattern if self.case else "(?i)" + self.pattern

    def spans(self, text: str) -> tuple[Span, ...]:
        """See `VectorFunction`."""
        # Python's engine may take for ever, and no time limit stands here.
        return () if self.field is not None or self.needs_python else matches(text, [self._linear])

    def __call__(self, item: Item) -> str | None:
        """See `VectorFunction`."""
        if not self.needs_python:
            return super().__call__(item)
        text = as_text(self.value(item, Texts(self.field)))
        found = text is not None and compile_python(self.pattern, self.case).search(text)
        return self.label if found else None


def regex(
    pattern: str,
    *,
    label: str,
    field: str | None = None,
    case: bool = True,
    engine: Engine = "linear",
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    r"""Vote where a regular expression matches somewhere in the text.

    Parameters
    ----------
    pattern : str
        In the syntax of the engine; the page on builders lists where the two differ.
    case : bool
        Whether upper and lower case differ.
    engine : {"linear", "re"}
        ``linear`` takes time proportional to the text whatever the pattern, and runs on whole columns;
        ``re`` is Python's: look-around and back-references, item by item, under a time limit.
    label, field, name, examples
        As in `keyword`.

    Raises
    ------
    InputError
        A parameter is wrong, or the engine cannot do what the pattern asks for; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> url = regex(r"https?://\w", label="SPAM")
    >>> url(Item("0", {"text": "see http://example.org"}))
    'SPAM'
    """
    return _pattern("regex", pattern, label, field, case, engine, name, examples)


def field_pattern(
    field: str,
    pattern: str,
    *,
    label: str,
    case: bool = True,
    engine: Engine = "linear",
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    """Vote where a regular expression matches somewhere in a field: `regex` with the field first.

    Parameters
    ----------
    field : str
        The field to read.
    pattern, label, case, engine, name, examples
        As in `regex`.

    Raises
    ------
    InputError
        A parameter is wrong, or the engine cannot do what the pattern asks for; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> mail = field_pattern("channel", "^mail", label="BILLING")
    >>> mail(Item("0", {"text": "", "channel": "mailbox"}))
    'BILLING'
    """
    refuse("field_pattern", text_problems("field", field))
    return _pattern("field_pattern", pattern, label, field, case, engine, name, examples)


def _pattern(
    builder: str,
    pattern: str,
    label: str,
    field: str | None,
    case: bool,
    engine: Engine,
    name: str | None,
    examples: Sequence[Example],
) -> Pattern:
    wrong = [*common_problems(label, name, examples, field=field), *flag_problems(case=case)]
    engines = choice_problems("engine", engine, ENGINES)
    refuse(builder, [*(engines or pattern_problems(pattern, engine, case is True)), *wrong])
    shown = as_examples(examples)
    return Pattern(
        name=name, examples=shown, label=label, field=field, pattern=pattern, case=case, engine=engine
    )
