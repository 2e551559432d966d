"""Which functions fail their examples, remembered by version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from labeling.artifacts import Artifacts
from labeling.lf.examples import Voter
from labeling.store import Store, manifest
from labeling.types import digest_of

KIND = "examples"


@dataclass
class Verdicts:
    """What became of functions' examples: failures by version, in words.

    Parameters
    ----------
    store : Store
    artifacts : Artifacts
    text_field : str
        The field that an example given as text stands for.
    """

    store: Store
    artifacts: Artifacts
    text_field: str
    _known: dict[str, list[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        with self.store.read() as tx:
            self._known = {e.key: list(e.meta["failures"]) for e in manifest.entries(tx, KIND)}

    def unknown(self, functions: Iterable[Voter]) -> list[Voter]:
        """Give the functions whose examples nobody has checked yet."""
        return [f for f in functions if f.examples and self.key(f) not in self._known]

    def remember(self, failures: Sequence[tuple[Voter, list[str]]]) -> None:
        """Keep what a check brought."""
        entries = []
        for function, failed in failures:
            self._known[self.key(function)] = failed
            table = pa.table({"failure": pa.array(failed, pa.string())})
            meta = {"failures": failed}
            entries.append(self.artifacts.write(KIND, table, key=self.key(function), meta=meta))
        if not entries:
            return
        with self.store.write() as tx:
            for entry in filter(self.artifacts.exists, entries):
                manifest.record(tx, entry)

    def refuse(self, function: Voter, reason: str) -> None:
        """Let a function not vote in this run; the next one checks its examples again."""
        self._known[self.key(function)] = [reason]

    def refusals(self, functions: Iterable[Voter]) -> Mapping[str, str]:
        """Say by name why functions do not vote."""
        failed = {str(f.name): self._known.get(self.key(f), []) for f in functions if f.examples}
        return {name: _said(failures) for name, failures in failed.items() if failures}

    def key(self, function: Voter) -> str:
        """Name the examples of a version of a function."""
        return digest_of(function.fingerprint, self.text_field, [list(pair) for pair in function.examples])


def _said(failures: Sequence[str]) -> str:
    more = f", and {len(failures) - 1} more" if len(failures) > 1 else ""
    return f"fails an example: {failures[0]}{more}"
