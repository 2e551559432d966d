"""The voter: a prompt with a model, which makes questions of items and votes of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from labeling.types import CompletionAnswer, CompletionRequest, Item, Reading, Turn, digest_of
from lfs.llm.instructions import EXAMPLES_FOLLOW, ITEM_END, REPAIR_END, REPAIRS, repair_text
from lfs.llm.labels import Labels, label_shown
from lfs.llm.nearest import Neighbours
from lfs.llm.prompts import Prompt
from lfs.llm.reading import READER, read_answer
from lfs.llm.wrapping import Fields, mark_for, shown_fields, visible, wrap


@dataclass(frozen=True, eq=False)
class PromptVoter:
    """Votes by what a model answers to a prompt; the port `LLMVoter`.

    Parameters
    ----------
    prompt : Prompt
    model : str
    labels : Labels
        What may be answered.
    system : str
        What all questions share.
    schema : mapping
        JSON schema of an answer.
    """

    prompt: Prompt
    model: str
    labels: Labels
    system: str
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        """``PROMPT@MODEL``."""
        return f"{self.prompt.name}@{self.model}"

    @cached_property
    def version(self) -> str:
        """Digest of all that answers depend on, the words around the item included."""
        head = self.prompt.head
        words = (self.question({}), REPAIRS, REPAIR_END)
        asked = (self.model, self.system, self.schema, head.max_tokens, head.effort, self.prompt.fields)
        return digest_of("prompt voter", asked, words, self.shown_beside)

    @property
    def reader(self) -> int:
        """Version of how answers are read."""
        return READER

    @property
    def shown_beside(self) -> object:
        """What questions show beside the item, as JSON."""
        return None

    def question(self, fields: Fields) -> str:
        """Give the user's turn: an item as data."""
        return f"{wrap('item', fields, mark_for([*fields, *fields.values()]))}\n\n{ITEM_END}"

    def request(self, item: Item) -> CompletionRequest:
        """See `LLMVoter`."""
        question = self.question(shown_fields(item, self.prompt.fields))
        return self._ask(Turn("user", question))

    def read(self, item: Item, answer: CompletionAnswer) -> Reading:
        """See `LLMVoter`."""
        return read_answer(self.labels, shown_fields(item, self.prompt.fields), answer)

    def repair(self, item: Item, answer: CompletionAnswer, reading: Reading) -> CompletionRequest | None:
        """See `LLMVoter`."""
        wrong = repair_text(reading.outcome)
        if wrong is None:
            return None
        first = self.question(shown_fields(item, self.prompt.fields))
        said = visible(answer.text.strip()) or "(nothing)"
        return self._ask(Turn("user", first), Turn("assistant", said), Turn("user", wrong))

    def _ask(self, *turns: Turn) -> CompletionRequest:
        head = self.prompt.head
        return CompletionRequest(
            self.model, self.system, turns, head.max_tokens, self.schema, head.effort, head.cache_ttl
        )


@dataclass(frozen=True, eq=False)
class NearestVoter(PromptVoter):
    """Shows the labelled texts that are nearest to the item, in an order that depends on the item.

    Parameters
    ----------
    neighbours : Neighbours
    n_examples : int
        The most that are shown.
    """

    neighbours: Neighbours
    n_examples: int

    @property
    def shown_beside(self) -> object:
        """See `PromptVoter`."""
        words = EXAMPLES_FOLLOW, wrap("example", {}, "", "")
        return words, self.n_examples, [(t.fields, t.label) for t in self.neighbours.texts]

    def question(self, fields: Fields) -> str:
        """Give the user's turn: examples, the labels in any order, then the item."""
        seed = mark_for([*fields, *fields.values()])
        chosen = self.neighbours.nearest(fields, self.n_examples, seed)
        shown = [(dict(t.fields), label_shown(t.label)) for t in chosen]
        mark = mark_for(
            text for part, label in [(fields, ""), *shown] for text in (*part, *part.values(), label)
        )
        parts = [wrap("example", part, mark, label) for part, label in shown]
        order = list(self.labels.shown)
        Random(seed).shuffle(order)
        intro = [EXAMPLES_FOLLOW] if parts else []
        labels = f"The labels, in no particular order: {', '.join(order)}."
        return "\n\n".join([*intro, *parts, labels, wrap("item", fields, mark), ITEM_END])
