"""Scoring new texts with an end model: label and probabilities of each, block by block."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from labeling.end_model.folder import EndModel
from labeling.end_model.texts import NewText
from labeling.errors import InputError
from labeling.export import harmless_cell
from labeling.types import digest_of

Scored = dict[str, Any]
"""``id``, ``label`` and ``p:CLASS`` of each class."""

Write = Callable[[Iterable[Scored]], None]


def score_texts(model: EndModel, blocks: Iterable[Sequence[NewText]], write: Write) -> Counter[str]:
    """Score texts and write a line for each; give the number of each label."""
    counted: Counter[str] = Counter()
    for block in blocks:
        scored = list(scores_of(model, block))
        write(scored)
        counted.update(line["label"] for line in scored)
    return counted


def scores_of(model: EndModel, texts: Sequence[NewText]) -> Iterator[Scored]:
    """Give the most probable class of each text, with the probabilities of all."""
    proba = model.predict([text.text for text in texts])
    names = [f"p:{name}" for name in model.classes]
    for text, best, row in zip(texts, proba.argmax(axis=1), proba.tolist(), strict=True):
        yield {"id": text.id, "label": model.classes[best], **dict(zip(names, row, strict=True))}


@contextmanager
def scores_file(out: Path, classes: Sequence[str]) -> Iterator[Write]:
    """Open a file for scores; what was written appears under its name once all is done.

    Raises
    ------
    InputError
        The name ends in neither .jsonl nor .csv.
    """
    begin = WRITERS.get(out.suffix)
    if begin is None:
        raise InputError(f"--out {out}: expected a file that ends in {', '.join(WRITERS)}.")
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{digest_of(os.getpid())[:8]}")
    try:
        with aside.open("w", encoding="utf-8", newline="") as stream:
            yield begin(stream, classes)
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)


def json_lines(stream: TextIO, classes: Sequence[str]) -> Write:
    """Write a JSON object a line."""

    def write(scored: Iterable[Scored]) -> None:
        stream.writelines(json.dumps(line) + "\n" for line in scored)
        stream.flush()

    return write


def csv_lines(stream: TextIO, classes: Sequence[str]) -> Write:
    """Write rows of cells below a header."""
    names = ["id", "label", *(f"p:{name}" for name in classes)]
    writer = csv.DictWriter(stream, names, lineterminator="\n")
    writer.writerow({name: harmless_cell(name) for name in names})

    def write(scored: Iterable[Scored]) -> None:
        writer.writerows({name: harmless_cell(cell) for name, cell in line.items()} for line in scored)

    return write


WRITERS: dict[str, Callable[[TextIO, Sequence[str]], Write]] = {".jsonl": json_lines, ".csv": csv_lines}
