"""What Label Studio's JSON means: results to classes and back, annotations to answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.label_studio.guidelines import Guidelines
from integrations.label_studio.interface import CHOICES, TEXT
from labeling.types import Annotation, LabelSchema

NONE_KNOWN = Guidelines()


def result_of(label: str | None) -> list[dict[str, Any]]:
    """Give the result that shows ``label`` ticked; None ticks nothing."""
    if label is None:
        return []
    return [{"from_name": CHOICES, "to_name": TEXT, "type": "choices", "value": {"choices": [label]}}]


def label_of(result: object, schema: LabelSchema) -> str | None:
    """Give the answer that a result chose; None where it chose none, several or one that is unknown."""
    chosen = [choice for region in _list(result) for choice in _choices(region)]
    return chosen[0] if len(chosen) == 1 and chosen[0] in schema.answers else None


def _choices(region: object) -> list[str]:
    if not isinstance(region, Mapping) or region.get("from_name") != CHOICES:
        return []
    value = region.get("value")
    chosen = value.get("choices") if isinstance(value, Mapping) else None
    return [choice for choice in _list(chosen) if isinstance(choice, str)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def annotation_of(
    raw: Mapping[str, Any],
    meta: Mapping[str, Any],
    predictions: Sequence[Mapping[str, Any]],
    people: Mapping[int, str],
    schema: LabelSchema,
    guidelines: Guidelines = NONE_KNOWN,
) -> Annotation:
    """Read one annotation of a task.

    Parameters
    ----------
    raw : mapping
        The annotation as the task list gives it.
    meta : mapping
        The task's, with ``ext_id`` and ``guideline``.
    predictions : sequence of mappings
        All predictions of the task.
    people : mapping
        E-mail address by user id.
    schema : LabelSchema
    guidelines : Guidelines
        An answer from before the first of them has the version that its task was sent under.
    """
    label = None if raw.get("was_cancelled") else label_of(raw.get("result"), schema)
    user = raw.get("completed_by")
    seconds = raw.get("lead_time")
    moment = in_utc(raw["updated_at"])
    return Annotation(
        annotation_id=str(raw["id"]),
        task_id=str(meta["ext_id"]),
        annotator=people.get(user, str(user)) if isinstance(user, int) else str(user),
        label=label,
        skipped=label is None,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        suggestion=label_of(shown(raw, predictions), schema),
        guideline=guidelines.at(moment) or str(meta.get("guideline", "")),
        updated_at=moment,
    )


def shown(raw: Mapping[str, Any], predictions: Sequence[Mapping[str, Any]]) -> object:
    """Give the result that a person saw in advance.

    The page names the prediction it showed; answers that came another way get the newest one before them.
    """
    parent = raw.get("parent_prediction")
    named = [p for p in predictions if parent is not None and p.get("id") == parent]
    given = instant(raw.get("created_at") or raw["updated_at"])
    earlier = [p for p in predictions if instant(p["created_at"]) <= given]
    candidates = named or sorted(earlier, key=lambda p: (instant(p["created_at"]), p.get("id", 0)))
    return candidates[-1].get("result") if candidates else None


def instant(value: str | datetime) -> datetime:
    """Read a time of the server, which is in UTC unless it says otherwise."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def in_utc(value: str | datetime) -> str:
    """Write a time of the server as ISO 8601 in UTC, with microseconds, so that text order is time order."""
    return instant(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
