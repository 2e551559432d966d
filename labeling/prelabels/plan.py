"""What asking the language models would come to, before anything is spent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labeling.config.prices import KnownPrice, Prices
from labeling.config.sections import LLMConfig
from labeling.errors import QuorumError
from labeling.items import Items
from labeling.pool.prelabels import NO_EXAMPLES
from labeling.pool.stored import stored_items
from labeling.prelabels.costs import Savings, expected_cost, known_sum, savings, total
from labeling.prelabels.estimate import ANSWER_TOKENS, Sized, estimate_size, without_shared
from labeling.prelabels.looks import Look, look_at, total_size
from labeling.prelabels.permission import unpriced_remark
from labeling.prelabels.rates import KnownRates, read_rates
from labeling.prelabels.voters import planned_voters
from labeling.project import Project
from labeling.store import llm_calls
from labeling.types import Completer, CompletionError, CompletionRequest, LLMVoter, Usage

SERVER, ESTIMATE = "counted by the server on a sample", "estimated from the texts' lengths"


@dataclass(frozen=True)
class VoterPlan:
    """What one voter would still take.

    Attributes
    ----------
    requests, cached : int
        Items to ask about, and items with an answer.
    tokens : Usage
        As if nothing were cached by the server.
    counted : str
        How the input tokens are known.
    cost, most : float or None
        US dollars: as expected without the server's cache, and if every answer had full length.
    seconds : float or None
    seconds_by : str or None
        By what the time is known.
    price : str or None
        The table and its day.
    remarks : tuple of str
    """

    name: str
    model: str
    version: str
    mode: str
    requests: int
    cached: int
    abstained: dict[str, int]
    tokens: Usage
    counted: str
    cost: float | None
    most: float | None
    saves: Savings
    seconds: float | None
    seconds_by: str | None
    price: str | None
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class PrelabelPlan:
    """What all voters would still take.

    ``spent`` and ``budget`` are US dollars by model, None where nothing is known or set.
    """

    rows: int
    items: int
    voters: tuple[VoterPlan, ...]
    spent: dict[str, float | None]
    budget: dict[str, float | None]
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        voters = self.voters
        tokens = {name: sum(getattr(v.tokens, name) for v in voters) for name in ("input", "output")}
        abstained: Counter[str] = sum((Counter(v.abstained) for v in voters), Counter())
        costs = [v.cost for v in voters]
        return {
            "rows": self.rows,
            "items": self.items,
            "requests": sum(v.requests for v in voters),
            "cached": sum(v.cached for v in voters),
            "tokens": tokens,
            "cost": total(costs),
            "spent": known_sum(self.spent.values()),
            "abstained": dict(sorted(abstained.items())),
            "spent_by_model": self.spent,
            "budget_by_model": self.budget,
            "voters": [asdict(v) for v in voters],
            "left_out": list(self.left_out),
        }


def plan_prelabels(project: Project, *, renew_examples: bool = False) -> PrelabelPlan:
    """Say what a run would ask, take and cost.

    Servers are asked to count tokens only where items may be sent; what cannot be counted is estimated.

    Parameters
    ----------
    renew_examples : bool
        Plan a run that takes new examples for the prompts that show some.

    Raises
    ------
    InputError
        Of the data, the prompts or the price table.
    """
    items, prices = stored_items(project), project.prices()
    found = planned_voters(project, items, renew_examples=renew_examples)
    sections = {llm.model: llm for llm, _ in found.asked}
    voters = []
    for model, llm in sections.items():
        of_model = [voter for section, voter in found.asked if section.model == model]
        voters += asyncio.run(_plan_model(project, items, llm, of_model, prices))
    with project.store.read() as tx:
        spent = {m: llm_calls.spent(tx, m) if prices.of(m) else None for m in sections}
    return PrelabelPlan(
        rows=items.n_rows,
        items=len(items),
        voters=tuple(voters),
        spent=spent,
        budget={model: llm.budget for model, llm in sections.items()},
        left_out=tuple(f"{name}: {NO_EXAMPLES}" for name in found.lacking),
    )


async def _plan_model(
    project: Project, items: Items, llm: LLMConfig, voters: Sequence[LLMVoter], prices: Prices
) -> list[VoterPlan]:
    """Plan the voters of one model, with one connection to its server where there may be one."""
    looks = [look_at(project, items, voter) for voter in voters]
    if not llm.may_send:
        sizes, remark = None, "nothing may be sent yet: the config has no consent: true"
    elif not any(len(look.rows) for look in looks):
        sizes, remark = None, None
    else:
        sizes, remark = await _count(project, llm, looks)
    estimates = sizes or [[estimate_size(request) for request in look.requests] for look in looks]
    counted = SERVER if sizes else ESTIMATE
    rates, known = read_rates(project.store, llm.model), prices.of(llm.model)
    remarks = tuple(said for said in (remark, unpriced_remark(llm, known)) if said)
    return [
        _describe(project, llm, look, total_size(items, look, sized), counted, known, rates, remarks)
        for look, sized in zip(looks, estimates, strict=True)
    ]


async def _count(
    project: Project, llm: LLMConfig, looks: Sequence[Look]
) -> tuple[list[list[Sized]] | None, str | None]:
    """Let the server count the samples; None with the reason where it does not."""
    try:
        async with project.new_completer(llm) as completer:
            known = await completer.probe(llm.model)
            if not known.count_tokens:
                return None, f"{llm.model}: its server counts no tokens"
            return [[await _counted(completer, r) for r in look.requests] for look in looks], None
    except CompletionError as error:
        return None, f"{llm.model}: {error.message}"
    except QuorumError as error:
        return None, str(error)


async def _counted(completer: Completer, request: CompletionRequest) -> Sized:
    tokens = await completer.count_tokens(request)
    return Sized(tokens, tokens - await completer.count_tokens(without_shared(request)))


def _describe(
    project: Project,
    llm: LLMConfig,
    look: Look,
    size: Sized,
    counted: str,
    known: KnownPrice | None,
    rates: KnownRates,
    remarks: tuple[str, ...],
) -> VoterPlan:
    n = len(look.rows)
    answer = look.mean_output or ANSWER_TOKENS
    longest = max((request.max_tokens for request in look.requests), default=0)
    ttl = look.requests[0].cache_ttl if look.requests else None
    time = rates.seconds(n, size.tokens, answer * n) if llm.mode == "direct" and n else None
    price = known.price if known else None
    return VoterPlan(
        name=look.voter.name,
        model=llm.model,
        version=look.voter.version,
        mode=llm.mode,
        requests=n,
        cached=look.answered,
        abstained=look.abstained,
        tokens=Usage(round(size.tokens), round(min(answer, longest) * n)),
        counted=counted,
        cost=expected_cost(price, size.tokens, min(answer, longest) * n, n, llm.mode),
        most=expected_cost(price, size.tokens, longest * n, n, llm.mode),
        saves=savings(price, size, min(answer, longest) * n, n, ttl, llm.mode),
        seconds=time[0] if time else None,
        seconds_by=time[1] if time else None,
        price=f"{known.table}, {known.as_of}" if known else None,
        remarks=remarks,
    )
