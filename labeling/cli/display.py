"""What people see in a terminal: tables, sentences, progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from labeling.cli.texts import printable

if TYPE_CHECKING:
    from labeling.project import Desk
    from labeling.rounds.report import RoundReport

PAGE_WIDTH = 130
"""Columns of what is written to a file or pipe; a terminal knows its own width."""

OUT = Console(soft_wrap=True)
if not OUT.is_terminal:
    OUT = Console(soft_wrap=True, width=PAGE_WIDTH)
ERR = Console(stderr=True, soft_wrap=True)
LINE_SECONDS = 30.0
"""How often a part that takes long is told of where there is no terminal."""


def say(line: str) -> None:
    """Print a line for people."""
    OUT.print(escape(line), highlight=False)


def to_stderr(line: str) -> None:
    """Print a line to standard error."""
    ERR.print(escape(line), highlight=False)


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Give the rate, nothing before there is one."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show progress on standard error: bars in a terminal, a line per finished part elsewhere."""
    if not ERR.is_terminal:
        yield _line_progress()
        return
    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()),
        *(RateColumn(), TimeRemainingColumn(), TimeElapsedColumn()),
    )
    with Progress(*columns, console=ERR, transient=True) as bars:
        known: dict[str, Any] = {}

        def update(what: str, done: int, total: int) -> None:
            if total == 0:
                bars.console.print(escape(what), highlight=False)
                return
            name = part_of(what)
            if name not in known:
                known[name] = bars.add_task(escape(what), total=total)
            shown = escape(what)
            bars.update(known[name], completed=done, total=total, description=shown, visible=done < total)

        yield update


def part_of(what: str) -> str:
    """Give the part of the work that progress is of; after a colon stands how it goes.

    Examples
    --------
    >>> part_of("desk@m: 12.0/s, 5 s left"), part_of("features")
    ('desk@m', 'features')
    """
    return what.partition(": ")[0]


@contextmanager
def work() -> Iterator[Callable[[str, int, int], None]]:
    """Show progress and keep standard output for the result: what functions print goes to standard error."""
    with redirect_stdout(sys.stderr), progress() as update:
        yield update


def _line_progress() -> Callable[[str, int, int], None]:
    """Tell parts that are done, and long ones now and then."""
    shown_at: dict[str, float] = {}

    def update(what: str, done: int, total: int) -> None:
        if total == 0:
            to_stderr(what)
            return
        now, name = time.monotonic(), part_of(what)
        due = now - shown_at.setdefault(name, now) >= LINE_SECONDS
        if (done >= total or due) and shown_at[name] != float("inf"):
            to_stderr(f"{what}: {done:,} of {total:,}")
            shown_at[name] = float("inf") if done >= total else now

    return update


def percent(share: float | None) -> str:
    """Give a share as a percentage; a dash where there is none."""
    return "–" if share is None else f"{share:.1%}"


def round_report(result: dict[str, Any]) -> None:
    """Print what a round came to."""
    again = " (nothing changed since)" if result["repeated"] else ""
    calls = result["calls"]
    say(f"round {result['round']}{again}: {result['rows']} rows, {result['items']} items")
    said = f"{calls['ran']} calls ran, {calls['cached']} were stored"
    say(f"  votes       {result['covered']} items covered; {said}")
    routes = result["routes"]
    say(f"  routes      {routes['accept']} accept, {routes['review']} review, {routes['hold']} hold")
    say(f"  people      {result['gold']} items labelled")
    say(f"  certificate {certificate_line(result)}")
    say(f"  outlook     {result['plan']}")
    say(f"  split       {split_line(result['split'])}")
    for name in ("stopping", "forecast"):
        if result[name]:
            say(f"  {name:11} {result[name]['said']}")
    if result["faults"]:
        failed = f"{result['faults']} calls failed and abstain"
        say(f"  faults      {failed}; `quorum votes` shows the first of each voter")
    for name, count in result["unasked"].items():
        say(f"  {name}: {count:,} items have no answer yet; `quorum llm run` asks for them")
    for remark in result["remarks"]:
        say(f"  {remark}")


