"""A certificate as one page of HTML that needs no network."""

from __future__ import annotations

import html
from collections.abc import Iterable

from labeling.certificates.arithmetic import steps_of
from labeling.certificates.certificate import Certificate
from labeling.certificates.draw import Draw
from labeling.certificates.draw_words import describe_draw, recipe_of
from labeling.certificates.ending import endings
from labeling.certificates.truth import describe_truth, truth_steps
from labeling.certificates.wording import describe_critical, percent, promise_of
from labeling.html import escaped, table
from labeling.pictures import inline_svg

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
.promise { font-size: 1.3rem; border-left: .3rem solid; padding-left: 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .2rem .6rem; }
tr { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
svg { width: 100%; height: auto; } svg text { fill: currentColor; } code { overflow-wrap: anywhere; }
"""


def certificate_page(said: Certificate, project: str, number: int, void: str | None = None) -> str:
    """Write a certificate for readers who are no statisticians.

    Parameters
    ----------
    project : str
    number : int
        Of the certificate in its project.
    void : str, optional
        Why it no longer holds.
    """
    title = f"Certificate {number} of {project}"
    parts = [
        f"<h1>{escaped(title)}</h1>",
        f'<p role="alert"><strong>{escaped(void)}</strong></p>' if void else "",
        f'<p class="promise">{escaped(promise_of(said))}.</p>',
        _paragraph(describe_critical(said) or ""),
        _section("What this is about", _population(said)),
        _section("Who audited, and how", map(_paragraph, _audit(said))),
        *(_evidence(said) if not said.groups else _groups(said)),
        _draw(said.draw) if said.draw else "",
        _section("What would void it", [_list(endings(said), "ul")]),
        _section("What it is bound to", [table(("", "digest"), _digests(said), left=2)]),
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escaped(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


CURVE = (
    "Texts stand safest first. The line tells how many of the audited ones are wrong among so many of the "
    "safest; the band is a 95 % interval of each point by itself. The promise does not rest on this picture."
)

GROUPS = (
    "The groups were chosen as those predicted to let most labels be accepted, and not by any answer of the "
    "auditors. A class is the one that the machine gives; a text in several slices counts in the first of "
    "them that the configuration names. Texts of no group with a promise are for people."
)


def _section(heading: str, parts: Iterable[str]) -> str:
    return f"<section><h2>{escaped(heading)}</h2>{''.join(parts)}</section>"


def _list(lines: Iterable[str], tag: str) -> str:
    return f"<{tag}>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</{tag}>"


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>" if text else ""


def _evidence(said: Certificate) -> list[str]:
    where = f" of {said.group}" if said.group else ""
    return [
        _section(f"Figures{where}", [table(("", "texts"), _figures(said))]),
        _section(f"More labels, more errors{where}", [curve_picture(said), _paragraph(CURVE)]),
        _section(f"The arithmetic{where}", [_list(steps_of(said), "ol")]),
        _section(f"Are the auditors right{where.replace(' of', ' on')}?", _truth(said)),
    ]


def _draw(draw: Draw) -> str:
    lines = f"<pre><code>{html.escape(recipe_of(draw))}</code></pre>"
    return _section("How to draw the same texts again", [_paragraph(describe_draw(draw)), lines])


def _truth(said: Certificate) -> list[str]:
    steps = truth_steps(said)
    return [_paragraph(describe_truth(said)), _list(steps, "ol") if steps else ""]


def _groups(said: Certificate) -> list[str]:
    refused = [f"{group} has no promise. {reason}" for group, reason in said.refused.items()]
    own = [f"{promise_of(part)}." for part in said.groups]
    first = _section("Groups", [_paragraph(GROUPS), _list([*own, *refused], "ul")])
    return [first, *(section for part in said.groups for section in _evidence(part))]


def _population(said: Certificate) -> list[str]:
    within = ", which are in the groups below," if said.groups else ""
    safest = ", and they are the safest of such texts" if said.draw else ""
    return [
        _paragraph(
            f"{said.population:,} distinct texts have no answer from review. Of {said.top:,} of them{within} "
            f"the label could be accepted: somebody voted, and no critical class is likely{safest}. Texts "
            f"that are equal count once. The machine's label is accepted for {said.accepted:,} texts, at "
            f"scores of {said.threshold:.3f} and more."
        )
    ]


def _audit(said: Certificate) -> list[str]:
    people = ", ".join(said.auditors) or "nobody"
    secret = "by a secret hash of their content that knows no score"
    how = "by a seed that is told below" if said.draw else secret
    return [
        f"{said.audited:,} of the {said.top:,} texts were drawn at random, {how}. They stood among the "
        "others, in random order. The auditors saw no suggestion with them; nothing else told them apart.",
        f"Answers came from: {people}. Wrong means: other than their answer. "
        + (
            f"{said.unanswered:,} texts were left unanswered and count as wrong."
            if said.unanswered
            else "All were answered."
        ),
        "Names are those of Label Studio accounts: who holds the token of an account can answer in its name.",
    ]


def _figures(said: Certificate) -> list[tuple[str, str]]:
    rows = [
        ("could be accepted", said.top),
        ("of these audited", said.audited),
        ("of these wrong", said.errors),
        ("accepted by machine", said.accepted),
        ("audited in the accepted part", said.inside),
        ("of these wrong", said.inside_wrong),
        ("so many may be", said.allowed),
    ]
    return [(name, f"{count:,}") for name, count in rows]


def _digests(said: Certificate) -> list[tuple[str, str]]:
    return [
        ("scorer", said.scorer),
        ("table of labels and scores", said.covers),
        ("audit frame", str(said.frame)),
        ("bound, confidence", f"{percent(said.alpha)}, {percent(1 - said.delta)}"),
    ]


def curve_picture(said: Certificate) -> str:
    """Draw the share of audited texts that are wrong over the share of texts that is accepted, as SVG."""
    from matplotlib.figure import Figure

    points = [point for point in said.curve if point.audited]
    shares = [100 * p.prefix / said.population for p in points]
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    lows, highs = ([100 * getattr(p, side) for p in points] for side in ("low", "high"))
    axes.fill_between(shares, lows, highs, alpha=0.2)
    axes.plot(shares, [100 * p.wrong / p.audited for p in points], marker="o", label="audited and wrong")
    for step in said.steps:
        axes.axvline(
            100 * step.prefix / said.population, color="green" if step.passed else "red", alpha=0.3, lw=1
        )
    axes.axvline(
        100 * (said.accepted + said.inside) / said.population, color="black", ls="--", label="accepted"
    )
    if said.promise == "selective":
        axes.axhline(100 * said.alpha, color="grey", ls=":", label="the bound")
    axes.set(xlabel="% of texts, safest first", ylabel="% wrong", ylim=(0, None))
    axes.legend(loc="upper left", fontsize="small", frameon=False)
    described = "share of audited texts that are wrong, by share of texts accepted"
    return inline_svg(figure, described, f"{said.covers or '-'}{said.group or ''}")
