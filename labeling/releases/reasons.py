"""Why a row has another label than before, in words: which answer, which model, which voters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from labeling.export import HUMAN, KNOWN
from labeling.releases.contents import VOTE, Contents
from labeling.types import ABSTAIN, Bools


@dataclass(frozen=True)
class Reasons:
    """Reasons between two sets of labels."""

    before: Contents
    after: Contents

    def of_rows(self, there: pa.Table, here: pa.Table, edited: Bools) -> list[str]:
        """Give the reason of each of r rows.

        Parameters
        ----------
        there, here : pyarrow.Table of r lines
            The rows' lines of ``labels`` before and after.
        edited : mask, shape (r,)
            Rows whose content is another one.
        """
        votes = zip(
            self._votes(self.before, there["digest"]), self._votes(self.after, here["digest"]), strict=True
        )
        lines = zip(there.to_pylist(), here.to_pylist(), edited.tolist(), votes, strict=True)
        return [self._of_row(*line) for line in lines]

    def _of_row(
        self, old: dict[str, Any], new: dict[str, Any], edited: bool, votes: tuple[dict[str, str], ...]
    ) -> str:
        if edited:
            return "its content changed"
        if new["source"] in (HUMAN, KNOWN):
            return _said(new)
        if old["source"] in (HUMAN, KNOWN):
            left = f"; {self._machine(new)}" if new["label"] else ""
            return f"{_said(old)} before, which no longer stands{left}"
        said = self._machine(new) if new["label"] else self._end()
        moved = moved_votes(*votes)
        return f"{said}; {moved}" if moved else said

    def _machine(self, new: dict[str, Any]) -> str:
        before, after = self.before.certificate, self.after.certificate
        if before == after:
            return f"accepted under certificate {after}"
        scorer = str(self.after.made_of["certified_scorer"])[:12]
        took = f" in place of certificate {before}" if before else ""
        return f"the model {scorer} of certificate {after} says so{took}"

    def _end(self) -> str:
        before, after = self.before.certificate, self.after.certificate
        if before == after:
            return f"no longer accepted under certificate {after}"
        return (
            f"certificate {before} no longer holds"
            if after is None
            else f"certificate {after} does not reach it"
        )

    def _votes(self, contents: Contents, digests: pa.ChunkedArray) -> list[dict[str, str]]:
        """Give the votes on some contents: class by voter, without abstentions."""
        table, names = contents.votes, contents.classes
        rows = pc.index_in(digests, value_set=table["digest"].combine_chunks())
        taken = table.take(rows.combine_chunks()).drop_columns(["digest"])
        voters = [name.removeprefix(VOTE) for name in taken.column_names]
        columns = [column.to_pylist() for column in taken.columns]
        if not columns:
            return [{} for _ in range(len(digests))]
        votes = (zip(voters, codes, strict=True) for codes in zip(*columns, strict=True))
        return [
            {voter: names[code] for voter, code in given if code not in (ABSTAIN, None)} for given in votes
        ]


def moved_votes(before: dict[str, str], after: dict[str, str]) -> str:
    """Say whose vote is another one; "" where nobody's is.

    Examples
    --------
    >>> moved_votes({"a": "HAM"}, {"a": "SPAM", "b": "SPAM"})
    'a went from HAM to SPAM, b from nothing to SPAM'
    """
    others = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    moves = [f"from {before.get(name, 'nothing')} to {after.get(name, 'nothing')}" for name in others]
    verbs = (" went", *[""] * len(others))
    return ", ".join(f"{name}{verb} {move}" for name, verb, move in zip(others, verbs, moves, strict=False))


def _said(line: dict[str, Any]) -> str:
    if line["source"] == KNOWN:
        return f"known to be {line['label']}"
    return f"{' and '.join(line['annotators'])} answered {line['label']}"
