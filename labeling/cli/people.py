"""The command `quorum people`, as a team lead sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from labeling.cli import display
from labeling.cli.options import show, takes_config, takes_json
from labeling.cli.tables import plain, print_table, voters_table

FEWEST_PAIRS = 5
"""Pairs of people that are shown: those who agree least."""


@click.command()
@takes_config
@takes_json
def people(config: str | None, as_json: bool) -> None:
    """Tell how people answer: agreement, quality, anchoring, time and cost. For the team lead alone."""
    from labeling.app import open_project
    from labeling.team.report import describe_people

    with display.work() as progress:
        result = describe_people(open_project(config, progress=progress))
    show(result.to_dict(), as_json, show_people)


def show_people(result: dict[str, Any]) -> None:
    """Print people, agreement, anchoring and effort."""
    show_each(result["people"])
    show_agreement(result["agreement"])
    display.say(f"suggestions: {result['anchoring']['said']}")
    for line in effort_lines(result["effort"]):
        display.say(line)


def show_each(people: list[dict[str, Any]]) -> None:
    """Print a line for each person, and below what speaks against some."""
    counts = ("answers", "skipped", "unclear")
    table = voters_table("", *counts, "right on checks", "as others say", "kappa", "seconds")
    for person in people:
        seconds = person["seconds"]
        table.add_row(
            plain(person["name"]),
            f"{person['answers']:,}",
            f"{person['skipped']:,}",
            f"{person['unclear']:,}",
            share(person["on_checks"]),
            share(person["with_others"]),
            estimate(person["kappa"]),
            "–" if seconds is None else f"{seconds:.1f}",
        )
    print_table(table)
    for person in people:
        changes = [person[name]["said"] for name in ("drift", "pace") if person[name]]
        for said in [*person["suspicions"], *filter(None, changes)]:
            display.say(f"  {person['name']}: {said}")


def show_agreement(result: dict[str, Any]) -> None:
    """Print agreement as a whole, then by class, slice, pair and time."""
    if not result["items"]:
        display.say("agreement: no item has two answers yet; active.second_opinions asks for some")
        return
    counted = f"{result['items']:,} items with {result['answers']:,} answers"
    display.say(f"agreement on {counted}: {agreement_line(result)}")
    if result["blind"]["items"] not in (0, result["items"]):
        blind = result["blind"]
        display.say(f"  without a suggestion, {blind['items']:,} items: {agreement_line(blind)}")
    for name, found in result["classes"].items():
        display.say(f"  {name}: Krippendorff's alpha {estimate(found)}")
    for name, found in result["slices"].items():
        display.say(f"  slice {name}, {found['items']:,} items: {agreement_line(found)}")
    for pair in result["pairs"][:FEWEST_PAIRS]:
        same = f"{estimate(pair['observed'])} the same, Cohen's kappa {estimate(pair['cohen'])}"
        display.say(f"  {' and '.join(pair['people'])}, {pair['observed']['items']:,} items: {same}")
    for period in result["periods"]:
        days = f"{period['begin'][:10]} to {period['end'][:10]}"
        display.say(f"  {days}: {agreement_line(period['agreement'])}")


def agreement_line(found: Mapping[str, Any]) -> str:
    """Give the three measures of agreement in a line."""
    return (
        f"{estimate(found['observed'])} the same, Krippendorff's alpha {estimate(found['krippendorff'])}, "
        f"Fleiss' kappa {estimate(found['fleiss'])}"
    )


def effort_lines(effort: Mapping[str, Any]) -> list[str]:
    """Say what answers took and what open ones will."""
    if effort["hours"] is None:
        return [f"time: none of {effort['answers']:,} answers was timed"]
    left_out = f"{effort['breaks']} breaks left out" if effort["breaks"] else "no breaks"
    per = f"{estimate(effort['per_answer'], 1)} seconds an answer, {left_out}"
    lines = [f"time: {effort['hours']:.1f} hours for {effort['answers']:,} answers and skips; {per}"]
    lines += [f"ahead: {effort['hours_ahead']:.1f} hours for {effort['open']:,} open tasks"]
    if effort["cost"] is not None:
        lines += [f"cost: {effort['cost']:,.2f} so far, {effort['cost_ahead']:,.2f} ahead"]
    return lines


def share(found: Mapping[str, Any]) -> str:
    """Give a share with its interval, a dash of nothing."""
    if found["value"] is None:
        return "–"
    return f"{found['value']:.0%} ({found['low']:.0%} to {found['high']:.0%})"


def estimate(found: Mapping[str, Any], digits: int = 2) -> str:
    """Give an estimate with its interval, where it has one."""
    if found["value"] is None:
        return "–"
    value = f"{found['value']:.{digits}f}"
    return (
        value
        if found["low"] is None
        else f"{value} ({found['low']:.{digits}f} to {found['high']:.{digits}f})"
    )
