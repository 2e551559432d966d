"""How each section of the report looks: figures as sentences, tables and pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labeling.certificates.certificate import Certificate
from labeling.certificates.page import curve_picture
from labeling.certificates.wording import percent
from labeling.report.agreement import TeamAgreement
from labeling.report.certified import Certified
from labeling.report.drawing import funnel_picture, learning_picture, quality_picture
from labeling.report.flips import Flips
from labeling.report.funnel import Funnel
from labeling.report.learning import Learning
from labeling.report.markup import listed, prose, table
from labeling.report.slices import Slices
from labeling.report.spending import Spending

MOST_FLIPS = 50
MOST_TURNS = 30
ROUTES = ("accept", "review", "hold")


def funnel(found: Funnel) -> Iterable[str]:
    """Show the stages, and why items are not accepted."""
    total = max(found.stages[0].rows, 1)
    rows = [(s.name, s.rows, f"{s.rows / total:.1%}", s.items) for s in found.stages]
    yield funnel_picture(found)
    yield table("From rows to labels", ("stage", "rows", "share of rows", "items"), rows)
    if found.reasons:
        why = [(reason.why, reason.route, reason.items) for reason in found.reasons]
        yield table(
            "Why items are not accepted, most frequent first",
            ("reason", "route", "items"),
            why,
            texts=range(2),
        )


def certificate(found: Certified) -> Iterable[str]:
    """Show the promise in force with what it rests on, and all tests."""
    if found.certificate is None:
        yield prose("No certificate is in force.")
    else:
        yield f'<div class="promise">{prose(found.promise or "")}</div>'
        yield prose(found.critical) if found.critical else ""
        for part in found.certificate.groups or (found.certificate,):
            yield from _rests_on(part)
    yield listed(found.remarks)
    if found.missing:
        yield prose(f"The present audit: {found.missing}.")
    rows = [
        (t.number, _day(t.at), t.round, t.passed, t.accepted, t.audited, t.errors, found.fate(t))
        for t in found.tests
    ]
    columns = ("test", "on", "round", "passed", "accepted", "audited", "wrong", "what became of it")
    yield table("All tests so far", columns, rows, texts=(0, 7))


def _rests_on(part: Certificate) -> Iterable[str]:
    counts = {
        "could be accepted": part.top,
        "of these audited": part.audited,
        "of these wrong": part.errors,
        "accepted by machine": part.accepted,
        "audited in the accepted part": part.inside,
        "of these wrong, there": part.inside_wrong,
        "so many may be": part.allowed,
    }
    where = f": {part.group}" if part.group else ""
    yield table(f"What the certificate rests on{where}", ("count", "texts"), counts.items())
    yield curve_picture(part)
    yield prose(
        f"Bound {percent(part.alpha)}, confidence {percent(1 - part.delta)}, audited by "
        f"{', '.join(part.auditors) or 'nobody'}. `quorum certify --page FILE` writes the arithmetic."
    )


def learning(found: Learning) -> Iterable[str]:
    """Show the learning curve with its forecast, and the rounds."""
    yield prose(f"Round {found.round}: {found.said}; {found.stopping}.")
    if found.points:
        yield learning_picture(found)
        points = [
            (p.labels, "expected" if p.ahead else "told", f"{p.accuracy:.3f}", f"{p.low:.3f} to {p.high:.3f}")
            for p in found.points
        ]
        yield table(
            "The learning curve", ("labels", "kind", "accuracy", "95 % interval"), points, texts=range(2)
        )
    turns = [
        (t.number, t.labels, t.answers, f"{t.belief:.3f}", *(t.routes.get(r, 0) for r in ROUTES))
        for t in found.turns[-MOST_TURNS:]
    ]
    columns = ("round", "labels", "answers", "confidence in the others", *ROUTES)
    yield table("The last rounds", columns, turns)


def quality(found: Learning) -> Iterable[str]:
    """Show accuracy against what it cost."""
    timed = all(point.hours is not None for point in found.points)
    if not found.points or not timed:
        yield prose("There is no accuracy with a time yet: " + found.said + ". `quorum run` tells it again.")
        return
    yield quality_picture(found)
    rows = [
        (p.labels, p.answers, f"{p.accuracy:.3f}", f"{p.hours:.1f}", f"{p.dollars:,.2f}", _money(p.cost))
        for p in found.points
    ]
    columns = ("labels", "answers of people", "accuracy", "hours of people", "models, US $", "both")
    yield table("Cost against accuracy, expected points included", columns, rows)
    if any(point.cost is None for point in found.points):
        yield prose("`people: {cost_per_hour: C}` in the config adds up hours and dollars.")


def spending(found: Spending) -> Iterable[str]:
    """Show what each language model was asked and cost."""
    yield prose(f"{found.billed:,.2f} US dollars were billed by the price table in force at each call.")
    rows = [
        (
            *(m.model, m.answered, m.lost, m.out, m.input, m.cache_read, m.output),
            *map(_money, (m.billed, m.at_most, m.budget)),
        )
        for m in found.models
    ]
    columns = ("model", "answered", "lost", "out", "input tokens", "from cache", "output tokens")
    yield table("Language models", (*columns, "billed", "at most", "budget"), rows)
    yield listed(f"{m.model}: {m.unpriced:,} answers have no price" for m in found.models if m.unpriced)


def agreement(found: TeamAgreement) -> Iterable[str]:
    """Show how far people agree, as a whole and in parts, and what answers took."""
    team = found.team
    parts = [("all answers", team.agreement), ("without a suggestion", team.blind)]
    parts += [(f"slice {name}", part) for name, part in team.by_slice.items()]
    parts += [(f"{_day(p.begin)} to {_day(p.end)}", p.agreement) for p in team.periods]
    rows = [(name, part.items, part.observed, part.krippendorff, part.fleiss) for name, part in parts]
    columns = ("among", "items with two answers", "the same", "Krippendorff's alpha", "Fleiss' kappa")
    yield prose(f"{found.people} people answered; every figure has its 95 % interval.")
    yield table("Agreement", columns, rows)
    classes = zip(team.classes, team.by_class, strict=True)
    yield table("Krippendorff's alpha by class", ("class", "alpha"), classes)
    yield prose(f"Suggestions: {team.anchoring.said}.")
    yield prose(_effort(team.effort.to_dict()))


def _effort(told: dict[str, Any]) -> str:
    if told["hours"] is None:
        return f"None of {told['answers']:,} answers was timed."
    ahead = f"{told['hours_ahead']:.1f} hours are ahead for {told['open']:,} open tasks"
    return f"{told['hours']:.1f} hours went into {told['answers']:,} answers and skips; {ahead}."


def flips(found: Flips) -> Iterable[str]:
    """Show the releases, and what changed with the last one."""
    rows = [(r.number, _day(r.at), r.certificate, r.labelled, r.rows, r.current) for r in found.releases]
    columns = ("release", "on", "certificate", "labels", "rows", "current")
    yield table("Releases", columns, rows)
    changes = found.changes
    if changes is None:
        yield prose("Two releases whose labels were kept are needed to compare: `quorum relabel` makes one.")
        return
    yield prose(
        f"Release {found.before} to release {found.after}: {changes.flipped:,} labels flipped, "
        f"{changes.gained:,} gained, {changes.lost:,} lost; {changes.rows.added:,} rows added, "
        f"{changes.rows.changed:,} changed, {changes.rows.gone:,} gone."
    )
    if changes.flips:
        moves = [(m["before"], m["after"], m["rows"]) for m in changes.moves]
        yield table("Labels that moved", ("from", "to", "rows"), moves, texts=range(2))
        yield table("Why", ("reason", "rows"), [(r["why"], r["rows"]) for r in changes.reasons])
        first = [(f.id, f.before, f.after, f.why) for f in changes.flips[:MOST_FLIPS]]
        caption = f"The first {len(first):,} of {len(changes.flips):,} rows"
        yield table(caption, ("row", "from", "to", "why"), first, texts=range(4))


def slices(found: Slices) -> Iterable[str]:
    """Show each slice."""
    rows = [
        (
            *(s.name, s.where, s.critical, s.items, s.covered, s.accepted, s.in_review, s.answered),
            *(s.right, s.accepted_right),
        )
        for s in found.lines
    ]
    columns = (
        "slice",
        "where",
        "critical",
        "items",
        "covered",
        "accepted",
        "in review",
        "answered by people",
    )
    judged = ("machine right, where nobody answered, by the gold column", "accepted and right")
    yield table("Slices", (*columns, *judged), rows, texts=range(3))
    if not any(line.right.among for line in found.lines):
        yield prose("`gold: {column: C, use: score}` in the config says how right the machine's labels are.")


def _day(at: str) -> str:
    return at[:16].replace("T", " ")


def _money(value: float | None) -> str | None:
    return None if value is None else f"{value:,.2f}"
