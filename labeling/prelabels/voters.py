"""The language models that plans and runs ask, with the items as these may see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labeling.errors import InputError
from labeling.items import Items
from labeling.pool.examples import Examples, current_examples, freeze_examples, frozen_examples
from labeling.pool.prelabels import ProjectVoters, project_voters
from labeling.project import Project
from labeling.store import manifest
from labeling.types import Item


def planned_voters(project: Project, items: Items, *, renew_examples: bool = False) -> ProjectVoters:
    """Load the voters as a run would have them, without taking a snapshot of examples.

    Parameters
    ----------
    renew_examples : bool
        As if that run took new ones.

    Raises
    ------
    InputError
        The config names no model, or a prompt is wrong.
    """
    found = _named(project, project_voters(project, items.public_fields))
    if not renew_examples and (not found.lacking or frozen_examples(project)):
        return found
    return project_voters(project, items.public_fields, current_examples(project, items))


def run_voters(project: Project, items: Items, *, renew_examples: bool) -> ProjectVoters:
    """Load the voters of a run; the first one that needs examples has them taken.

    Parameters
    ----------
    renew_examples : bool
        Take new examples, though there are some: prompts that show them become new versions.

    Raises
    ------
    InputError
        The config names no model, or a prompt is wrong.
    """
    found = _named(project, project_voters(project, items.public_fields))
    frozen: Examples = frozen_examples(project)
    if not (renew_examples or (found.lacking and not frozen)):
        return found
    if not current_examples(project, items):
        return found
    entry = freeze_examples(project, items)
    with project.store.write() as tx:
        manifest.record(tx, entry)
    return project_voters(project, items.public_fields)


def public_items(items: Items, rows: Iterable[int]) -> Iterator[Item]:
    """Give items with the fields that may be sent, and no others."""
    for i in rows:
        item = items.item(i)
        fields = {name: item.fields[name] for name in items.public_fields}
        yield Item(item.digest, fields, item.text_field)


def _named(project: Project, found: ProjectVoters) -> ProjectVoters:
    if not (found.asked or found.lacking):
        place = project.config.place("voters")
        raise InputError(
            f"{place}: no language model is among the voters. "
            "Add - llm: {model: NAME, prompts: [configs/prompts/NAME.md]}."
        )
    return found
