"""Figures as part of an HTML page: drawn once, in the colour of the page's own text."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from labeling.html import escaped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Told apart by the colour-blind, too (Okabe & Ito, 2008)."""

BLACK = "#000000"
NAMED = re.compile(r' id="[A-Za-z][A-Za-z.\d]*_\d+"')
"""What matplotlib calls the parts of a figure: the same in each figure of a page."""


def inline_svg(figure: Figure, described: str, salt: str) -> str:
    """Give a figure as HTML, the same for the same figure; what is black takes the colour of the text.

    Parameters
    ----------
    figure : Figure
    described : str
        What the picture shows, for those who do not see it.
    salt : str
        Names the figure within its page.
    """
    from matplotlib import rc_context

    written = io.StringIO()
    with rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        figure.savefig(
            written,
            format="svg",
            transparent=True,
            metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")),
        )
    svg = written.getvalue()
    svg = NAMED.sub("", svg[svg.index("<svg") :].replace(BLACK, "currentColor"))
    return f'<figure role="img" aria-label="{escaped(described)}">{svg}</figure>'
