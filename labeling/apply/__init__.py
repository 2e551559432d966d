"""Applying voters to items: what the vote store has is read, what it lacks is computed and kept."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labeling.apply.accounts import Accounts
from labeling.apply.builders import apply_builders
from labeling.apply.columns import OpenColumns
from labeling.apply.crew import Crew
from labeling.apply.limits import Fault, Limits, too_many_faults
from labeling.apply.serial import Serial
from labeling.apply.verdicts import Verdicts
from labeling.apply.work import Progress, PythonWork
from labeling.items import Items
from labeling.lf.examples import Voter
from labeling.lf.loading import origin_of
from labeling.lf.vector import VectorFunction
from labeling.store import Store
from labeling.types import LabelSchema, VoteMatrix, digest_of
from labeling.votes import VoteStore
from labeling.votes.alignment import cover
from labeling.votes.applied import AppliedVotes, VoterRun

__all__ = ["FunctionApplier", "Limits"]


@dataclass(frozen=True)
class FunctionApplier:
    """Applies functions to every present item whose vote is not stored yet.

    Builders vote on whole columns in this process; Python functions are called in processes of their own.
    What is done is kept every half a minute, and when a run ends early.

    Parameters
    ----------
    items : Items
        n unique contents.
    schema : LabelSchema
    store : Store
    vote_store : VoteStore
    progress : callable
        Called with (what, done, total); with a total of 0, ``what`` is a remark.
    limits : mapping of str to Limits
        By source, as the config names it, "" for functions that were made in this process; the default
        ones for others.
    workers : int, optional
        The most worker processes; default one per core that this process may use.
    """

    items: Items
    schema: LabelSchema
    store: Store
    vote_store: VoteStore
    progress: Progress
    limits: Mapping[str, Limits] = field(default_factory=dict)
    workers: int | None = None

    def apply(self, functions: Sequence[Voter]) -> AppliedVotes:
        """Give the votes of m functions on n items.

        Raises
        ------
        QuorumError
            A function fails or hangs too often; what was computed until then is kept.
        """
        blocks = cover(self.store, self.vote_store, self.items.digest_column)
        versions = [digest_of(f.fingerprint, self.items.text_field) for f in functions]
        columns = OpenColumns(self.store, self.vote_store, blocks, versions)
        verdicts = Verdicts(self.store, self.vote_store.artifacts, self.items.text_field)
        ran = [
            sum(int(columns.missing(b, j).sum()) for b in range(len(blocks))) for j in range(len(functions))
        ]
        try:
            builders = {j: f for j, f in enumerate(functions) if isinstance(f, VectorFunction)}
            whole = {j: f for j, f in builders.items() if not f.needs_python}
            apply_builders(self.items, columns, whole, verdicts, self.progress)
            self._call(functions, columns, verdicts)
            runs = self._runs(functions, columns, verdicts, ran)
        finally:
            columns.keep()
        accounts = Accounts(self.items, self.schema, columns)
        hard = accounts.votes([run.refused is not None for run in runs])
        return AppliedVotes(VoteMatrix(hard, tuple(r.name for r in runs), len(self.schema)), runs)

    def _limits(self, function: Voter) -> Limits:
        origin = origin_of(function)
        return self.limits.get(origin.source if origin else "", Limits())

    def _call(self, functions: Sequence[Voter], columns: OpenColumns, verdicts: Verdicts) -> None:
        """Call Python functions: in processes of their own, but for those that were made in this one."""
        called = [j for j, f in enumerate(functions) if not isinstance(f, VectorFunction) or f.needs_python]
        limits = [self._limits(f) for f in functions]
        for shipped in (True, False):
            numbers = [j for j in called if (origin_of(functions[j]) is not None) is shipped]
            work = PythonWork(
                self.items, self.schema, columns, functions, numbers, limits, verdicts, self.progress
            )
            if not work.anything:
                continue
            chosen = [functions[j] for j in numbers]
            if shipped:
                Crew(_setup(chosen, self.schema), self.workers or usable_cores(), work.calls).do(work)
            else:
                Serial(chosen, self.schema.names).do(work)
            work.finish()

    def _runs(
        self, functions: Sequence[Voter], columns: OpenColumns, verdicts: Verdicts, ran: Sequence[int]
    ) -> tuple[VoterRun, ...]:
        """Give the account of each voter.

        Raises
        ------
        QuorumError
            A function failed on too many items, in this run and earlier ones.
        """
        accounts, refused = Accounts(self.items, self.schema, columns), verdicts.refusals(functions)
        runs = []
        for j, function in enumerate(functions):
            name = str(function.name)
            if name in refused:
                runs.append(VoterRun(name, columns.fingerprints[j], refused=refused[name]))
                continue
            run, limits = accounts.run(name, j, ran[j]), self._limits(function)
            if run.first_fault and run.faults > limits.max_fault_rate * len(self.items):
                columns.forget_faults(j)
                first = Fault(name, run.first_fault["row"], run.first_fault["traceback"])
                raise too_many_faults(first, run.faults, len(self.items), limits)
            runs.append(run)
        return tuple(runs)


def usable_cores() -> int:
    """Give how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _setup(functions: Sequence[Voter], schema: LabelSchema) -> dict[str, object]:
    """Give the first message for workers: what to load."""
    origins = {id(o): o for o in map(origin_of, functions) if o is not None}
    places = {key: i for i, key in enumerate(origins)}
    return {
        "origins": [
            {"source": o.source, "root": str(o.root), "class_names": o.class_names, "files": dict(o.files)}
            for o in origins.values()
        ],
        "functions": [[places[id(origin_of(f))], str(f.name)] for f in functions],
        "class_names": schema.names,
    }
