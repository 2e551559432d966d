"""What people see of work on functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from labeling.cli.display import OUT, percent
from labeling.cli.texts import excerpt, printable
from labeling.development.bucket_names import BUCKETS

INDENT = "    "


def line(text: str, style: str = "") -> None:
    """Print a line; what stands in it is shown as it is."""
    OUT.print(Text(printable(text), style=style))


def quoted(text: str, hits: Iterable[tuple[int, int]] = ()) -> None:
    """Print a text from the data, indented, with its hits."""
    marks = OUT.color_system is None
    OUT.print(Text(INDENT).append_text(excerpt(text, ((a, b) for a, b in hits), marks=marks)))


def examples(result: dict[str, Any]) -> None:
    """Print which functions meet their examples."""
    for f in result["functions"]:
        if f["failures"]:
            line(f"FAIL  {f['name']}: {len(f['failures'])} of {_count(f['examples'], 'example')}", "bold")
        elif f["examples"]:
            line(f"ok    {f['name']}: {_count(f['examples'], 'example')}")
        for failure in f["failures"]:
            _failure(failure)
    without = result["without_examples"]
    said = f"{_count(result['examples'], 'example')}, {result['failed']} failed"
    line(f"{said}; without examples: {', '.join(without)}" if without else said)


def _failure(failure: dict[str, Any]) -> None:
    quoted(str(failure["example"]))
    line(f"{INDENT}expected {_vote(failure['expected'])}, got {_got(failure)}")


def _got(failure: dict[str, Any]) -> str:
    if failure["traceback"]:
        return str(failure["traceback"]).strip().splitlines()[-1]
    return _vote(failure["got"])


def errors(result: dict[str, Any]) -> None:
    """Print the buckets of a voter."""
    share = percent(result["votes"] / result["items"]) if result["items"] else "–"
    line(f"{result['voter']}: votes on {_count(result['votes'], 'item')} ({share})", "bold")
    judged = result["accuracy"]
    if judged["judged"]:
        line(f"  {_accuracy(judged)} of its votes that have gold are right")
    elif not result["gold"]:
        line("  no gold to compare with: answer review tasks, or name a gold column (`gold: {column: ...}`)")
        line("  and give it to the loop (`use: seed`) or set a part of it aside (`dev: {share: 0.1}`)")
    _remark(result["remark"])
    unshown = [b for b in result["buckets"] if b["other"] and not b["cases"]]
    for bucket in result["buckets"]:
        if bucket["total"] and bucket not in unshown:
            _bucket(bucket)
    if unshown:
        line("")
        line(f"disputed, not shown: {', '.join(_dispute(b) for b in unshown)}", "bold")
    empty = [bucket["name"] for bucket in result["buckets"] if not bucket["total"]]
    if empty:
        line("")
        line(f"nothing in: {', '.join(empty)}")


def _dispute(bucket: dict[str, Any]) -> str:
    return f"{bucket['other']} ({_count(bucket['total'], 'item')})"


def _bucket(bucket: dict[str, Any]) -> None:
    what = BUCKETS[bucket["name"]]
    if bucket["other"]:
        what = f"{bucket['other']} votes for another class"
    line("")
    line(f"{bucket['name']}: {_count(bucket['total'], 'item')}; {what}", "bold")
    for case in bucket["cases"]:
        _case(case, bucket["other"])


def _case(case: dict[str, Any], other: str | None) -> None:
    facts = [_vote(case["vote"])]
    if other:
        facts.append(f"{other} {_vote(case['other'])}")
    if case["gold"]:
        facts.append(f"gold {case['gold']}")
    label = f"{case['label']} {case['probability']:.2f}" if case["label"] else "none"
    line(f"  {case['id']}: {', '.join(facts)}; label {label}")
    quoted(case["text"], case["hits"])


def diff(result: dict[str, Any]) -> None:
    """Print what an edit changed."""
    if not result["voters"]:
        line(result["remark"])
        return
    if not result["fresh"]:
        line(f"nothing changed since {result['applied_at']}; the last change was:")
    line(f"compared on {result['compared']} of {_count(result['items'], 'item')}")
    _remark(result["remark"])
    if not result["compared"]:
        return
    for voter in result["voters"]:
        line("")
        line(f"{voter['name']}: {_versions(voter)}", "bold")
        _change(voter, "vote")
    line("")
    line("labels by the label model", "bold")
    _change(result["labels"], "label")


def _versions(voter: dict[str, Any]) -> str:
    if voter["before"] is None:
        return f"new, {voter['after']}"
    if voter["after"] is None:
        return f"gone, was {voter['before']}"
    return f"{voter['before']} to {voter['after']}"


def _change(change: dict[str, Any], what: str) -> None:
    counts = [_count(change["gained"], what), f"{change['lost']} lost", f"{change['flipped']} flipped"]
    line(f"  {counts[0]} gained, {counts[1]}, {counts[2]}")
    before, after = change["accuracy_before"], change["accuracy_after"]
    if before["judged"] or after["judged"]:
        line(f"  right by gold: {_accuracy(before)} before, {_accuracy(after)} after")
    for move in change["moves"]:
        line(f"  {_vote(move['before'])} to {_vote(move['after'])}: {_count(move['total'], 'item')}")
        for item in move["items"]:
            gold = f", gold {item['gold']}" if item["gold"] else ""
            line(f"{INDENT}{item['id']}{gold}")
            quoted(item["text"], item["hits"])


def suggestions(result: dict[str, Any]) -> None:
    """Print what to write next."""
    uncovered = percent(result["uncovered"] / result["items"]) if result["items"] else "–"
    line(f"{result['uncovered']} of {_count(result['items'], 'item')} ({uncovered}) without a vote", "bold")
    if result["sampled"]:
        line(f"seen through a sample of {result['sampled']} items (seed {result['seed']})")
    _remark(result["remark"])
    for cluster in result["clusters"]:
        line("")
        line(f"{_count(cluster['size'], 'item')}: {', '.join(cluster['terms']) or 'no salient terms'}")
        for row_id, text in cluster["examples"]:
            line(f"  {row_id}")
            quoted(text)
    if result["scattered"]:
        line("")
        line(f"{_count(result['scattered'], 'item')} more: too little in common for a group")
    line("")
    _keywords(result["keywords"], f"estimated precision {percent(result['least_precision'])} or more")


def _keywords(keywords: list[dict[str, Any]], demanded: str) -> None:
    if not keywords:
        line(f"no keyword is sure enough ({demanded}): more votes or more gold would help")
        return
    line(f"keywords, {demanded}; from gold, the lower end of its interval:", "bold")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("keyword", "class", "coverage", "uncovered", "precision", "estimated from"):
        table.add_column(
            column, justify="left" if column in ("keyword", "class") else "right", overflow="fold"
        )
    for k in keywords:
        table.add_row(
            Text(printable(k["term"])),
            Text(printable(k["label"])),
            percent(k["coverage"]),
            str(k["uncovered"]),
            percent(k["precision"]),
            _basis(k),
        )
    OUT.print(table)
    line("")
    line("as functions:", "bold")
    for k in keywords:
        line(k["builder"])


def _basis(keyword: dict[str, Any]) -> str:
    if keyword["interval"] is None:
        return f"the label model, on {_count(keyword['judged'], 'covered item')}"
    low, high = keyword["interval"]
    return f"{keyword['judged']} with gold, {percent(low)} to {percent(high)}"


def _remark(remark: str | None) -> None:
    if remark:
        line(f"  {remark}")


def _accuracy(judged: dict[str, Any]) -> str:
    return f"{judged['right']} of {judged['judged']} ({percent(judged['accuracy'])})"


def _vote(name: Any) -> str:
    return "no vote" if name is None else str(name)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
