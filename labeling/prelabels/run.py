"""Asking the language models what they have not answered yet, as far as the config allows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from labeling.config.prices import KnownPrice, Prices
from labeling.config.sections import LLMConfig
from labeling.errors import QuorumError
from labeling.items import Items
from labeling.pool.prelabels import project_voters
from labeling.pool.stored import stored_items
from labeling.prelabels.connection import meet
from labeling.prelabels.costs import expected_cost
from labeling.prelabels.estimate import ANSWER_TOKENS, estimate_size
from labeling.prelabels.looks import look_at, total_size
from labeling.prelabels.permission import check_permission, unpriced_remark
from labeling.prelabels.rates import keep_rates
from labeling.prelabels.report import PrelabelReport, VoterReport
from labeling.prelabels.voters import public_items, run_voters
from labeling.prelabels.watching import CacheWatch
from labeling.project import Project
from labeling.spending import LEASE, Spending, Tally, ask, ask_batches
from labeling.store import Lease, StoredReadings, lease, llm_calls, llm_votes
from labeling.types import Completer, LLMVoter, Outcome, Reading

MODES = {"direct": ask, "batch": ask_batches}


@dataclass(frozen=True)
class ModelRun:
    """What a run over the voters of one model works with; ``reports`` fills up."""

    project: Project
    items: Items
    llm: LLMConfig
    known: KnownPrice | None
    held: Lease
    reports: list[VoterReport] = field(default_factory=list)


def run_prelabels(project: Project, *, renew_examples: bool = False) -> PrelabelReport:
    """Ask what is missing; all that arrives is kept, however the run ends.

    Parameters
    ----------
    renew_examples : bool
        Take new examples for the prompts that show some: these become new versions and are asked anew.

    Raises
    ------
    InputError
        Of the config, data or prompts; or of what is missing before anything may be sent.
    QuorumError
        Nothing could be asked at all. What stops a run later is told by the report.
    """
    items, prices = stored_items(project), project.prices()
    check_permission(project.config, prices)
    with lease.acquire(project.store, LEASE) as held:
        before = project_voters(project, items.public_fields).versions
        found = run_voters(project, items, renew_examples=renew_examples)
        for llm, voter in found.asked:
            if renew_examples and voter.version not in before:
                _tell_renewed(project, items, voter, llm, prices)
        runs = [
            ModelRun(project, items, llm, prices.of(llm.model), held)
            for llm in {llm.model: llm for llm, _ in found.asked}.values()
        ]
        failures: list[QuorumError] = []
        for run in runs:
            voters = [voter for llm, voter in found.asked if llm.model == run.llm.model]
            try:
                asyncio.run(_run_model(run, voters))
            except QuorumError as error:
                failures.append(error)
    reports = tuple(report for run in runs for report in run.reports)
    if failures and not reports:
        raise failures[0]
    return PrelabelReport(items.n_rows, len(items), reports, found.left_out, tuple(failures))


def _tell_renewed(project: Project, items: Items, voter: LLMVoter, llm: LLMConfig, prices: Prices) -> None:
    """Say what the new examples of a prompt bring with them."""
    look, known = look_at(project, items, voter), prices.of(voter.model)
    size = total_size(items, look, [estimate_size(request) for request in look.requests])
    output, n = (look.mean_output or ANSWER_TOKENS) * len(look.rows), len(look.rows)
    cost = expected_cost(known.price if known else None, size.tokens, output, n, llm.mode)
    dollars = "" if cost is None else f", about ${cost:.2g}"
    said = f"new examples make it a new version; it is asked about all {n:,} items again{dollars}"
    project.progress(f"{voter.name}: {said}", 0, 0)


async def _run_model(run: ModelRun, voters: Sequence[LLMVoter]) -> None:
    """Ask the voters of one model, one after another; its server is needed only if something is open."""
    kept = [_readings(run, voter) for voter in voters]
    if all(_is_complete(run, voter, readings) for voter, readings in zip(voters, kept, strict=True)):
        run.reports.extend(_kept(run, voter, readings) for voter, readings in zip(voters, kept, strict=True))
        return
    async with run.project.new_completer(run.llm) as completer:
        await meet(completer, run.llm)
        for voter in voters:
            await _ask(run, completer, voter)


async def _ask(run: ModelRun, completer: Completer, voter: LLMVoter) -> None:
    tally, price = Tally(), run.known.price if run.known else None
    asks_to_cache = price is not None and _asks_to_cache(run, voter)
    watch = CacheWatch(voter.name, tally, run.project.progress, asks_to_cache)
    spending = Spending(
        run.project.store, completer, run.held, price, run.llm.budget, run.llm.in_flight, watch
    )
    items = public_items(run.items, range(len(run.items)))
    try:
        await MODES[run.llm.mode](spending, voter, items, total=len(run.items), tally=tally)
    finally:
        watch.look()
        remarks = [r for r in (watch.remark, unpriced_remark(run.llm, run.known)) if r]
        run.reports.append(
            VoterReport(voter.name, voter.model, voter.version, tally, price is not None, tuple(remarks))
        )
        keep_rates(run.project.store, voter.model, completer.limits, tally.requests, tally.seconds)


def _readings(run: ModelRun, voter: LLMVoter) -> StoredReadings:
    with run.project.store.read() as tx:
        return llm_votes.readings(tx, voter.version)


def _is_complete(run: ModelRun, voter: LLMVoter, readings: StoredReadings) -> bool:
    """Whether all items of the pool have a reading, by the present reader."""
    current = {reader == voter.reader for reader in readings.readers} <= {True}
    return current and set(run.items.digests.tolist()) <= set(readings.items)


def _kept(run: ModelRun, voter: LLMVoter, readings: StoredReadings) -> VoterReport:
    """Report on a voter that has answered everything before."""
    present, tally = set(run.items.digests.tolist()), Tally()
    for item, outcome, named in zip(readings.items, readings.outcomes, readings.named, strict=True):
        if item in present:
            tally.read(Reading(Outcome(outcome), named=named), cached=True)
    if run.known:
        with run.project.store.read() as tx:
            tally.spent = llm_calls.spent(tx, voter.model)
    return VoterReport(voter.name, voter.model, voter.version, tally, run.known is not None)


def _asks_to_cache(run: ModelRun, voter: LLMVoter) -> bool:
    first = next(public_items(run.items, range(min(1, len(run.items)))), None)
    return first is not None and voter.request(first).cache_ttl is not None
