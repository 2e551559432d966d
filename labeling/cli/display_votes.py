"""The voters' table in a terminal, with what is to be known beside it."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from labeling.cli.display import OUT, percent, say

LEFT = ("voter", "votes for")
NUMBERS = (
    *("coverage", "overlaps", "conflicts", "accuracy", "95 %", "weight"),
    *("ran", "cached", "faults", "seconds"),
)
DROPPED = ("seconds", "cached", "overlaps", "ran", "conflicts", "95 %", "weight", "faults", "accuracy")
"""Columns that a terminal too narrow for all goes without, the first one first."""
UNBOUNDED = 10_000


def votes(result: dict[str, Any]) -> None:
    """Print the voters' table with its totals, then what is wrong with voters."""
    # In a file or pipe a line is a voter, however long its name; no terminal is too narrow for a number.
    width = OUT.width if OUT.is_terminal else UNBOUNDED
    dropped = next(
        (n for n in range(len(DROPPED)) if _needed(_table(result, n)).minimum <= width), len(DROPPED)
    )
    table = _table(result, dropped)
    needed = _needed(table)
    table.width = max(needed.minimum, min(needed.maximum, width))
    OUT.print(table)
    if dropped:
        say(f"not shown at this width: {', '.join(DROPPED[:dropped])}")
    share = percent(result["covered"] / max(result["items"], 1))
    say(f"{result['rows']} rows, {result['items']} items, {share} covered")
    for line in (
        *result["remarks"],
        *_reliable(result["reliability"]),
        *_faulty(result["voters"]),
        *_asked(result["voters"]),
        *_stated(result["voters"]),
        *result["left_out"],
        *_alike(result["redundant"]),
    ):
        say(line)
    for name, count in result["row_conflicts"].items():
        say(f"{name}: {count} items whose rows disagree count as abstentions")


def _table(result: dict[str, Any], dropped: int) -> Table:
    """Give the table without the first of the columns that can be dropped."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in LEFT:
        table.add_column(name, no_wrap=name == "voter", overflow="fold", min_width=len(name))
    names = [name for name in (*LEFT, *NUMBERS) if name not in DROPPED[:dropped]]
    for name in names[len(LEFT) :]:
        table.add_column(name, justify="right", no_wrap=True)
    for voter in result["voters"]:
        cells = _cells(voter)
        table.add_row(*(cells[name] for name in names))
    table.add_section()
    totals = _total_cells(result)
    table.add_row(*(totals[name] for name in names))
    return table


def _needed(table: Table) -> Measurement:
    return OUT.measure(table, options=OUT.options.update_width(UNBOUNDED))


def _cells(voter: dict[str, Any]) -> dict[str, str]:
    recorded = not voter["ran"] and not voter["cached"]
    cells = [
        escape(voter["name"]),
        escape(", ".join(voter["polarity"])) or "–",
        *(percent(voter[key]) for key in ("coverage", "overlaps", "conflicts", "accuracy")),
        _interval(voter["accuracy_interval"]),
        percent(voter["weight"]),
        *("–" if recorded else f"{voter[key]:,}" for key in ("ran", "cached")),
        f"{voter['faults']:,}",
        "–" if recorded else f"{voter['seconds']:.1f}",
    ]
    return dict(zip((*LEFT, *NUMBERS), cells, strict=True))


def _total_cells(result: dict[str, Any]) -> dict[str, str]:
    voters, total = result["voters"], result["totals"]
    classes = len(total["polarity"])
    cells = [
        "any of them",
        "1 class" if classes == 1 else f"{classes} classes",
        *(percent(total[key]) for key in ("coverage", "overlaps", "conflicts")),
        *("–", "", "–"),
        *(f"{sum(v[key] for v in voters):,}" for key in ("ran", "cached", "faults")),
        f"{sum(v['seconds'] for v in voters):.1f}",
    ]
    return dict(zip((*LEFT, *NUMBERS), cells, strict=True))


def _interval(bounds: list[float] | None) -> str:
    return "" if bounds is None else f"{100 * bounds[0]:.0f}–{100 * bounds[1]:.0f}"


def _faulty(voters: list[dict[str, Any]]) -> list[str]:
    refused = [f"{v['name']} does not vote: {v['refused']}" for v in voters if v["refused"]]
    faults = [(v["name"], v["first_fault"]) for v in voters if v["first_fault"]]
    return refused + [f"{name}: first fault on row {f['row']}:\n{f['traceback']}" for name, f in faults]


def _asked(voters: list[dict[str, Any]]) -> list[str]:
    """Say of language models why they abstain, and whom they have not been asked about."""
    lines = []
    for v in voters:
        if v["abstained"]:
            reasons = ", ".join(f"{why.replace('_', ' ')} {count:,}" for why, count in v["abstained"].items())
            lines.append(f"{v['name']} abstains: {reasons}")
        if v["unasked"]:
            lines.append(
                f"{v['name']}: {v['unasked']:,} items have no answer yet; `quorum llm run` asks for them"
            )
    return lines


def _stated(voters: list[dict[str, Any]]) -> list[str]:
    """Say how far the confidence of language models can be trusted."""
    return [
        f"{v['name']}: confidence as {stage} has a {_error(found)} of its votes that people judged"
        for v in voters
        for stage, found in v["reliability"].items()
    ]


def _error(found: dict[str, Any]) -> str:
    interval = f"{found['ece_low']:.3f} to {found['ece_high']:.3f}"
    return f"calibration error of {found['ece']:.3f} ({interval}) on {found['labelled']}"


def _reliable(reliability: dict[str, Any]) -> list[str]:
    lines = []
    for stage, found in reliability.items():
        lines.append(f"{stage}: {_error(found)} items that people labelled, each held out")
    return lines


def _alike(pairs: list[dict[str, Any]]) -> list[str]:
    return [
        f"{pair['first']} and {pair['second']} are much alike: where either votes, both say the same on "
        f"{percent(pair['similarity'])} of the items, and count twice"
        for pair in pairs
    ]
