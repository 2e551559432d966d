"""The dev split in the loop: never audited, never certified, never accepted by machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.doctor import examine_project
from labeling.pool import Pool, load_pool, never_audited
from labeling.pool.audit import standing_audit
from labeling.pool.dev import writers_gold
from labeling.project import Project
from labeling.rounds.live import certification, turn
from labeling.simulation import simulate
from labeling.store import dev_shares, frames, manifest, rounds
from labeling.types import Decision, Lane
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows, synced, write_project, write_rows

ROWS = small_rows(160)
GOLD = gold_of(ROWS)


def with_share(config: Path, share: float) -> Path:
    text = config.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("dev:")]
    config.write_text("\n".join([*kept, f"dev: {{share: {share}}}", ""]), encoding="utf-8")
    return config


def cycle(project: Project, queue: FakeQueue, times: int = 1) -> None:
    for _ in range(times):
        turn(project)
        synced(project, queue)
        answer(queue, GOLD)
        synced(project, queue)


def audited(project: Project, pool: Pool) -> np.ndarray:
    """Mask over items: those in the audit as it stands."""
    with project.store.read() as tx:
        frame = frames.current(tx)
    assert frame is not None
    apart = never_audited(project, pool)
    return standing_audit(pool.items, known(project), frame, apart, project.schema).item_members


def routes_of(project: Project) -> dict[str, tuple[str, str]]:
    with project.store.read() as tx:
        latest = rounds.latest(tx)
        assert latest is not None
        entry = manifest.find(tx, "routes", str(latest.number))
    assert entry is not None
    columns = project.artifacts.read(entry).to_pydict()
    return dict(zip(columns["digest"], zip(columns["decision"], columns["reason"], strict=True), strict=True))


def lanes_of(project: Project, digests: list[str], lane: Lane) -> set[str]:
    return {t.digest for t in known(project).tasks if t.lane == lane} & set(digests)


def test_without_a_share_there_is_no_split(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, ROWS)) as project:
        assert not load_pool(project).dev.any()
        with project.store.read() as tx:
            assert dev_shares.all_shares(tx) == []


@settings(max_examples=8, deadline=None)
@given(share=st.sampled_from([0.1, 0.25, 0.5]), name=st.sampled_from("abcdefgh"))
def test_dev_items_are_never_audited_nor_certified(
    tmp_path_factory: pytest.TempPathFactory, share: float, name: str
) -> None:
    config = with_share(write_project(tmp_path_factory.mktemp(name), ROWS, audit=15), share)
    config.write_text(config.read_text().replace("project: small", f"project: {name}"))
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        cycle(project, queue, 2)
        pool = load_pool(project)
        assert 0 < pool.dev.sum() < len(pool)
        assert not (audited(project, pool) & pool.dev).any()
        assert lanes_of(project, pool.items.digests[pool.dev].tolist(), Lane.AUDIT) == set()
        assert audited(project, pool).sum() == 15


def test_a_certificate_counts_no_dev_item_and_accepts_none(tmp_path: Path) -> None:
    config = with_share(write_project(tmp_path, ROWS, audit=25, alpha=0.25, batch=12), 0.2)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        cycle(project, queue, 7)
        report = certification(project)
        assert report.passed, report.statement
        pool, people = load_pool(project), known(project)
        untouched = ~(people.is_picked(pool.items.digests) | pool.dev)
        assert f"{int(untouched.sum())} distinct texts" in report.statement
        routes = routes_of(project)
        waiting = [d for d in pool.items.digests[pool.dev] if d not in people.picked]
        held = [d for d in waiting if "critical" not in routes[d][1]]
        assert {routes[d][0] for d in held} == {Decision.HOLD}
        assert all("in the dev split" in routes[d][1] for d in held)
        assert held
        assert any(decision == Decision.ACCEPT for decision, _ in routes.values())


def test_review_answers_make_the_split_worth_while(tmp_path: Path) -> None:
    config = with_share(write_project(tmp_path, ROWS, gold="", batch=20), 0.5)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        answer(queue, GOLD, lanes=[Lane.AUDIT])
        synced(project, queue)
        assert "only helps once there are labels" in dev_finding(project)
        answer(queue, GOLD, lanes=[Lane.REVIEW])
        synced(project, queue)
        assert "only helps" not in dev_finding(project)


def dev_finding(project: Project) -> str:
    [found] = [f for f in examine_project(project) if f.what == "dev split"]
    assert found.ok
    return found.detail


def test_people_may_label_a_dev_item(tmp_path: Path) -> None:
    config = with_share(write_project(tmp_path, ROWS, batch=20), 0.5)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        cycle(project, queue, 2)
        turn(project)
        pool, routes = load_pool(project), routes_of(project)
        dev = pool.items.digests[pool.dev].tolist()
        answered = lanes_of(project, dev, Lane.REVIEW) & known(project).gold.keys()
        assert answered
        assert {routes[d][0] for d in answered} == {Decision.ACCEPT}
        assert {known(project).gold[d].lane for d in answered} == {Lane.REVIEW}


def test_a_new_share_is_a_new_round_and_the_same_share_is_not(tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    with opened(config) as project:
        assert turn(project).round == 1
    with opened(with_share(config, 0.3)) as project:
        assert turn(project).round == 2
        assert turn(project).repeated


def test_equal_texts_are_in_together(tmp_path: Path) -> None:
    rows = [{**row, "channel": c, "id": f"{row['id']}{c}"} for row in ROWS for c in ("mail", "chat")]
    with opened(with_share(write_project(tmp_path, rows), 0.3)) as project:
        pool = load_pool(project)
        assert len(pool) == 320
        texts = np.array(pool.items.texts)
        assert not set(texts[pool.dev]) & set(texts[~pool.dev])


def test_votes_and_answers_do_not_move_anybody(tmp_path: Path) -> None:
    config = with_share(write_project(tmp_path, ROWS), 0.3)
    with opened(config) as project:
        before = load_pool(project)
        cycle(project, FakeQueue(project.schema), 2)
    (tmp_path / "functions.py").write_text(
        "from lfs import labeling_function\n@labeling_function\ndef any_item(item):\n    return 'SHIP'\n"
    )
    write_rows(tmp_path, [*reversed(ROWS), {"id": "new", "text": "a new one", "label": "SHIP"}])
    with opened(config) as project:
        after = load_pool(project)
    was = dict(zip(before.items.digests, before.dev, strict=True))
    now = dict(zip(after.items.digests, after.dev, strict=True))
    assert {d: now[d] for d in was} == was


def test_a_share_raised_after_the_audit_was_answered_shows_none_of_it(tmp_path: Path) -> None:
    """What the auditors answered stays in the audit, and out of the writer's sight."""
    config = write_project(tmp_path, ROWS, audit=30)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        cycle(project, queue, 2)
        pool, people = load_pool(project), known(project)
        assert (writers_gold(project, pool, people) != -1).sum() == len(people.picked)
        members = audited(project, pool)
        answered = {g.digest for g in people.gold.values() if g.lane == Lane.AUDIT}
        assert answered
    with opened(with_share(config, 0.6)) as project:
        pool, people = load_pool(project), known(project)
        inside = np.isin(pool.items.digests.tolist(), list(answered))
        assert pool.dev.mean() > 0.3
        assert not (pool.dev & members).any()
        np.testing.assert_array_equal(audited(project, pool), members)
        assert (writers_gold(project, pool, people)[inside] == -1).all()
        cycle(project, queue, 2)
        pool, people = load_pool(project), known(project)
        still = {g.digest for g in people.gold.values() if g.lane == Lane.AUDIT}
        inside = np.isin(pool.items.digests.tolist(), list(still))
        assert (writers_gold(project, pool, people)[inside] == -1).all()


