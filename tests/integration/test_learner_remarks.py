"""What the learner found out about votes is told by the round, and kept with it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.rounds.live import turn
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, opened, small_rows, synced, write_project

ROWS = small_rows(120)


def test_a_round_tells_by_what_the_learner_goes(tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        first = turn(project)
        synced(project, queue)
        answer(queue, gold_of(ROWS))
        synced(project, queue)
        second = turn(project)
    assert not any("the learner goes by" in remark for remark in first.remarks)
    assert sum("labels the learner goes by: votes " in remark for remark in second.remarks) == 1
    assert sum(remark.startswith("votes are weighed by ") for remark in second.remarks) == 1
    shown = CliRunner().invoke(main, ["run", str(config)], catch_exceptions=False)
    assert "labels the learner goes by: votes " in " ".join(shown.output.split())
