"""How a model is asked for functions: as it is for votes, under the same consent, budget and ledger."""

from __future__ import annotations

import asyncio

from labeling.config.sections import LLMConfig
from labeling.prelabels.connection import meet
from labeling.prelabels.permission import check_permission
from labeling.project import Project
from labeling.spending import LEASE, Asked, Spending, ask_once
from labeling.store import Lease, lease, llm_calls
from labeling.types import CompletionRequest


def ask_model(project: Project, llm: LLMConfig, asker: str, request: CompletionRequest) -> Asked:
    """Get a model's answer; one that the ledger has needs no server, and costs nothing.

    Parameters
    ----------
    project : Project
    llm : LLMConfig
    asker : str
        Version of what asks.
    request : CompletionRequest

    Raises
    ------
    InputError
        The config does not allow it: no consent, budget or price.
    GateRefused
        The budget does not cover it.
    Unavailable
        The server, or the lease of whoever spends, cannot be had.
    """
    with project.store.read() as tx:
        known = llm_calls.find_answers(tx, {request.digest})
    if request.digest in known:
        return Asked(known[request.digest].answer, 0.0)
    check_permission(project.config, project.prices(), llm.model)
    with lease.acquire(project.store, LEASE) as held:
        return asyncio.run(_ask(project, llm, asker, request, held))


async def _ask(
    project: Project, llm: LLMConfig, asker: str, request: CompletionRequest, held: Lease
) -> Asked:
    known = project.prices().of(llm.model)
    async with project.new_completer(llm) as completer:
        await meet(completer, llm)
        price = known.price if known else None
        spending = Spending(project.store, completer, held, price, llm.budget, llm.in_flight)
        return await ask_once(spending, asker, request)
