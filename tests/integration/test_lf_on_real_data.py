"""Suggestions and errors on real data, compared with the gold that nobody was shown."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from labeling.development.errors import voter_errors
from labeling.development.suggest import Suggestions, suggest_functions
from labeling.development.terms import terms_of
from tests.conftest import absent
from tests.projects import opened

DATA = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
CONFIG = """\
project: {name}
items: {{path: {path}}}
gold: {{column: label}}
labels: [{labels}]
voters: [{{columns: ["lf_*"]}}]
dev: {{share: {share}}}
"""
CLASSES = {"youtube": ["HAM", "SPAM"], "agnews": ["World", "Sports", "Business", "Sci/Tech"]}


def project_of(name: str, folder: Path, share: float = 0.0) -> Path:
    source = DATA / name / "pool.jsonl.gz"
    if not source.exists():
        absent(f"{source} is not there: set QUORUM_DATA to the folder of real data")
    config = folder / f"{name}.yaml"
    labels = ", ".join(f"{{name: {label}}}" for label in CLASSES[name])
    config.write_text(CONFIG.format(name=name, path=source, labels=labels, share=share), encoding="utf-8")
    return config


def suggested(config: Path) -> Suggestions:
    with opened(config) as project:
        return suggest_functions(project)


def rows_of(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / name / "pool.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_keywords_from_a_dev_split_hold_on_all_rows(tmp_path: Path) -> None:
    found = suggested(project_of("youtube", tmp_path, share=0.4))
    proven = [k for k in found.keywords if k.basis == "gold"]
    assert len(proven) >= 4
    rows = rows_of("youtube")
    inside = 0
    for keyword in proven:
        hits = [r["label"] == keyword.label for r in rows if keyword.term in set(terms_of(r["text"]))]
        true = sum(hits) / len(hits)
        assert true > 0.6, keyword
        assert keyword.interval is not None
        inside += keyword.interval[0] <= true <= keyword.interval[1]
    assert inside >= 0.7 * len(proven)


def test_without_any_gold_the_posterior_finds_keywords_that_hold(tmp_path: Path) -> None:
    found = suggested(project_of("youtube", tmp_path))
    assert found.gold == 0
    assert {k.basis for k in found.keywords} == {"posterior"}
    rows = rows_of("youtube")
    right = total = 0
    for keyword in found.keywords:
        hits = [r["label"] == keyword.label for r in rows if keyword.term in set(terms_of(r["text"]))]
        right, total = right + sum(hits), total + len(hits)
    assert right / total > 0.6


def test_sparse_votes_on_news_leave_clusters_of_many_texts(tmp_path: Path) -> None:
    found = suggested(project_of("agnews", tmp_path))
    assert 0.4 < found.uncovered / found.items < 0.5
    assert len(found.clusters) == 7
    assert found.scattered > found.uncovered / 2 > sum(c.size for c in found.clusters)
    assert all(len(c.terms) == 6 and len(c.examples) == 2 for c in found.clusters)


@pytest.mark.parametrize("voter", ["lf_01", "lf_05"])
def test_wrong_votes_are_wrong_by_the_dev_splits_gold(tmp_path: Path, voter: str) -> None:
    rows = {r["id"]: r for r in rows_of("youtube")}
    with opened(project_of("youtube", tmp_path, share=0.4)) as project:
        report = voter_errors(project, voter, limit=1000)
    for bucket in report.buckets:
        for case in bucket.cases:
            row = rows[case.id]
            assert case.vote == row[voter]
            assert case.gold in (None, row["label"])
            assert (bucket.name == "wrong") <= (case.vote != row["label"])
            assert (bucket.name == "right") <= (case.vote == row["label"])
    assert sum(b.total for b in report.buckets if b.name in ("wrong", "right")) == report.accuracy.judged
