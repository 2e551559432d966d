"""What is sent of a task: what the page shows, its place in the queue, what is ticked in advance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.label_studio.interface import CRITICAL, ID, TEXT, WHY
from integrations.label_studio.results import result_of
from labeling.types import ReviewTask

MARKS = (WHY, CRITICAL)


def data_of(task: ReviewTask, text_field: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Give what the page shows of a task; the keys are the same in every lane, and nothing tells the lane.

    Parameters
    ----------
    task : ReviewTask
    text_field : str
        The field that is shown as the text.
    keys : mapping of str to str
        Key in the data by name, of further fields.
    """
    shown = {key: str(task.fields.get(name, "")) for name, key in keys.items()}
    critical = f"Critical: {', '.join(task.critical)}" if task.critical else ""
    return {TEXT: task.fields[text_field], ID: task.task_id, WHY: task.why or "", CRITICAL: critical, **shown}


def prediction(task: ReviewTask, version: str) -> dict[str, Any]:
    """Give the prediction that holds a task's place in the queue and what is ticked in advance."""
    return {"model_version": version, "score": task.priority, "result": result_of(task.suggestion)}


def marks_differ(held: object, wanted: Mapping[str, str]) -> bool:
    """Say whether the marks in the data of a task, as the server holds it, are others than wanted."""
    present = held if isinstance(held, Mapping) else {}
    return any(present.get(key) != wanted[key] for key in MARKS)
