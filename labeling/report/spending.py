"""What language models were asked and what it cost, by the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labeling.report.absent import Absent
from labeling.report.present import Present
from labeling.store import llm_history
from labeling.store.llm_calls import CallStatus
from labeling.store.llm_history import Bill


@dataclass(frozen=True)
class ModelSpending:
    """Calls, tokens and US dollars of one model.

    ``at_most`` adds to what was billed the worst case of calls that are lost or out; ``unpriced`` counts
    answers without a price; ``budget`` is None where none is set.
    """

    model: str
    answered: int
    refunded: int
    lost: int
    out: int
    input: int
    output: int
    cache_write: int
    cache_read: int
    billed: float
    at_most: float
    unpriced: int
    budget: float | None


@dataclass(frozen=True)
class Spending:
    """The language models with what each cost."""

    models: tuple[ModelSpending, ...]

    @property
    def billed(self) -> float:
        """US dollars of all models together."""
        return round(sum(model.billed for model in self.models), 6)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {"billed": self.billed, **asdict(self)}


def measure_spending(present: Present) -> Spending | Absent:
    """Add up the ledger by model."""
    project = present.project
    budgets = {voter.llm.model: voter.llm.budget for voter in project.config.voters if voter.llm}
    with project.store.read() as tx:
        bills = llm_history.bills(tx)
    if not bills and not budgets:
        return Absent(
            "no language model votes here: `- llm: {model: M, prompts: [F]}` under `voters:` adds one."
        )
    if not bills:
        return Absent(
            "no language model was asked yet: `quorum llm plan` tells the cost, `quorum llm run` asks."
        )
    names = dict.fromkeys(bill.model for bill in bills)
    return Spending(
        tuple(
            model_spending(name, [bill for bill in bills if bill.model == name], budgets.get(name))
            for name in names
        )
    )


def model_spending(model: str, bills: Sequence[Bill], budget: float | None) -> ModelSpending:
    """Add up what the calls of one model came to."""
    calls = {bill.status: bill.calls for bill in bills}
    billed = sum(bill.cost for bill in bills)
    return ModelSpending(
        model=model,
        answered=calls.get(CallStatus.ANSWERED, 0),
        refunded=calls.get(CallStatus.REFUNDED, 0),
        lost=calls.get(CallStatus.LOST, 0),
        out=calls.get(CallStatus.INTENDED, 0),
        input=sum(bill.usage.input for bill in bills),
        output=sum(bill.usage.output for bill in bills),
        cache_write=sum(bill.usage.cache_write for bill in bills),
        cache_read=sum(bill.usage.cache_read for bill in bills),
        billed=round(billed, 6),
        at_most=round(billed + sum(bill.worst for bill in bills), 6),
        unpriced=sum(bill.unpriced for bill in bills),
        budget=budget,
    )
