"""People's answers reach the label model: review answers and known labels, and never the audit's."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.explain import explain_row
from labeling.pool import load_pool
from labeling.pool.training import pool_gold
from labeling.project import Project
from labeling.rounds.live import turn
from labeling.store import manifest, rounds
from labeling.types import Lane
from labeling.voting import analyse_votes, weigh_votes
from tests.conftest import absent
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows, synced, write_project

ROWS = small_rows(120)
GOLD = gold_of(ROWS)
DATA = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(write_project(tmp_path, ROWS, batch=60)) as found:
        yield found


def asked(project: Project) -> FakeQueue:
    queue = FakeQueue(project.schema)
    turn(project)
    synced(project, queue)
    return queue


def score_table(project: Project) -> dict[str, dict[str, float]]:
    with project.store.read() as tx:
        latest = rounds.latest(tx)
        assert latest is not None
        entry = manifest.find(tx, "scores", latest.scorer)
    assert entry is not None
    return {line["digest"]: line for line in project.artifacts.read(entry).to_pylist()}


def test_review_answers_are_clamped_in_the_score_table(project: Project) -> None:
    queue = asked(project)
    answer(queue, GOLD, [Lane.REVIEW])
    synced(project, queue)
    turn(project)
    table = score_table(project)
    gold = {d: g for d, g in known(project).gold.items() if g.lane == Lane.REVIEW}
    assert len(gold) >= 20
    assert all(table[digest][f"votes:{g.label}"] == 1 for digest, g in gold.items())


def test_audit_answers_change_nothing(project: Project) -> None:
    queue = asked(project)
    pool = load_pool(project)
    before = weigh_votes(project, pool)
    answer(queue, GOLD, [Lane.AUDIT])
    synced(project, queue)
    assert any(g.lane == Lane.AUDIT for g in known(project).gold.values())
    after = weigh_votes(project, pool)
    np.testing.assert_array_equal(after.posterior, before.posterior)
    assert after.calibrator == before.calibrator


def test_only_items_that_were_drawn_count_in_full(project: Project) -> None:
    queue = asked(project)
    answer(queue, GOLD, [Lane.REVIEW])
    synced(project, queue)
    people, pool = known(project), load_pool(project)
    drawn = {t.digest for t in people.tasks if t.inclusion is not None}
    gold = pool_gold(project, pool, people)
    labelled = pool.items.digests[gold.rows]
    assert 0 < gold.drawn.sum() < len(gold.rows)
    assert set(pool.items.digests[gold.drawn]) == set(labelled) & drawn


def test_known_labels_count_as_drawn(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, ROWS, gold="gold: {column: label, use: seed}")) as project:
        gold = pool_gold(project, load_pool(project), known(project))
    assert gold.drawn.all()


def test_explanations_add_up_to_the_posterior_of_the_votes(project: Project) -> None:
    queue = asked(project)
    answer(queue, GOLD, [Lane.REVIEW])
    synced(project, queue)
    turn(project)
    for row in ("r0", "r1", "r7"):
        weighing = explain_row(project, row).to_dict()["weighing"]
        logits = {
            name: np.log(share) + sum(added[name] for added in weighing["by_voter"].values())
            for name, share in weighing["class_balance"].items()
        }
        total = np.logaddexp.reduce(list(logits.values()))
        for name, p in weighing["posterior"].items():
            assert np.exp(logits[name] - total) == pytest.approx(p, abs=1e-9)


def test_the_report_says_what_the_votes_make_of_the_items(project: Project) -> None:
    queue = asked(project)
    answer(queue, GOLD, [Lane.REVIEW])
    synced(project, queue)
    told = analyse_votes(project).to_dict()
    assert told["labelled"].keys() == {"BILL", "SHIP", "FIRE"}
    assert told["covered"] <= sum(told["labelled"].values()) <= told["items"]
    assert told["remark"] == ("; ".join(told["remarks"]) or None)
    assert told["reliability"]["calibrated"]["labelled"] >= 20
    assert told["calibrator"] in {"temperature", "platt"}


def test_a_calibrator_of_its_own_is_a_scorer_of_its_own(project: Project) -> None:
    queue = asked(project)
    with project.store.read() as tx:
        first = rounds.latest(tx)
    answer(queue, GOLD, [Lane.REVIEW])
    synced(project, queue)
    turn(project)
    with project.store.read() as tx:
        second = rounds.latest(tx)
    assert first is not None
    assert second is not None
    assert first.scorer != second.scorer


def test_the_reliability_picture(tmp_path: Path) -> None:
    seeded = write_project(tmp_path / "seeded", ROWS, gold="gold: {column: label, use: seed}")
    picture = tmp_path / "reliability.png"
    done = CliRunner().invoke(main, ["votes", str(seeded), "--reliability", str(picture), "--json"])
    assert done.exit_code == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert json.loads(done.stdout)["reliability"]["label model"]["labelled"] > 20


def test_without_answers_there_is_no_picture(tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    done = CliRunner().invoke(main, ["votes", str(config), "--reliability", str(tmp_path / "r.png")])
    assert done.exit_code == 2
    assert "fewer than 20" in done.stderr
    assert not (tmp_path / "r.png").exists()


@pytest.mark.parametrize("kind", ["snorkel", "majority"])
def test_two_hundred_labels_on_real_votes(tmp_path: Path, kind: str) -> None:
    source = DATA / "youtube" / "pool.jsonl.gz"
    if not source.exists():
        absent(f"{source} is not there: set QUORUM_DATA to the folder of real data")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    draw = set(np.random.default_rng(0).choice(len(rows), 200, replace=False).tolist())
    losses = []
    for use in ("score", "seed"):
        told = [{**row, "known": row["label"] if i in draw else None} for i, row in enumerate(rows)]
        folder = tmp_path / use
        folder.mkdir()
        (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told), encoding="utf-8")
        (folder / "p.yaml").write_text(
            "items: {path: data.jsonl, fields: [text, label]}\n"
            f"gold: {{column: known, use: {use}}}\n"
            "labels: [{name: HAM}, {name: SPAM}]\n"
            f'voters: [{{columns: ["lf_*"]}}]\nlabel_model: {{kind: {kind}}}\n',
            encoding="utf-8",
        )
        with opened(folder / "p.yaml") as project:
            pool = load_pool(project)
            scores = weigh_votes(project, pool)
        truth = np.array([project.schema.index[name] for name in pool.items.fields["label"]])
        rest = pool.applied.votes.covered & (pool.score_gold == -1)
        losses.append(-np.log(np.maximum(scores.posterior[rest, truth[rest]], 1e-6)).mean())
    assert losses[1] < 0.8 * losses[0]
