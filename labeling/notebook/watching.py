"""Progress in a notebook: quiet, unless somebody watches and it takes long."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")
PATIENCE_SECONDS = 2.0
"""What may take no longer shows no progress."""


def watched(parts: Sequence[T], what: str) -> Iterator[T]:
    """Go through the parts of something; a bar appears in a terminal or notebook once it takes long."""
    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter):
        yield from parts
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=console, transient=True)
    task, begun = bar.add_task(what, total=len(parts)), time.monotonic()
    try:
        for part in parts:
            yield part
            bar.advance(task)
            if time.monotonic() - begun > PATIENCE_SECONDS:
                bar.start()
    finally:
        bar.stop()
