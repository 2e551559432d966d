"""Small contents of releases, made of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import md5
from typing import Any

import pyarrow as pa

from labeling.releases.contents import DIGEST_TYPE, VOTE, Contents

CLASSES = ["HAM", "SPAM"]


def content_digest_of(text: str) -> bytes:
    """Give 16 bytes that stand for a content."""
    return md5(text.encode(), usedforsecurity=False).digest()


def contents(
    rows: Iterable[tuple[str, str, str | None, str | None]],
    *,
    votes: Mapping[str, Mapping[str, str]] | None = None,
    answers: Iterable[tuple[str, str, str | None]] = (),
    voters: Mapping[str, str | None] | None = None,
    certificate: int | None = None,
    people: Mapping[str, list[str]] | None = None,
    number: int | None = None,
) -> Contents:
    """Give contents of rows (id, text, label, source).

    Parameters
    ----------
    votes : mapping of voter to mapping of text to class
    answers : iterable of (text, annotator, label)
    voters : mapping of voter to version
    people : mapping of id to annotators
    """
    rows, votes, answers = list(rows), votes or {}, list(answers)
    names = voters if voters is not None else dict.fromkeys(votes, "v1")
    texts = list(dict.fromkeys(text for _, text, _, _ in rows))
    made_of: dict[str, Any] = {
        "round": 1,
        "scorer": "scorer",
        "certified_scorer": f"model of {certificate}" if certificate else None,
        "certificate": certificate,
        "classes": CLASSES,
        "schema": "schema",
        "voters": {name: {"kind": "function", "version": version} for name, version in names.items()},
        "people": {},
    }
    columns = {
        f"{VOTE}{name}": pa.array(
            [CLASSES.index(said[text]) if text in said else -1 for text in texts], pa.int8()
        )
        for name, said in votes.items()
    }
    return Contents(
        labels=pa.table(
            {
                "id": pa.array([row[0] for row in rows], pa.string()),
                "digest": pa.array([content_digest_of(row[1]) for row in rows], DIGEST_TYPE),
                "label": pa.array([row[2] for row in rows], pa.string()),
                "source": pa.array([row[3] for row in rows], pa.string()),
                "annotators": pa.array(
                    [(people or {}).get(row[0], []) for row in rows], pa.list_(pa.string())
                ),
            }
        ),
        votes=pa.table({"digest": pa.array(map(content_digest_of, texts), DIGEST_TYPE), **columns}),
        answers=pa.table(
            {
                "digest": pa.array([content_digest_of(a[0]) for a in answers], DIGEST_TYPE),
                "annotator": pa.array([a[1] for a in answers], pa.string()),
                "label": pa.array([a[2] for a in answers], pa.string()),
                "lane": pa.array(["review"] * len(answers), pa.string()),
            }
        ),
        made_of=made_of,
        number=number,
    )
