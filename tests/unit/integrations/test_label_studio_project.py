"""How our project follows the schema: made once, changed when the schema does, with the change announced."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from integrations.label_studio.interface import interface
from integrations.label_studio.project import OurProject, find_or_create
from labeling.types import LabelClass, LabelSchema

SCHEMA = LabelSchema((LabelClass("HAM", "about the video"), LabelClass("SPAM")), "Judge.")


class Projects:
    """The calls on projects of a server that holds them in memory."""

    def __init__(self) -> None:
        self.held: dict[int, SimpleNamespace] = {}
        self.updates = 0

    def list(self, **asked: Any) -> list[SimpleNamespace]:
        return list(self.held.values())

    def get(self, number: int, **asked: Any) -> SimpleNamespace:
        return self.held[number]

    def create(self, **settings: Any) -> SimpleNamespace:
        number = len(self.held) + 1
        self.held[number] = SimpleNamespace(id=number, **settings)
        return self.held[number]

    def update(self, number: int, **settings: Any) -> None:
        self.updates += 1
        vars(self.held[number]).update(settings)


def found(projects: Projects, schema: LabelSchema, fields: tuple[str, ...] = ()) -> OurProject:
    page = interface(schema, fields)
    return find_or_create(SimpleNamespace(projects=projects), "spam", "spam", schema, page)


def test_a_project_is_made_once_and_left_alone() -> None:
    projects = Projects()
    made = found(projects, SCHEMA)
    assert found(projects, SCHEMA) == made
    assert (made.id, made.news, made.guidelines.newest) == (1, "", SCHEMA.version)
    assert (len(projects.held), projects.updates) == (1, 0)


def test_a_changed_guideline_is_a_version_and_is_announced_once() -> None:
    projects = Projects()
    first = found(projects, SCHEMA)
    changed = replace(SCHEMA, classes=(SCHEMA.classes[0], LabelClass("SPAM", "advertises <b>")))
    second = found(projects, changed)
    day = second.guidelines.since[1][0][:10]
    assert second.news == f"Version 2 of the instructions, of {day}. New or changed: SPAM."
    assert second.guidelines.since[0] == first.guidelines.since[0]
    assert projects.held[1].expert_instruction.startswith(f'<p style="margin-bottom: 10px"><b>{second.news}<')
    again = found(projects, changed)
    assert (again.news, again.guidelines, projects.updates) == ("", second.guidelines, 1)


def test_another_page_alone_is_no_version() -> None:
    projects = Projects()
    found(projects, SCHEMA)
    wider = found(projects, SCHEMA, ("author",))
    assert (wider.news, len(wider.guidelines.since), projects.updates) == ("", 1, 1)
    assert "author" in projects.held[1].label_config


def test_a_project_from_before_versions_were_kept_gets_its_first() -> None:
    projects = Projects()
    found(projects, SCHEMA)
    projects.held[1].description = projects.held[1].description.partition(" Guideline")[0]
    assert found(projects, SCHEMA).news == ""
    assert found(projects, SCHEMA).guidelines.newest == SCHEMA.version
