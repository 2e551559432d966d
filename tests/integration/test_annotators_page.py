"""What annotators see and may say beside the classes, from the config to the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from labeling.app import own_page
from labeling.cli.commands import main
from labeling.errors import InputError
from labeling.rounds.live import certification, turn
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import gold_of, known, opened, small_rows, synced, write_project

NONE = "None of these"
ROWS = small_rows(120)
MORE = f"""\
people: {{unclear: {NONE}, withheld: 0}}
slices: {{parcels: {{where: "text != ''", critical: true}}}}
label_studio: {{interface: page.xml}}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("page"), ROWS, audit=20, batch=40, more=MORE)


def test_that_no_class_fits_is_no_gold_open_in_the_audit_and_counted(config: Path) -> None:
    gold = gold_of(ROWS)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        asked = list(queue.tasks.values())
        for task in asked:
            queue.answer(task.task_id, NONE if task.lane == Lane.AUDIT else gold[task.row_id])
        synced(project, queue)
        audited = [task for task in asked if task.lane == Lane.AUDIT]
        found = certification(project).audit
        assert (found["answered"], found["skipped"], found["open"]) == (0, len(audited), 0)
        assert all(known(project).gold[task.digest].label is None for task in audited)
        assert all(task.critical == ("parcels",) for task in asked), "in every lane alike"
        assert all((task.why is None) == (task.suggestion is None) for task in asked)
        assert any(task.why for task in asked)
    done = CliRunner().invoke(main, ["people", str(config), "--json"])
    [person] = json.loads(done.stdout)["people"]
    assert (person["unclear"], person["skipped"]) == (len(audited), 0)
    assert person["answers"] == len(asked) - len(audited)


def test_a_page_of_ones_own_is_checked_before_a_server_starts(config: Path) -> None:
    page = config.parent / "page.xml"
    with opened(config) as project:
        with pytest.raises(InputError, match=r"label_studio.interface: expected a file of UTF-8 text"):
            own_page(project)
        page.write_text('<View>\n<Text name="text" value="$text"/>\n</View>', encoding="utf-8")
        with pytest.raises(InputError, match=r"page.xml:1: expected one <Choices name=\"label\""):
            own_page(project)
        choices = "".join(f'<Choice value="{name}"/>' for name in project.schema.answers)
        answers = f'<Choices name="label" toName="text">{choices}</Choices>'
        right = f'<View><Text name="text" value="$text"/>{answers}</View>'
        page.write_text(right, encoding="utf-8")
        assert own_page(project) == right
