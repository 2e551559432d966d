"""What nearest-example prompts may show: labels of the loop, never of audit, dev split or held-out file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from labeling.cli import commands
from labeling.pool.dev import dev_split
from labeling.pool.examples import current_examples, freeze_examples, frozen_examples, shown_gold
from labeling.pool.stored import stored_items
from labeling.prelabels.run import run_prelabels
from labeling.prelabels.voters import public_items
from labeling.project import Project
from labeling.rounds.live import turn
from labeling.store import manifest
from labeling.types import ABSTAIN, Lane
from tests.fakes import FakeQueue
from tests.llm_projects import MODEL, NEAREST, PRIVATE, PROMPT, truthful, write_llm_project
from tests.messages_server import KEY, MessagesServer
from tests.projects import answer, gold_of, known, opened, small_rows, synced

ROWS = small_rows(40)
LACKING = f"near@{MODEL}: no examples yet; `quorum llm run` takes them from review answers and seed gold"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessagesServer]:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with MessagesServer(answer=truthful) as running:
        yield running


def write(folder: Path, url: str, **options: str) -> Path:
    prompts = {"near.md": NEAREST, "desk.md": PROMPT}
    return write_llm_project(folder, url, rows=ROWS, prompts=prompts, **options)


def answered(project: Project, queue: FakeQueue | None = None) -> FakeQueue:
    """Have people answer everything that a round asks, audit included."""
    queue = queue or FakeQueue(project.schema)
    turn(project)
    synced(project, queue)
    answer(queue, gold_of(ROWS))
    synced(project, queue)
    return queue


def lanes(project: Project, lane: Lane) -> set[str]:
    return {task.digest for task in known(project).tasks if task.lane == lane}


def test_review_answers_are_shown_and_audit_answers_never(tmp_path: Path, server: MessagesServer) -> None:
    with opened(write(tmp_path, server.url)) as project:
        items = stored_items(project)
        assert current_examples(project, items) == ()
        answered(project)
        examples = current_examples(project, items)
        shown = {item.digest for item, _ in examples}
        assert shown
        assert shown == lanes(project, Lane.REVIEW)
        assert not shown & lanes(project, Lane.AUDIT)
        assert lanes(project, Lane.AUDIT)
        texts = {row["text"]: row["label"] for row in ROWS}
        assert all(texts[item.text] == label for item, label in examples)
        assert all(PRIVATE not in str(dict(item.fields)) for item, _ in examples)


def test_seed_gold_is_shown_but_for_the_dev_split(tmp_path: Path, server: MessagesServer) -> None:
    config = write(tmp_path, server.url, gold="gold: {column: label, use: seed}", more="dev: {share: 0.4}")
    with opened(config) as project:
        items = stored_items(project)
        dev, gold = dev_split(project, items), shown_gold(project, items)
        assert 0 < dev.sum() < len(items)
        np.testing.assert_array_equal(gold != ABSTAIN, ~dev)


def test_score_gold_is_never_shown(tmp_path: Path, server: MessagesServer) -> None:
    with opened(write(tmp_path, server.url)) as project:
        assert not (shown_gold(project, stored_items(project)) != ABSTAIN).any()


def test_items_are_handed_out_without_their_private_fields(tmp_path: Path, server: MessagesServer) -> None:
    with opened(write(tmp_path, server.url)) as project:
        items = stored_items(project)
        handed = list(public_items(items, [3, 0]))
        assert [item.digest for item in handed] == [items.digests[3], items.digests[0]]
        assert [dict(item.fields) for item in handed] == [{"text": items.texts[3]}, {"text": items.texts[0]}]
        assert "phone" in items.item(0).fields


def test_without_gold_the_prompt_is_left_out_with_a_line(tmp_path: Path, server: MessagesServer) -> None:
    with opened(write(tmp_path, server.url)) as project:
        report = run_prelabels(project)
        assert [voter.name for voter in report.voters] == [f"desk@{MODEL}"]
        assert report.left_out == (LACKING,)


def test_examples_are_frozen_until_they_are_renewed(tmp_path: Path, server: MessagesServer) -> None:
    with opened(write(tmp_path, server.url)) as project:
        queue = answered(project)
        first = run_prelabels(project)
        assert [voter.tally.requests for voter in first.voters] == [40, 40]
        frozen = frozen_examples(project)
        answered(project, queue)
        items = stored_items(project)
        assert len(current_examples(project, items)) > len(frozen)
        again = run_prelabels(project)
        assert [voter.tally.requests for voter in again.voters] == [0, 0]
        assert frozen_examples(project) == frozen
        said: list[str] = []
        talking = replace(project, progress=lambda what, done, total: said.append(what))
        renewed = run_prelabels(talking, renew_examples=True)
        [line] = [line for line in said if "new examples" in line]
        assert line.startswith(f"near@{MODEL}: new examples make it a new version")
        assert "asked about all 40 items again, about $" in line
        near, desk = (voter.tally for voter in renewed.voters)
        assert (near.answered, desk.requests) == (40, 0)
        assert near.requests > 20
        assert renewed.voters[0].version != first.voters[0].version
        assert renewed.voters[1].version == first.voters[1].version
        assert frozen_examples(project) == current_examples(project, items)


def test_a_snapshot_of_the_same_labels_is_the_same(tmp_path: Path, server: MessagesServer) -> None:
    with opened(write(tmp_path, server.url, gold="gold: {column: label, use: seed}")) as project:
        items = stored_items(project)
        first, second = freeze_examples(project, items), freeze_examples(project, items)
        assert first == second
        with project.store.write() as tx:
            manifest.record(tx, first)
        assert frozen_examples(project) == current_examples(project, items)


def test_classes_that_are_gone_are_left_out_of_the_snapshot(tmp_path: Path, server: MessagesServer) -> None:
    config = write(tmp_path, server.url, gold="gold: {column: label, use: seed}")
    with opened(config) as project:
        entry = freeze_examples(project, stored_items(project))
        with project.store.write() as tx:
            manifest.record(tx, entry)
    text = config.read_text().replace("{name: FIRE, critical: true}", "{name: BURN}")
    config.write_text(text.replace("use: seed", "use: score"))
    with opened(config) as project:
        labels = {label for _, label in frozen_examples(project)}
    assert labels == {"BILL", "SHIP"}


def test_the_plan_shows_what_renewing_would_cost(
    tmp_path: Path, server: MessagesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = write(tmp_path, server.url)
    with opened(config) as project:
        queue = answered(project)
        run_prelabels(project)
        answered(project, queue)

    def quorum(*arguments: str) -> Result:
        return CliRunner().invoke(commands.main, ["llm", "plan", str(config), *arguments])

    assert "40 requests" not in quorum().stdout
    assert "40 requests" in quorum("--renew-examples").stdout
    with opened(config) as project:
        assert run_prelabels(project).voters[0].tally.requests == 0