def split_line(split: dict[str, Any] | None) -> str:
    """Say how many questions of which lane a round added, and why."""
    if split is None:
        return "not told"
    return f"{split['review']} questions for review, {split['audit']} for the audit. {split['reason']}"


def certificate_line(result: dict[str, Any]) -> str:
    """Say which certificate holds, or what is missing for one."""
    held = result["certificate"]
    return str(held["statement"]) if held else f"none yet: {result['audit']['missing']}"


def greeting(desk: Desk, report: RoundReport) -> None:
    """Tell where people can log in and what is still missing."""
    round_report(report.to_dict())
    say("")
    say(f"Label Studio  {desk.address}")
    if desk.login:
        say(f"login         {desk.login}")
        say(f"password      {desk.password}")
    say("Open the address and choose «Label All Tasks». Ctrl-C stops everything that was started here.")


def sync_report(result: dict[str, Any]) -> None:
    """Print what a sync did."""
    say(f"{result['pulled']} answers new or changed, {result['gold']} items labelled by people")
    say(f"{result['pushed']} tasks sent, {result['withdrawn']} taken back, {result['open']} open")
    if result["reopened"]:
        say(result["reopened"])


def certificate(result: dict[str, Any]) -> None:
    """Print a certificate, or why there is none."""
    say(result["statement"])
    for remark in result["remarks"]:
        say(remark)
    if result.get("truth"):
        say(result["truth"])


def explanation(result: dict[str, Any]) -> None:
    """Print why a row has its label."""
    say(f"{result['id']}: {result['text']}")
    label = f"{result['label']} ({result['source']})" if result["label"] else "no label yet"
    say(f"  label   {label}; the model says {result['suggestion']}")
    say(f"  route   {result['route']}: {result['reason']}")
    for name, p in sorted(result["probabilities"].items(), key=lambda pair: -pair[1]):
        say(f"  {p:6.1%}  {name}")
    for c in result["contributions"]:
        voted = f"voted {c['vote']}" if c["vote"] else "leans that way"
        say(f"  {c['weight']:+6.2f}  {c['voter']} {voted}")
    for answer in result["prelabels"]:
        say(f"  {answer['voter']} {prelabel_line(answer)}")
    for h in result["history"]:
        answer = "skipped" if h["skipped"] else f"answered {h['label']}"
        gone = ", deleted" if h["deleted"] else ""
        say(f"  {h['at']}  {h['annotator']} {answer}{gone}")


def prelabel_line(answer: dict[str, Any]) -> str:
    """Say in a line what a language model answered: its vote or why there is none, evidence, cost."""
    vote, outcome = answer["vote"], str(answer["outcome"]).replace("_", " ")
    parts = [f"said {vote}" if vote else f"abstained ({outcome})"]
    if answer["evidence"]:
        parts.append(f"by «{printable(answer['evidence'])}»")
    if answer["confidence"] is not None:
        parts.append(f"confidence {answer['confidence']:.2f} before recalibration")
    if answer["cost"] is not None:
        parts.append(f"cost ${answer['cost']:.2g}")
    return ", ".join(parts)


def cleaning(result: dict[str, Any]) -> None:
    """Print what was freed."""
    size = f"{result['bytes'] / 1e6:,.1f} MB"
    say(f"removed {result['files']:,} files, {size}")
    if result["columns"]:
        say(f"gave up {result['columns']:,} columns of votes of earlier versions")
    if result["young"]:
        say(f"{result['young']:,} files are too young to be removed; run it again in a minute")


def findings(result: dict[str, Any]) -> None:
    """Print what was examined."""
    for f in result["findings"]:
        say(f"{'ok  ' if f['ok'] else 'BAD '} {f['what']}: {f['detail']}")
        if not f["ok"]:
            say(f"     {f['remedy']}")
