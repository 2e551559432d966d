"""A certificate as one page of HTML that needs no network."""

from __future__ import annotations

import html
import io
from collections.abc import Iterable

from labeling.certificates.arithmetic import steps_of
from labeling.certificates.certificate import Certificate
from labeling.certificates.wording import describe_critical, percent, promise_of
from labeling.html import escaped, table

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
.promise { font-size: 1.3rem; border-left: .3rem solid; padding-left: 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .2rem .6rem; }
tr { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
svg { width: 100%; height: auto; background: white; } code { overflow-wrap: anywhere; }
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
        _section("Figures", [table(("", "texts"), _figures(said))]),
        _section("More labels, more errors", [curve_picture(said), _paragraph(CURVE)]),
        _section("The arithmetic", [_list(steps_of(said), "ol")]),
        _section("What would void it", [_list(VOIDS, "ul")]),
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

VOIDS = (
    "an audit answer that it rests on is edited or deleted",
    "`quorum certify` passes again: the later certificate takes its place",
    "a text that is new, or whose content changed, is not covered: it is held until a later certificate",
)


def _section(heading: str, parts: Iterable[str]) -> str:
    return f"<section><h2>{escaped(heading)}</h2>{''.join(parts)}</section>"


def _list(lines: Iterable[str], tag: str) -> str:
    return f"<{tag}>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</{tag}>"


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>" if text else ""


def _population(said: Certificate) -> list[str]:
    return [
        _paragraph(
            f"{said.population:,} distinct texts have no answer from review. Of {said.top:,} of them the "
            f"label could be accepted: somebody voted, and no critical class is likely. Texts that are equal "
            f"count once. The machine's label is accepted for {said.accepted:,} texts, at scores of "
            f"{said.threshold:.3f} and more."
        )
    ]


def _audit(said: Certificate) -> list[str]:
    people = ", ".join(said.auditors) or "nobody"
    return [
        f"{said.audited:,} of the {said.top:,} texts were drawn at random, by a secret hash of their content "
        "that knows no score. The auditors saw no suggestion and could not tell these texts from others.",
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
    from matplotlib import rc_context
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
    axes.legend(loc="upper left", fontsize="small")
    written = io.StringIO()
    with rc_context({"svg.hashsalt": said.covers or "-", "svg.fonttype": "none"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    svg = written.getvalue()
    described = "share of audited texts that are wrong, by share of texts accepted"
    return f'<figure role="img" aria-label="{described}">{svg[svg.index("<svg") :]}</figure>'
