"""Rules of a project's YAML file that no single value shows, each giving places and complaints.

They read the bare values, so that they speak even where another part of the file is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labeling.config.marks import Loc
from labeling.config.problems import shown
from labeling.config.slices import SliceSyntaxError, parse_slice
from labeling.types import MAX_CLASSES

Finding = tuple[Loc, str]

SOURCES = ("functions", "columns", "llm")


def _class_rules(values: Mapping[str, Any]) -> Iterator[Finding]:
    labels = values.get("labels")
    if not isinstance(labels, list):
        return
    if not 2 <= len(labels) <= MAX_CLASSES:
        yield ("labels",), f"expected 2 to {MAX_CLASSES} classes, got {len(labels)}. List each class once."
    first: dict[str, int] = {}
    for i, name in enumerate(label.get("name") if isinstance(label, dict) else None for label in labels):
        loc = ("labels", i, "name")
        if not isinstance(name, str):
            continue
        if name != name.strip():
            yield loc, f"expected a name without spaces around it, got {shown(name)}. Write {name.strip()}."
        if name in first:
            yield (
                loc,
                f"expected a name of its own, got {shown(name)} as in labels[{first[name]}]. Rename one.",
            )
        first.setdefault(name, i)


def _answer_rules(values: Mapping[str, Any]) -> Iterator[Finding]:
    people, labels = values.get("people"), values.get("labels")
    unclear = people.get("unclear") if isinstance(people, dict) else None
    if not isinstance(unclear, str):
        return
    names = [c.get("name") for c in labels if isinstance(c, dict)] if isinstance(labels, list) else []
    if unclear in names:
        yield (
            ("people", "unclear"),
            f"expected an answer that is no class, got {shown(unclear)}. Write None of these.",
        )
    if unclear != unclear.strip():
        yield (
            ("people", "unclear"),
            f"expected text without spaces around it, got {shown(unclear)}. Write {unclear.strip()}.",
        )


def _voter_rules(values: Mapping[str, Any]) -> Iterator[Finding]:
    voters = values.get("voters")
    if voters == []:
        yield ("voters",), "expected at least one voter, got none. Write - functions: lfs/NAME.py."
    for i, voter in enumerate(voters if isinstance(voters, list) else []):
        if isinstance(voter, dict) and sum(voter.get(source) is not None for source in SOURCES) != 1:
            yield (
                ("voters", i),
                f"expected either functions, columns or llm, got {shown(voter)}. Write one of them.",
            )


def _llm_rules(values: Mapping[str, Any]) -> Iterator[Finding]:
    voters = values.get("voters")
    first: dict[str, int] = {}
    for i, voter in enumerate(voters if isinstance(voters, list) else []):
        llm = voter.get("llm") if isinstance(voter, dict) else None
        if not isinstance(llm, dict):
            continue
        yield from _model_rules(llm, ("voters", i, "llm"), first)
        yield from _address_rules(llm.get("base_url"), ("voters", i, "llm", "base_url"))
        first.setdefault(str(llm.get("model")), i)


def _model_rules(llm: Mapping[str, Any], loc: Loc, first: Mapping[str, int]) -> Iterator[Finding]:
    model, prompts = llm.get("model"), _strings(llm.get("prompts"))
    if isinstance(model, str) and model in first:
        yield (
            (*loc, "model"),
            f"expected a model of its own, got {shown(model)} as in voters[{first[model]}]. "
            "Put the prompts of both into one list: they share a budget.",
        )
    for j, prompt in enumerate(prompts):
        if prompt in prompts[:j]:
            yield (*loc, "prompts", j), f"expected each file once, got {shown(prompt)} again. Take it out."


def _address_rules(url: Any, loc: Loc) -> Iterator[Finding]:
    if not isinstance(url, str):
        return
    address = url.rstrip("/")
    if "@" in url:
        yield loc, "expected an address without a login. Put the key into ANTHROPIC_API_KEY."
    elif address.endswith(("/v1", "/v1/messages")):
        bare = address.removesuffix("/messages").removesuffix("/v1")
        yield loc, f"expected an address without /v1, got {shown(url)}. Write {bare}."


def _slice_rules(values: Mapping[str, Any]) -> Iterator[Finding]:
    slices = values.get("slices")
    for name, value in slices.items() if isinstance(slices, dict) else ():
        where = value.get("where") if isinstance(value, dict) else None
        try:
            parse_slice(where if isinstance(where, str) else "x == 0")
        except SliceSyntaxError as error:
            yield (
                ("slices", name, "where"),
                f"expected an expression such as language == 'de', got {shown(where)}: {error}. "
                "Compare columns with values, joined by and, or, not.",
            )


def _column_rules(values: Mapping[str, Any]) -> Iterator[Finding]:
    items = values.get("items")
    items = items if isinstance(items, dict) else {}
    gold = values.get("gold")
    known = gold.get("column") if isinstance(gold, dict) else None
    text, fields = items.get("text", "text"), items.get("fields")
    if text in _strings(items.get("private")):
        yield (
            ("items", "private"),
            f"expected the text to be shown, got {shown(text)}. Take it out of private.",
        )
    if isinstance(fields, list) and text is not None and text not in fields:
        yield ("items", "fields"), f"expected the text column among them, got {shown(fields)}. Add {text}."
    if known is not None and known in {text, items.get("id", "id"), *_strings(fields)}:
        yield (
            ("gold", "column"),
            f"expected a column that no voter sees, got {shown(known)}. Name another one.",
        )


def _strings(value: Any) -> list[str]:
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []


def _learner_rules(values: Mapping[str, Any]) -> Iterator[Finding]:
    learner, items = values.get("learner"), values.get("items")
    learner = learner if isinstance(learner, dict) else {}
    features = learner.get("features", "tfidf")
    if learner.get("embeddings") is not None and features != "embeddings":
        yield (
            ("learner", "embeddings"),
            f"expected features: embeddings beside it, got {shown(features)}. Write features: embeddings.",
        )
    if not (isinstance(items, dict) and "text" in items and items["text"] is None):
        return
    if not learner.get("fields"):
        yield (
            ("learner", "fields"),
            "expected fields, as the items have no text, got nothing. Write learner: {fields: [COLUMN]}.",
        )
    if features in ("embeddings", "hashing"):
        yield (
            ("learner", "features"),
            f"expected fields alone, as the items have no text, got {shown(features)}. Take it out.",
        )


def _group_rules(values: Mapping[str, Any]) -> Iterator[Finding]:
    routing, slices = values.get("routing"), values.get("slices")
    groups = routing.get("groups") if isinstance(routing, dict) else None
    if not (isinstance(groups, dict) and groups.get("by") == "slice"):
        return
    parts = slices.values() if isinstance(slices, dict) else ()
    if all(isinstance(part, dict) and part.get("critical") is True for part in parts):
        yield (
            ("routing", "groups", "by"),
            "expected a slice that is not critical, as people decide about all others, got none. "
            "Write slices: {NAME: {where: ...}}, or by: class.",
        )


RULES = (
    _class_rules,
    _answer_rules,
    _voter_rules,
    _llm_rules,
    _slice_rules,
    _column_rules,
    _learner_rules,
    _group_rules,
)
