"""Voters of prompts: names, versions, questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labeling.types import LabelClass, LabelSchema, LLMVoter
from lfs.llm import load_voters
from tests.prompt_files import CODEBOOK, CUE, FIELDS, NEAREST, SCHEMA, item_of, labelled, voter_of

HAM, SPAM = SCHEMA.classes
GOLD = labelled(("buy my record", "SPAM"), ("what a song", "HAM"))


def front(text: str, line: str) -> str:
    """Add a line to the front matter."""
    return text.replace("---\n", f"---\n{line}\n", 1)


def classes(ham: LabelClass = HAM, spam: LabelClass = SPAM) -> Mapping[str, Any]:
    return {"schema": LabelSchema((ham, spam), SCHEMA.guideline)}


NEW: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "words": (CODEBOOK + "More.", {}),
    "kind": (CODEBOOK.replace("codebook", "nearest"), {}),
    "cue": (CUE, {}),
    "class of a cue": (CUE.replace("SPAM", "HAM"), {}),
    "model": (CODEBOOK, {"model": "model-2"}),
    "max_tokens": (front(CODEBOOK, "max_tokens: 401"), {}),
    "effort": (front(CODEBOOK, "effort: low"), {}),
    "fields": (front(CODEBOOK, "fields: [text, author]"), {}),
    "order of fields": (front(CODEBOOK, "fields: [author, text]"), {}),
    "text field": (CODEBOOK, {"text_field": "author"}),
    "tie rule": (front(CODEBOOK, "tie_rule: HAM."), {}),
    "name of a class": (CODEBOOK, classes(replace(HAM, name="REAL"))),
    "definition": (CODEBOOK, classes(replace(HAM, definition="Else."))),
    "example": (CODEBOOK, classes(replace(HAM, examples=("x",)))),
    "includes": (CODEBOOK, classes(replace(HAM, includes=("x",)))),
    "excludes": (CODEBOOK, classes(replace(HAM, excludes=("x",)))),
    "near miss": (CODEBOOK, classes(replace(HAM, near_misses=("x",)))),
    "order of classes": (CODEBOOK, classes(SPAM, HAM)),
    "one more class": (CODEBOOK, {"schema": LabelSchema((HAM, SPAM, LabelClass("X")), SCHEMA.guideline)}),
    "guideline": (CODEBOOK, {"schema": LabelSchema(SCHEMA.classes, "Else.")}),
    "number of examples": (NEAREST.replace("3", "4"), {"examples": GOLD}),
    "nearest": (NEAREST, {"examples": GOLD}),
    "more gold": (NEAREST, {"examples": [*GOLD, *labelled(("new", "HAM"))]}),
    "other gold": (NEAREST, {"examples": labelled(("buy my record", "HAM"), ("what a song", "HAM"))}),
    "less gold": (NEAREST, {}),
}

SAME: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "name": (front(CODEBOOK, "name: other"), {}),
    "file": (CODEBOOK, {"file": "other.md"}),
    "cache_ttl": (front(CODEBOOK, "cache_ttl: 1h"), {}),
    "no cache": (front(CODEBOOK, "cache_ttl: null"), {}),
    "comment": (front(CODEBOOK, "# why"), {}),
    "space around": (CODEBOOK.replace("Comments", "\n\n Comments") + "\n\n", {}),
    "line ends": (CODEBOOK.replace("\n", "\r\n"), {}),
    "byte order mark": ("\ufeff" + CODEBOOK, {}),
    "default spelled out": (front(CODEBOOK, "max_tokens: 400\nfields: [text]"), {}),
    "kind left out": (CODEBOOK.replace("kind: codebook\n", ""), {}),
    "other public fields": (CODEBOOK, {"fields": ("text", "more")}),
    "critical": (CODEBOOK, classes(replace(HAM, critical=True))),
    "gold that is not shown": (CODEBOOK, {"examples": GOLD}),
}


@pytest.fixture
def version(tmp_path: Path) -> str:
    return voter_of(tmp_path).version


@pytest.mark.parametrize("what", NEW)
def test_the_version_changes_with_what_answers_depend_on(tmp_path: Path, version: str, what: str) -> None:
    text, given = NEW[what]
    assert voter_of(tmp_path, text, **given).version != version


def test_all_these_versions_differ(tmp_path: Path) -> None:
    assert len({voter_of(tmp_path, text, **given).version for text, given in NEW.values()}) == len(NEW)


@pytest.mark.parametrize("what", SAME)
def test_the_version_stays_where_answers_do_not_depend_on_it(tmp_path: Path, version: str, what: str) -> None:
    text, given = SAME[what]
    assert voter_of(tmp_path, text, **given).version == version


@pytest.mark.parametrize("what", [what for what, (text, _) in (NEW | SAME).items() if text != CUE])
def test_versions_and_questions_change_together(tmp_path: Path, what: str) -> None:
    """Where the version is the same, the request is; where it is another, some request may be."""
    text, given = (NEW | SAME)[what]
    item = item_of("buy my record now", author="Al")
    one, two = voter_of(tmp_path).request(item), voter_of(tmp_path, text, **given).request(item)
    assert (one.digest == two.digest) == (what in SAME)


def test_a_cue_does_not_depend_on_the_codebook(tmp_path: Path) -> None:
    other = LabelSchema((LabelClass("X"), replace(SPAM, definition="Else.")), "Else.")
    assert voter_of(tmp_path, CUE).version == voter_of(tmp_path, CUE, schema=other).version


def test_versions_are_the_same_in_every_process(version: str) -> None:
    """A stored answer is found by it: this changes only where questions change."""
    assert version == "d845273cddea3b1ffbeb27ef477b889a"


def test_words_around_the_item_are_part_of_the_version(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("voters.ITEM_END", "voters.REPAIR_END", "loading.DATA", "loading.CODEBOOK_TASK"):
        with monkeypatch.context() as patch:
            patch.setattr(f"lfs.llm.{name}", "Else.")
            assert voter_of(tmp_path).version != version


def test_a_request_carries_what_the_file_says(tmp_path: Path) -> None:
    text = front(CODEBOOK, "max_tokens: 900\neffort: high\ncache_ttl: 1h\nfields: [author, text]")
    request = voter_of(tmp_path, text).request(item_of("hi", author="Al", email="a@b.c"))
    assert (request.model, request.max_tokens, request.effort, request.cache_ttl) == (
        "model-1",
        900,
        "high",
        "1h",
    )
    [turn] = request.turns
    assert turn.role == "user"
    assert turn.text.index("Al") < turn.text.index("hi")
    assert "a@b.c" not in turn.text + request.system


def test_voters_keep_the_order_of_the_files(tmp_path: Path) -> None:
    for name, text in (("b", CODEBOOK), ("a", CUE), ("c", NEAREST)):
        (tmp_path / f"{name}.md").write_text(text)
    voters: list[LLMVoter] = list(
        load_voters("m", ["b.md", "a.md", "c.md"], tmp_path, SCHEMA, fields=FIELDS, examples=GOLD)
    )
    assert [v.name for v in voters] == ["b@m", "a@m", "c@m"]
    assert {v.reader for v in voters} == {1}
    assert {v.model for v in voters} == {"m"}


def test_without_gold_no_library_is_loaded_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn.feature_extraction.text", None)
    voter = voter_of(tmp_path, NEAREST, examples=GOLD)
    assert voter.version
    with pytest.raises(ImportError):
        voter.request(item_of("x"))
