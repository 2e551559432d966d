"""How voters, reliability and the held-out figures look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labeling.analysis import VoterSummary
from labeling.calibration.reliability import JUDGED_FROM, Reliability
from labeling.development.accuracy import Accuracy
from labeling.development.diff import VoterChange
from labeling.development.moves import Change
from labeling.people.shares import Share
from labeling.report.drawing import reliability_picture
from labeling.report.held_out import HeldOut
from labeling.report.markup import listed, prose, table
from labeling.report.voters import Voters

MOST_EDITS = 20


def voters(found: Voters) -> Iterable[str]:
    """Show the voters' table, what last edits did, and all edits."""
    report = found.table
    yield table("Voters", COLUMNS, [_voter(summary) for summary in report.voters], texts=range(2))
    yield listed((*report.remarks, *report.left_out))
    changes = [(*_edit(voter), _labels(edit.labels)) for edit in found.last_edits for voter in edit.voters]
    if changes:
        columns = ("function", "version before", "now", "votes gained", "lost", "flipped")
        yield table(
            "What the last edit of each function did",
            (*columns, "right before, by gold", "right now", "labels changed"),
            changes,
            texts=range(3),
        )
    else:
        yield prose(
            "No function was applied in two versions yet: `quorum lf diff` compares them once one was."
        )
    edits = [(e.at[:16].replace("T", " "), *map(_names, (e.edited, e.added, e.removed))) for e in found.edits]
    if edits:
        yield table(
            "The last edits",
            ("on", "edited", "added", "removed"),
            edits[: -MOST_EDITS - 1 : -1],
            texts=range(4),
        )


COLUMNS = ("voter", "votes for", "coverage", "overlaps", "conflicts", "accuracy", "95 %", "weight", "faults")


def _voter(summary: VoterSummary) -> tuple[object, ...]:
    interval = summary.accuracy_interval
    shares = (summary.coverage, summary.overlaps, summary.conflicts, summary.accuracy)
    return (
        summary.name,
        ", ".join(summary.polarity) or None,
        *map(_percent, shares),
        None if interval is None else f"{interval[0]:.0%} to {interval[1]:.0%}",
        _percent(summary.weight),
        summary.faults,
    )


NAMES = {"calibrated": "label model, calibrated"}
"""What the stages of the label model are called beside others."""


def reliability(of_votes: Mapping[str, Reliability], held_out: Reliability | None) -> Iterable[str]:
    """Show how far confidence can be trusted, on people's labels and on the held-out file."""
    measured = {NAMES.get(name, name): found for name, found in of_votes.items()}
    if held_out is not None:
        measured["scorer, on the held-out file"] = held_out
    if not measured:
        yield prose(
            f"People labelled fewer than {JUDGED_FROM} items with a vote, and no held-out file is named: "
            "`quorum up` brings answers."
        )
        return
    yield reliability_picture(measured, "reliability")
    rows = [(name, found.labelled, _error(found)) for name, found in measured.items()]
    yield table("Expected calibration error", ("of", "labelled items", "error with its 95 % interval"), rows)
    for name, found in measured.items():
        bins = zip(found.confidence, found.accuracy, found.low, found.high, found.share, strict=True)
        lines = [
            (f"{c:.3f}", f"{a:.3f}", f"{low:.3f} to {high:.3f}", f"{s:.1%}") for c, a, low, high, s in bins
        ]
        yield table(
            f"Bins of: {name}", ("confidence", "share right", "95 % interval", "share of items"), lines
        )


def held_out(found: HeldOut, names: Iterable[str]) -> Iterable[str]:
    """Show the figures on the held-out file."""
    yield prose(
        f"Accuracy {_exact(found.right)} on {found.items:,} held-out items that nothing learnt from; "
        f"the votes alone {_exact(found.votes_right)}, where somebody votes. Log-loss {found.log_loss:.3f}. "
        "Intervals are Wilson's, 95 %."
    )
    notes = []
    if found.among_data:
        notes.append(f"{found.among_data:,} held-out items are left out, as their texts are among the data")
    if found.unlabelled:
        notes.append(f"{found.unlabelled:,} have no label, or rows that do not agree on one")
    if found.silent:
        notes.append(f"voters that vote on no held-out item: {', '.join(found.silent)}")
    yield listed(notes)
    rows = [
        (c.name, c.items, str(c.recall), str(c.precision), None if c.f1 is None else f"{c.f1:.3f}")
        for c in found.classes
    ]
    yield table("By class", ("class", "items", "found (recall)", "right (precision)", "F1"), rows)
    names = list(names)
    counted = [(name, *row) for name, row in zip(names, found.confusion.tolist(), strict=True)]
    yield table("Items by class, in rows, and label", ("class", *names), counted)


def _exact(share: Share) -> str:
    low, high = share.interval()
    return "–" if share.value is None else f"{share.value:.1%} ({low:.1%} to {high:.1%})"


def _error(found: Reliability) -> str:
    return f"{found.error:.3f} ({found.error_low:.3f} to {found.error_high:.3f})"


def _edit(voter: VoterChange) -> tuple[object, ...]:
    change = voter.change
    right = map(_share, (change.accuracy_before, change.accuracy_after))
    return (voter.name, voter.before, voter.after, change.gained, change.lost, change.flipped, *right)


def _labels(change: Change | None) -> int | None:
    return None if change is None else sum(move.total for move in change.moves)


def _share(found: Accuracy) -> str | None:
    return None if found.share is None else f"{found.share:.1%} of {found.judged:,}"


def _names(names: tuple[str, ...]) -> str | None:
    return ", ".join(names) or None


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"
