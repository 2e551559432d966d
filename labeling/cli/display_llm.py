"""What people see of language models as voters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labeling.cli.display import percent
from labeling.cli.display_lf import INDENT, line
from labeling.cli.tables import about, money, plain, print_table, voters_table

MINUTE, HOUR = 60, 3600


def plan(result: dict[str, Any]) -> None:
    """Print what is still to be asked, voter by voter, with the sum."""
    columns = ("voter", "to ask", "answered", "tokens in", "tokens out", "cost", "at most", "time")
    table = voters_table(*columns)
    for v in result["voters"]:
        tokens = v["tokens"]
        counts = (v["requests"], v["cached"], tokens["input"], tokens["output"])
        dollars = (money(v["cost"]), money(v["most"]), _time(v))
        table.add_row(plain(v["name"]), *(f"{count:,}" for count in counts), *dollars)
    print_table(table)
    line("")
    rows = f"{result['rows']:,} rows, {result['items']:,} items"
    line(f"{rows}; {result['requests']:,} requests, {about(result['cost'])}")
    for group in _grouped(result["voters"]):
        line(group)
    for model, spent in result["spent_by_model"].items():
        line(f"{model}: {_spent(spent, result['budget_by_model'][model])}")
    _lines(result["left_out"])


def run(result: dict[str, Any]) -> None:
    """Print what was asked and answered, voter by voter."""
    table = voters_table(
        "voter", "votes", "abstain", "open", "asked", "stored", "tokens", "from cache", "cost"
    )
    for v in result["voters"]:
        tokens = v["tokens"]
        taken = tokens["input"] + tokens["cache_write"] + tokens["cache_read"]
        gone = sum(count for why, count in v["abstained"].items() if why != "provider_error")
        cells = (v["answered"] - gone, gone, v["unanswered"], v["requests"], v["cached"])
        read = percent(tokens["cache_read"] / taken if taken else None)
        output = f"{taken + tokens['output']:,}"
        table.add_row(plain(v["name"]), *(f"{c:,}" for c in cells), output, read, money(v["cost"]))
    print_table(table)
    line("")
    asked = f"{result['requests']:,} requests, {result['cached']:,} answers were stored already"
    line(f"{result['items']:,} items; {asked}; {about(result['cost'])}")
    for model, spent in result["spent_by_model"].items():
        if spent is not None:
            line(f"{model}: {money(spent)} spent in all runs")
    if result["lost"]:
        line(f"{result['lost']:,} calls are lost: nobody knows whether they were billed, and they count so")
    for v in result["voters"]:
        _abstentions(v)
    for v in result["voters"]:
        _lines(f"{v['name']}: {remark}" for remark in v["remarks"])
    _lines(result["left_out"])


def shown(result: dict[str, Any]) -> None:
    """Print what was asked about a row, and what came back."""
    line(result["id"], "bold")
    for name, text in result["fields"].items():
        line(f"  {name}: {text}")
    for voter in result["voters"]:
        line("")
        line(f"{voter['voter']}: {_outcome(voter)}", "bold")
        if voter["evidence"]:
            line(f"  evidence    {voter['evidence']}")
        if voter["confidence"] is not None:
            line(f"  confidence  {voter['confidence']:.2f} (as the model puts it)")
        if voter["cost"] is not None:
            line(f"  cost        {money(voter['cost'])}")
        line("  what all questions share")
        _block(voter["system"])
        for turn in voter["asked"]:
            line("  what is asked" if turn["role"] == "user" else "  what was said")
            _block(turn["text"])
        for call in voter["calls"]:
            _call(call)
    _lines(result["left_out"])


def span(seconds: float) -> str:
    """Give a time in a unit that fits.

    Examples
    --------
    >>> span(5), span(600), span(9000)
    ('5 s', '10 min', '2.5 h')
    """
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


def _grouped(voters: list[dict[str, Any]]) -> list[str]:
    """Say once what holds for several voters."""
    said: dict[str, None] = {}
    for v in voters:
        if not v["requests"]:
            continue
        said[f"{v['model']}: tokens {v['counted']}"] = None
        said[f"{v['model']}: {_price(v)}"] = None
        if v["seconds"] is None:
            said[f"{v['model']}: how long it takes is unknown: {_unknown_time(v)}"] = None
        else:
            said[f"{v['model']}: time by {v['seconds_by']}"] = None
        for remark in v["remarks"]:
            said[remark] = None
    savings = _savings(voters)
    return [*said, *([savings] if savings else [])]


def _price(voter: dict[str, Any]) -> str:
    if voter["price"] is None:
        return "no price is known; write one into configs/prices.yaml to see what it costs"
    half = ", at the price of batches" if voter["mode"] == "batch" else ""
    return f"prices of {voter['price']}{half}"


def _unknown_time(voter: dict[str, Any]) -> str:
    return "a batch may take a day" if voter["mode"] == "batch" else "no rate limit was seen yet"


def _savings(voters: list[dict[str, Any]]) -> str:
    parts = {"caching": "the server's cache", "batch": "mode: batch"}
    found = []
    for key, what in parts.items():
        amounts = [v["saves"][key] for v in voters if v["saves"][key]]
        if amounts:
            found.append(f"{what} up to {money(sum(amounts))}")
    return f"would save of that: {', '.join(found)}" if found else ""


def _abstentions(voter: dict[str, Any]) -> None:
    if voter["abstained"]:
        reasons = ", ".join(f"{reason(why)} {count:,}" for why, count in voter["abstained"].items())
        line(f"{voter['name']} abstains: {reasons}")
    for name, counts in voter["abstained_by_class"].items():
        reasons = ", ".join(f"{reason(why)} {count:,}" for why, count in counts.items())
        line(f"{INDENT}named {name} all the same: {reasons}")


def reason(outcome: str) -> str:
    """Give a reason in words.

    Examples
    --------
    >>> reason("no_evidence"), reason("abstain")
    ('no evidence', 'sees none of the classes')
    """
    return "sees none of the classes" if outcome == "abstain" else outcome.replace("_", " ")


def _outcome(voter: dict[str, Any]) -> str:
    if voter["outcome"] is None:
        return "not answered yet; this would be asked"
    if voter["vote"] is not None:
        return f"voted {voter['vote']}"
    named = f", naming {voter['named']}" if voter["named"] else ""
    return f"abstained: {reason(voter['outcome'])}{named}"


def _call(call: dict[str, Any]) -> None:
    usage = call["usage"]
    tokens = f", {sum(usage.values()):,} tokens" if usage else ""
    asked = "asked once more" if call["turn"] else "asked"
    why = call["stop_reason"] or call["failure"] or ""
    facts = ", ".join(part for part in (call["status"], why) if part)
    line(f"  {asked} {call['intended_at']}: {facts}{tokens}, {money(call['cost'])}")
    if call["answer"] is not None:
        _block(call["answer"])


def _block(text: str) -> None:
    for part in text.splitlines():
        line(f"{INDENT}{part}")


def _time(voter: dict[str, Any]) -> str:
    return "–" if voter["seconds"] is None else span(voter["seconds"])


def _spent(spent: float | None, budget: float | None) -> str:
    said = "nothing is known of its cost" if spent is None else f"{money(spent)} spent so far"
    return f"{said}, of a budget of {money(budget)}" if budget is not None else said


def _lines(lines: Iterable[str]) -> None:
    for said in lines:
        line(said)
