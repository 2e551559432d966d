"""The report as one page of HTML that needs no network and no script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from labeling.certificates import page as certificate
from labeling.project import Project
from labeling.report import views, votes_views
from labeling.report.absent import Absent
from labeling.report.gathering import Report, gather_report
from labeling.report.held_out import HeldOut
from labeling.report.markup import prose, said, section

STYLE = """
body { max-width: 60rem; } nav ul { columns: 14rem; padding-left: 1.2rem; }
.wide { overflow-x: auto; margin: 1rem 0; } caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; } thead th { vertical-align: bottom; }
th[scope=row] { font-weight: 400; overflow-wrap: anywhere; min-width: 6rem; }
.number { text-align: right; } td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; } a { color: LinkText; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
@media (prefers-color-scheme: dark) { body { background: #16181d; color: #e6e6e6; } a { color: #8ab4f8; } }
@media print { nav, .skip { display: none; } .wide { overflow: visible; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is loaded and no script runs, whatever the page holds."""

Found = TypeVar("Found")
Content = tuple[str, str, Iterable[str]]


def write_report(project: Project, out: Path) -> Report:
    """Measure all sections and write them as HTML; nobody ever reads half a file.

    Raises
    ------
    InputError
        Of the data, the functions or the held-out file.
    """
    report = gather_report(project)
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.part")
    try:
        aside.write_text(report_page(report, project.schema.names), encoding="utf-8")
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    return report


def report_page(report: Report, names: Sequence[str]) -> str:
    """Give the page.

    Parameters
    ----------
    names : sequence of str
        Of the classes.
    """
    title = said(f"{report.project}: report")
    told = sections(report, names)
    links = "".join(f'<li><a href="#{name}">{heading}</a></li>' for name, heading, _ in told)
    after = f"after round {report.round}" if report.round else "before the first round"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<style>{certificate.STYLE}{STYLE}</style></head><body>"
        f'<a class="skip" href="#main">Skip to the figures</a><header><h1>{title}</h1>'
        f"<p>{said(report.at[:16].replace('T', ' '))} UTC, {after}.</p></header>"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav>'
        f'<main id="main" tabindex="-1">{"".join(section(*part) for part in told)}</main></body></html>\n'
    )


def sections(report: Report, names: Sequence[str]) -> list[Content]:
    """Give name, heading and content of each section, in order."""
    held_out = report.test.reliability if isinstance(report.test, HeldOut) else None
    return [
        ("funnel", "From rows to labels", views.funnel(report.funnel)),
        ("certificate", "Certificate", _shown(report.certificate, views.certificate)),
        ("voters", "Voters", votes_views.voters(report.voters)),
        ("learning", "Learning curve and forecast", _shown(report.learning, views.learning)),
        ("quality", "Cost and quality", _shown(report.learning, views.quality)),
        ("spending", "Language models' cost", _shown(report.spending, views.spending)),
        ("agreement", "People's agreement", _shown(report.agreement, views.agreement)),
        ("test", "Held-out test", _shown(report.test, partial(votes_views.held_out, names=names))),
        ("reliability", "Reliability", votes_views.reliability(report.voters.table.reliability, held_out)),
        ("flips", "Releases and flips", _shown(report.flips, views.flips)),
        ("slices", "Slices", _shown(report.slices, views.slices)),
    ]


def _shown(found: Found | Absent, view: Callable[[Found], Iterable[str]]) -> Iterable[str]:
    """Give the content of a section, or why it has none."""
    if isinstance(found, Absent):
        return [prose(f"{found.why[:1].upper()}{found.why[1:]}")]
    return view(found)
