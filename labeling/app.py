"""The composition root: the one place that names every adapter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labeling.artifacts import Artifacts
from labeling.config import Config, find_config, load_config
from labeling.doctor import Finding, examine_packages, examine_project
from labeling.errors import InputError, QuorumError, Unavailable
from labeling.items import read_items
from labeling.project import Desk, Progress, Project, silent
from labeling.store import open_store
from labeling.types import Learner

KEY_VARIABLE = "LABEL_STUDIO_API_KEY"


def open_project(config: str | None = None, *, progress: Progress = silent) -> Project:
    """Open a labelling project.

    Parameters
    ----------
    config : str, optional
        Path or name of a config; left out where the folder has one.
    progress : callable
        Called with (what, done, total).

    Raises
    ------
    InputError
        All that is wrong with the config.
    """
    loaded = load_config(find_config(config))
    return Project(
        config=loaded,
        store=open_store(loaded.state_url),
        artifacts=Artifacts(loaded.artifacts),
        new_learner=new_learner,
        connect=lambda: open_desk(loaded, progress),
        progress=progress,
    )


def new_learner(n_classes: int, *, seed: int, uniform_share: float, strategy: str) -> Learner:
    """Make the shipped learner."""
    from active.learner import VotesFirstLearner

    return VotesFirstLearner(n_classes, seed=seed, uniform_share=uniform_share, strategy=strategy)


def label_studio_folder(config: Config) -> Path:
    """Give the data folder of a project's own Label Studio."""
    return Path(config.resolve(f"work/{config.project}/label-studio"))


@contextmanager
def open_desk(config: Config, progress: Progress) -> Iterator[Desk]:
    """Connect to Label Studio: one of our own, started and stopped with the context, or a remote one.

    Raises
    ------
    InputError
        A remote address without a key in the environment.
    Unavailable
        The server cannot be started or reached.
    """
    if config.label_studio.url == "local":
        with _local_desk(config, progress) as desk:
            yield desk
        return
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        place = config.place("label_studio.url")
        raise InputError(f"{place}: {config.label_studio.url} needs a key. Set {KEY_VARIABLE} to your token.")
    with _desk(config, config.label_studio.url, key) as desk:
        yield desk


@contextmanager
def _local_desk(config: Config, progress: Progress) -> Iterator[Desk]:
    from integrations.label_studio import environment
    from integrations.label_studio.server import LocalServer

    folder = environment.default_folder()
    try:
        environment.ensure(folder, lambda line: progress(line, 0, 0))
    except environment.InstallError as error:
        raise Unavailable(str(error)) from error
    with (
        LocalServer(
            label_studio_folder(config), folder, progress=lambda line: progress(line, 0, 0)
        ) as server,
        _desk(config, server.url, server.token, server.username, server.password) as desk,
    ):
        yield desk


@contextmanager
def _desk(
    config: Config, url: str, key: str, login: str | None = None, password: str | None = None
) -> Iterator[Desk]:
    from integrations.label_studio.review_queue import LabelStudioQueue

    text = config.items.text
    fields = [name for name in read_items(config).public_fields if name != text]
    with LabelStudioQueue(
        url, key, config.schema, project=config.project, text_field=text, fields=fields
    ) as queue:
        yield Desk(queue, queue.project_url, login, password)


def examine(config: str | None) -> list[Finding]:
    """Look at everything that a command may stumble over; nothing is repaired."""
    found = [*examine_packages(), _label_studio()]
    try:
        project = open_project(config)
    except QuorumError as error:
        return [*found, Finding("config", False, str(error), "Correct the config.")]
    found.append(Finding("config", True, str(project.config.path)))
    return [*found, *examine_project(project)]


def _label_studio() -> Finding:
    from integrations.label_studio import environment

    folder = environment.default_folder()
    if environment.is_ready(folder):
        return Finding("Label Studio", True, f"installed in {folder}")
    return Finding("Label Studio", True, "is not installed yet; `quorum up` does it", "")
