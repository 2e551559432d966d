"""Functions that a language model proposed as data, read from its answer: taken as they stand or dropped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labeling.config.marks import Loc, Marks, dotted
from labeling.config.problems import shown
from labeling.lf.authors import Draft, Dropped, Proposal
from labeling.types import CompletionAnswer
from lfs.rules import check_rule

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "keyword": ("label", "words", "whole_words", "case", "at_least"),
    "regex": ("label", "pattern", "case"),
}
"""What may be said of a function of each builder."""

LONGEST_NAME = 60
NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}")
LONGEST_REASON = 200
WHOLE = "the whole answer"


def read_draft(answer: CompletionAnswer, labels: Mapping[str, str]) -> Draft:
    """Read an answer; never raises, and mends nothing.

    Parameters
    ----------
    answer : CompletionAnswer
    labels : mapping of str to str
        Class names by what the model was shown of them.
    """
    problem = _stopped(answer)
    if problem is not None:
        return Draft((), (Dropped(WHOLE, problem),))
    found = _functions(answer.text)
    if found is None:
        return Draft(
            (), (Dropped(WHOLE, 'expected one JSON object {"functions": [...]}, got something else'),)
        )
    proposals: dict[str, Proposal] = {}
    dropped = []
    for i, entry in enumerate(found):
        read = _read(entry, i, labels)
        if isinstance(read, Proposal) and read.name in proposals:
            read = Dropped(read.name, "name: expected one of its own, got the name of another proposal")
        if isinstance(read, Proposal):
            proposals[read.name] = read
        else:
            dropped.append(read)
    return Draft(tuple(proposals.values()), tuple(dropped))


def _stopped(answer: CompletionAnswer) -> str | None:
    """Say why nothing of an answer is read; None where it is."""
    if answer.stop_reason == "refusal":
        return f"the model refused ({answer.stop_detail or 'it does not say why'})"
    if answer.stop_reason in ("max_tokens", "model_context_window_exceeded"):
        return f"the answer was cut off after {answer.usage.output} tokens"
    return None


def _functions(text: str) -> list[Any] | None:
    """Give the list of functions of an answer, also of one in a code fence or with prose around it."""
    body = text[text.find("{") : text.rfind("}") + 1]
    try:
        found = json.loads(body, object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError):
        return None
    functions = found.get("functions") if isinstance(found, dict) else None
    return functions if isinstance(functions, list) else None


def _unambiguous(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _read(entry: object, i: int, labels: Mapping[str, str]) -> Proposal | Dropped:
    given = dict(entry) if isinstance(entry, Mapping) else {}
    reason, name = given.pop("reason", ""), given.get("name")
    problems = [*_form_problems(given)]
    if problems:
        said = name[:LONGEST_NAME] if isinstance(name, str) and name else f"function {i + 1}"
        return Dropped(_encodable(said), _encodable("; ".join(problems)))
    [builder] = given.keys() - {"name"}
    rule = {"name": name, builder: _with_class_name(given[builder], labels)}
    function, problems = check_rule(rule, _Unmarked(""), tuple(labels.values()))
    if function is None:
        return Dropped(str(name), _encodable("; ".join(problems)))
    return Proposal(function, rule, _encodable(" ".join(str(reason).split())[:LONGEST_REASON]))


def _encodable(text: str) -> str:
    """Replace halves of surrogate pairs, which can be neither printed nor stored."""
    return text.encode("utf-8", "replace").decode()


def _with_class_name(parameters: Mapping[str, Any], labels: Mapping[str, str]) -> Mapping[str, Any]:
    label = parameters.get("label")
    return {**parameters, "label": labels.get(label, label)} if isinstance(label, str) else parameters


def _form_problems(given: Mapping[str, Any]) -> Iterator[str]:
    """Say what is not of the form that was asked for, which is narrower than that of a file."""
    name = given.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield f"name: expected up to {LONGEST_NAME} lower-case letters, digits and _, got {shown(name)}"
    builders = given.keys() - {"name"}
    if len(builders) != 1 or not builders <= PARAMETERS.keys():
        got = ", ".join(sorted(builders)) or "none"
        yield f"expected either {' or '.join(PARAMETERS)}, got {got:.80}"
        return
    [builder] = builders
    if not isinstance(given[builder], Mapping):
        yield f"{builder}: expected an object, got {shown(given[builder])}"
        return
    foreign = given[builder].keys() - PARAMETERS[builder]
    yield from (f"{builder}: expected no parameter {shown(key)}" for key in sorted(foreign))


class _Unmarked(Marks):
    """Places in an answer, which has no lines."""

    def place(self, loc: Loc | str) -> str:
        return loc if isinstance(loc, str) else dotted(loc)
