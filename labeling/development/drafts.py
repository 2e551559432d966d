"""The last answer of an author of functions, kept so that a person can take from what was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
from pydantic import TypeAdapter

from labeling.lf.authors import Author
from labeling.project import Project
from labeling.store import manifest
from labeling.store.clock import now
from labeling.store.llm_calls import storable
from labeling.types import CompletionAnswer, CompletionRequest

KIND, KEY = "function-draft", "last"


@dataclass(frozen=True)
class StoredDraft:
    """An answer with what it was an answer to.

    Attributes
    ----------
    answer : CompletionAnswer
    model : str
    prompt : str
        Version of the author.
    request : str
        Digest of the question.
    asked_at : str
        ISO 8601 in UTC.
    proposed_from : mapping of str to int
        Items of each kind that were shown.
    seen : tuple of str
        Their content digests: their gold does not judge what came of it.
    """

    answer: CompletionAnswer
    model: str
    prompt: str
    request: str
    asked_at: str
    proposed_from: Mapping[str, int]
    seen: tuple[str, ...]

    @classmethod
    def of(
        cls,
        answer: CompletionAnswer,
        author: Author,
        request: CompletionRequest,
        proposed_from: Mapping[str, int],
        seen: tuple[str, ...],
    ) -> StoredDraft:
        """Make a record of an answer that was given now."""
        kept = replace(answer, text=storable(answer.text))
        return cls(kept, author.model, author.version, request.digest, now(), proposed_from, seen)


DRAFT = TypeAdapter(StoredDraft)


def keep_draft(project: Project, draft: StoredDraft) -> None:
    """Keep an answer in place of the last one."""
    table = pa.table({"draft": [DRAFT.dump_json(draft).decode()]})
    entry = project.artifacts.write(KIND, table, key=KEY)
    with project.store.write() as tx:
        manifest.record(tx, entry)


def last_draft(project: Project) -> StoredDraft | None:
    """Give the last answer; None before the first."""
    with project.store.read() as tx:
        entry = manifest.find(tx, KIND, KEY)
    return DRAFT.validate_json(project.artifacts.read(entry)["draft"][0].as_py()) if entry else None
