"""Tracebacks as the writer of a function wants them: from the writer's own line on."""

from __future__ import annotations

import traceback
from types import TracebackType

from labeling.lf.ownership import is_own_module

ENGINE = "labeling"
FRAMES_SHOWN = 3


def told_of(error: BaseException) -> str:
    """Give a traceback without the engine's frames: the writer's first line, then the last frames."""
    frames = _frames(error.__traceback__)
    shown = frames[:1] + frames[1:][1 - FRAMES_SHOWN :]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(shown)] if shown else []
    return "".join([*lines, *traceback.format_exception_only(error)])


def _frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    """Give the frames that are not the engine's, from the first of the writer's own on if there is one."""
    walked = zip(traceback.walk_tb(trace), traceback.extract_tb(trace), strict=True)
    named = [(str(frame.f_globals.get("__name__", "")), shown) for (frame, _), shown in walked]
    others = [(name, shown) for name, shown in named if name.partition(".")[0] != ENGINE]
    start = next((i for i, (name, _) in enumerate(others) if is_own_module(name)), 0)
    return [shown for _, shown in others[start:]]
