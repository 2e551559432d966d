"""The commands that give out labels and the model trained on them: `quorum export`, `quorum score`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labeling.cli import display, display_model
from labeling.cli.options import show, takes_config, takes_json

if TYPE_CHECKING:
    from labeling.end_model.score import Write
    from labeling.project import Project

STANDARD = "-"
"""Standard input, or output."""


@click.command()
@takes_config
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file of labels.")
@click.option("--certified", is_flag=True, help="Only what a person or a valid certificate vouches for.")
@click.option("--release", metavar="N", help="Labels as release N holds them, or the current one: `current`.")
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder for a classifier of texts, trained on the release (the current one).",
)
@takes_json
def export(
    config: str | None,
    out: Path | None,
    certified: bool,
    release: str | None,
    model: Path | None,
    as_json: bool,
) -> None:
    """Write labels with their provenance to .parquet, .csv or .jsonl, or train the end model on them."""
    from labeling.app import open_project
    from labeling.end_model.export import export_model
    from labeling.releases.giving_out import CURRENT

    if out is None and model is None:
        raise click.UsageError("Expected --out FILE for labels, --model DIR for a model, or both.")
    result: dict[str, Any] = {}
    with display.work() as progress:
        project = open_project(config, progress=progress)
        if out is not None:
            result |= _export_labels(project, out, certified, release)
        if model is not None:
            about = export_model(project, model, release or CURRENT, certified=certified)
            result["model"] = {"folder": str(model), **about}
    show(result, as_json, display_model.exported)


def _export_labels(project: Project, out: Path, certified: bool, release: str | None) -> dict[str, Any]:
    from labeling.export import export_labels
    from labeling.releases.giving_out import export_release

    if release is None:
        frame = export_labels(project, out, certified=certified)
    else:
        frame = export_release(project, release, out, certified=certified)
    sources = {str(k): int(v) for k, v in frame["source"].value_counts(dropna=True).items()}
    return {"out": str(out), "rows": len(frame), "sources": sources}


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("file", metavar="FILE")
@click.option("--out", default=STANDARD, metavar="FILE", help="A .jsonl or .csv file; standard output: -.")
@click.option("--as", "kind", type=click.Choice(["text", "jsonl"]), help="What a line of FILE is.")
@click.option("--text", metavar="KEY", help="The key of the text in JSON; the model's own if left out.")
@click.option("--id", "row_id", default="id", show_default=True, metavar="KEY", help="The key of the id.")
@takes_json
def score(
    folder: Path, file: str, out: str, kind: str | None, text: str | None, row_id: str, as_json: bool
) -> None:
    """Give label and probabilities of new texts by the end model in DIR; FILE - is standard input."""
    from labeling.end_model.folder import read_model
    from labeling.end_model.score import score_texts
    from labeling.end_model.texts import Row, read_texts

    if as_json and out == STANDARD:
        raise click.UsageError("--json tells what was written, so name a file: --out FILE.")
    model = read_model(folder)
    row = Row(text or model.about["text"], None if text else model.about["fields"], row_id)
    with _written(out, model.classes) as write:
        counted = score_texts(model, read_texts(file, kind, row), write)
    result = {"out": out, "texts": counted.total(), "labels": dict(counted.most_common())}
    show(result, as_json, display_model.scored)


@contextmanager
def _written(out: str, classes: list[str]) -> Iterator[Write]:
    from labeling.end_model.score import json_lines, scores_file

    if out == STANDARD:
        yield json_lines(sys.stdout, classes)
        return
    with scores_file(Path(out), classes) as write:
        yield write