def test_a_lowered_share_gives_nothing_back(tmp_path: Path) -> None:
    config = with_share(write_project(tmp_path, ROWS), 0.4)
    with opened(config) as project:
        before = load_pool(project).dev
    with opened(with_share(config, 0.0)) as project:
        np.testing.assert_array_equal(load_pool(project).dev, before)
        turn(project)
        assert not (audited(project, load_pool(project)) & before).any()


def test_a_fresh_audit_leaves_the_split_alone(tmp_path: Path) -> None:
    config = with_share(write_project(tmp_path, ROWS, audit=20), 0.3)
    with opened(config) as project:
        before = load_pool(project).dev
        cycle(project, FakeQueue(project.schema), 1)
        certification(project, fresh=True)
        pool = load_pool(project)
        np.testing.assert_array_equal(pool.dev, before)
        assert not (audited(project, pool) & pool.dev).any()
        assert audited(project, pool).sum() == 20


@pytest.mark.parametrize("use", ["score", "seed"])
def test_the_writer_sees_gold_of_the_split_and_reviews(tmp_path: Path, use: str) -> None:
    rows = [{**row, "label": row["label"] if i % 2 else None} for i, row in enumerate(ROWS)]
    config = with_share(write_project(tmp_path, rows, gold=f"gold: {{column: label, use: {use}}}"), 0.3)
    with opened(config) as project:
        cycle(project, FakeQueue(project.schema), 2)
        pool, people = load_pool(project), known(project)
        seen = writers_gold(project, pool, people)
        assert seen.dtype == np.int8
        labelled = np.array([r["label"] is not None for r in rows])
        reviewed = people.labels(pool.items.digests, project.schema, Lane.REVIEW) != -1
        assert reviewed.any()
        shown = reviewed | (labelled & (pool.dev | (use == "seed")))
        np.testing.assert_array_equal(seen != -1, shown)
        names = [project.schema.names[c] for c in seen[seen != -1]]
        assert names == [ROWS[i]["label"] for i in np.flatnonzero(seen != -1)]


def test_a_simulation_leaves_the_split_out_of_audit_and_acceptance(tmp_path: Path) -> None:
    config = with_share(write_project(tmp_path, ROWS, audit=30, alpha=0.2), 0.5)
    with opened(config) as project:
        found = simulate(project, gold="label", labels=100, audit=30)
        share = 1 - load_pool(project).dev.mean()
    last = found.curves["quorum"][-1]
    assert 0 < last["accepted"] <= share
    assert last["oracle_accepted"] <= share
