"""What is wrong with a set-up, and how to mend it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from labeling.config.sections import LLMConfig
from labeling.examination import Finding, attempt, examine_state
from labeling.items import gold_labels, read_items, recorded_votes
from labeling.pool import check_names, project_functions
from labeling.pool.people import read_people
from labeling.pool.prelabels import project_voters
from labeling.prelabels.connection import describe
from labeling.prelabels.permission import llm_sections
from labeling.project import Project
from labeling.store import TaskStatus, tasks
from labeling.types import ABSTAIN, Lane

PACKAGES = ("snorkel", "label-studio-sdk", "scikit-learn", "pandas", "anthropic", "modAL-python", "torch")


def examine_packages(names: Iterable[str] = PACKAGES) -> list[Finding]:
    """Look whether the packages that the project stands on are installed."""
    return [_package(name) for name in names]


def _package(name: str) -> Finding:
    try:
        return Finding(f"package {name}", True, version(name))
    except PackageNotFoundError:
        return Finding(f"package {name}", False, "is not installed", "Run `make setup`.")


def examine_project(project: Project) -> list[Finding]:
    """Look at a project's data, functions, artifacts, queue and disk."""
    return [
        attempt("items", lambda: repr(read_items(project.config)), "Correct the data or the config."),
        attempt("voters", lambda: _voters(project), "Mend the file that is named."),
        attempt("learner", lambda: _learner(project), "Correct the config, or install what it names."),
        attempt("known labels", lambda: _known(project), "Correct the column or the config."),
        attempt("dev split", lambda: _dev(project), "Correct the config."),
        *(_model(project, llm) for _, llm in llm_sections(project.config)),
        *examine_state(project),
        _outgoing(project),
    ]


def _voters(project: Project) -> str:
    functions, items = project_functions(project), read_items(project.config)
    recorded = recorded_votes(items, project.config).codes
    asked = project_voters(project, items.public_fields)
    check_names(project, [*(str(f.name) for f in functions), *recorded, *asked.names])
    said = f"{len(functions)} functions load, {len(recorded)} columns hold votes"
    prompts = len(asked.names) + len(asked.lacking)
    return f"{said}, {prompts} prompts are whole" if prompts else said


def _model(project: Project, llm: LLMConfig) -> Finding:
    """Ask a model's server what it can do, if the config lets anything be sent."""
    what = f"model {llm.model}"
    if not llm.may_send:
        said = "has no consent: true, so nothing is sent; what it answered before votes"
        return Finding(what, True, said)
    remedy = "Set the key, start the server or correct base_url."
    return attempt(what, lambda: asyncio.run(describe(project, llm)), remedy)


def _learner(project: Project) -> str:
    project.learner_digest()
    return f"learns from {project.config.learner.features} features"


def _known(project: Project) -> str:
    gold = project.config.gold
    if gold is None:
        return "none are named"
    known = gold_labels(read_items(project.config), gold.column, project.schema)
    return f"{(known.labels != ABSTAIN).sum()} items have one in {gold.column}"


def _dev(project: Project) -> str:
    share = project.config.dev.share
    if not share:
        return "no share is set aside"
    said = f"{share:.1%} of the texts are set aside for writing functions"
    if project.config.gold is not None or _is_reviewed(project):
        return said
    return f"{said}; it only helps once there are labels: name a gold column or answer review tasks"


def _is_reviewed(project: Project) -> bool:
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
    return any(g.label is not None and g.lane == Lane.REVIEW for g in people.gold.values())


def _outgoing(project: Project) -> Finding:
    with project.store.read() as tx:
        waiting = sum(t.status == TaskStatus.INTENDED for t in tasks.all_tasks(tx))
    detail = f"{waiting} wait to be sent" if waiting else "all are sent"
    return Finding("tasks", True, detail, "Run `quorum sync`.")
