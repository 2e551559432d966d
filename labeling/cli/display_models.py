"""What people see of how models agree, and of the functions that they propose."""

from __future__ import annotations

from typing import Any

from labeling.cli.display import percent
from labeling.cli.display_lf import line
from labeling.cli.tables import about, plain, print_table, voters_table


def agreement(result: dict[str, Any]) -> None:
    """Print how far voters say the same, pair by pair, and which are one."""
    table = voters_table(
        "voter", "both vote", "agree", "95 %", "by chance", "both wrong", "expected", "same wrong"
    )
    for pair in result["pairs"]:
        table.add_row(
            plain(f"{pair['first']} and {pair['second']}"),
            f"{pair['both']:,}",
            percent(pair["agree"]),
            _bounds(pair["agree_interval"]),
            percent(pair["agree_chance"]),
            f"{pair['both_wrong']:,} of {pair['judged']:,}" if pair["judged"] else "–",
            f"{pair['both_wrong_chance']:.1f}" if pair["judged"] else "–",
            _same_wrong(pair),
        )
    print_table(table)
    line("")
    line(f"{result['items']:,} items, {result['gold']:,} of them with gold")
    for group in result["groups"]:
        line(f"the label model takes {' and '.join(group)} for one voter")
    if not result["groups"]:
        line("the label model takes each of them for a voter of its own")
    for said in result["left_out"]:
        line(said)


def _same_wrong(pair: dict[str, Any]) -> str:
    if pair["same_wrong"] is None:
        return "–"
    return f"{percent(pair['same_wrong'])} ({_bounds(pair['same_wrong_interval'])})"


def _bounds(interval: list[float] | None) -> str:
    return "" if interval is None else f"{100 * interval[0]:.0f}–{100 * interval[1]:.0f}"


def proposals(result: dict[str, Any]) -> None:
    """Print proposed functions with how they did, and what became of them."""
    table = voters_table("function", "votes for", "coverage", "new", "right", "95 %", "taken")
    for p in result["proposals"]:
        judged = f"{p['right']:,} of {p['judged']:,}" if p["judged"] else "–"
        bounds = _bounds(p["interval"]) if p["judged"] else ""
        cells = (percent(p["coverage"]), f"{p['uncovered']:,}", judged, bounds, p["accepted"] or "no")
        table.add_row(plain(p["name"]), plain(p["label"]), *cells)
    if result["proposals"]:
        print_table(table)
    for p in result["proposals"]:
        line(f"{p['name']}: {_rule(p['rule'])}")
        for objection in p["objections"] if not p["accepted"] else ():
            line(f"{p['name']}: {objection}")
    for d in result["dropped"]:
        line(f"{d['name']} is dropped: {d['problem']}")
    line(f"{result['model']} proposed {len(result['proposals'])} functions, {about(result['cost'])}")
    if result["written"]:
        line(f"wrote {', '.join(result['accepted'])} to {result['file']}")
        if not result["configured"]:
            line(f"they vote once the config has, under voters: - functions: {result['file']}")


def _rule(rule: dict[str, Any]) -> str:
    """Say what a function looks for.

    Examples
    --------
    >>> _rule({"name": "a", "keyword": {"label": "BILL", "words": ["refund", "money back"], "at_least": 2}})
    'keyword "refund", "money back"; at_least 2'
    """
    [(builder, given)] = ((key, value) for key, value in rule.items() if key != "name")
    sought = given.get("words") or [given["pattern"]]
    rest = {key: value for key, value in given.items() if key not in ("label", "words", "pattern")}
    quoted = ", ".join(f'"{text}"' for text in sought)
    return "; ".join([f"{builder} {quoted}", *(f"{key} {str(value).lower()}" for key, value in rest.items())])
