"""The composition root: the one place that names every adapter."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labeling.artifacts import Artifacts
from labeling.config import Config, find_config, load_config
from labeling.config.prices import load_prices
from labeling.config.sections import LLMConfig
from labeling.errors import InputError, QuorumError, Unavailable
from labeling.pool.stored import stored_items
from labeling.project import Desk, Progress, Project, ReadPrompts, silent
from labeling.store import open_store
from labeling.types import (
    Advisor,
    Completer,
    FeatureSpace,
    Floats,
    Item,
    LabelSchema,
    Learner,
    TextModel,
    digest_of,
)

if TYPE_CHECKING:
    from labeling.examination import Finding
    from labeling.lf.authors import Author
    from labeling.lf.vector import VectorFunction

KEY_VARIABLE = "LABEL_STUDIO_API_KEY"
PRICES = Path(__file__).parents[1] / "integrations" / "messages" / "prices.yaml"


def open_project(config: str | None = None, *, progress: Progress = silent, rescan: bool = False) -> Project:
    """Open a labelling project.

    Parameters
    ----------
    config : str, optional
        Path or name of a config; left out where the folder has one.
    progress : callable
        Called with (what, done, total).
    rescan : bool
        Read the data anew, though their stamps are the same.

    Raises
    ------
    InputError
        All that is wrong with the config.
    """
    loaded = load_config(find_config(config))
    project = Project(
        config=loaded,
        store=open_store(loaded.state_url),
        artifacts=Artifacts(loaded.artifacts),
        new_space=partial(new_space, loaded),
        new_learner=partial(new_learner, loaded.learner.estimator, loaded.root),
        learner_digest=partial(learner_digest, loaded),
        new_baseline=new_baseline,
        new_advisor=new_advisor,
        train_text=train_text,
        connect=lambda: open_desk(project),
        readers={".yaml": read_rules, ".yml": read_rules},
        read_prompts=partial(read_prompts, loaded),
        new_completer=new_completer,
        new_author=lambda model: new_author(model, loaded.schema),
        post=post_message,
        prices=lambda: load_prices(PRICES, loaded.root),
        progress=progress,
        rescan=rescan,
    )
    return project


def new_space(config: Config) -> FeatureSpace:
    """Make what the configured learner sees of items.

    Raises
    ------
    InputError
        A transformer of the user's cannot be loaded.
    """
    from active.features import presets

    learner = config.learner
    return presets.new_space(
        learner.features,
        learner.fields,
        has_text=config.items.text is not None,
        embeddings=Path(config.resolve(learner.embeddings)) if learner.embeddings else None,
        root=config.root,
        seed=config.label_model.seed,
    )


def new_learner(
    estimator: str | None,
    root: Path,
    n_classes: int,
    *,
    seed: int,
    uniform_share: float,
    minimum_share: float,
    strategy: str,
) -> Learner:
    """Make the shipped learner, with a classifier of the user's where the config names one.

    Raises
    ------
    InputError
        That classifier cannot be loaded.
    """
    from active.custom import own_classifier
    from active.learner import VotesFirstLearner

    own = own_classifier(estimator, root) if estimator else None
    return VotesFirstLearner(n_classes, seed, uniform_share, strategy, minimum_share, own)


def learner_digest(config: Config) -> str:
    """Digest the models and code that features and learner are made of."""
    from active.custom import own_classifier

    estimator = config.learner.estimator
    own = own_classifier(estimator, config.root).id if estimator else None
    return digest_of(new_space(config).id, own)


def new_advisor() -> Advisor:
    """Make who says when to stop and what to look at again."""
    from active import advice

    return advice


def train_text(texts: Sequence[str], targets: Floats) -> TextModel:
    """Train a classifier of texts on their class probabilities, shape (n, k)."""
    from active.text_model import train_text_model

    return train_text_model(texts, targets)


def new_baseline(name: str, n_classes: int, *, seed: int) -> Learner:
    """Make what the learner is measured against."""
    from active.baselines import BASELINES

    return BASELINES[name](n_classes, seed=seed)


def read_rules(path: Path, class_names: Sequence[str]) -> Sequence[VectorFunction]:
    """Read a file of functions that are data."""
    from lfs import rules

    return rules.read_rules(path, class_names)


def read_prompts(
    config: Config, llm: LLMConfig, fields: Sequence[str], examples: Sequence[tuple[Item, str]]
) -> ReadPrompts:
    """Make voters of the prompts of a model; those that show examples need some."""
    from lfs.llm import load_voters
    from lfs.llm.voters import NearestVoter

    made = load_voters(
        llm.model,
        llm.prompts,
        config.root,
        config.schema,
        fields=fields,
        text_field=config.items.text_field,
        examples=examples,
    )
    lacking = [v.name for v in made if isinstance(v, NearestVoter) and not v.neighbours.texts]
    return ReadPrompts(tuple(v for v in made if v.name not in lacking), tuple(lacking))


def new_completer(llm: LLMConfig) -> AbstractAsyncContextManager[Completer]:
    """Open the way to a model's server, the vendor's where the config names none."""
    from integrations.messages.client import open_completer

    return open_completer(llm.base_url)


def new_author(model: str, schema: LabelSchema) -> Author:
    """Make who proposes functions: a language model."""
    from lfs.llm.suggestions import ModelAuthor

    return ModelAuthor(model, schema)


def post_message(url: str, message: Mapping[str, object]) -> None:
    """Tell another system of something."""
    from integrations.webhook import post

    post(url, message)


def label_studio_folder(config: Config) -> Path:
    """Give the data folder of a project's own Label Studio."""
    return Path(config.resolve(f"work/{config.project}/label-studio"))


@contextmanager
def open_desk(project: Project) -> Iterator[Desk]:
    """Connect to Label Studio: one of our own, started and stopped with the context, or a remote one.

    Raises
    ------
    InputError
        A remote address without a key in the environment.
    Unavailable
        The server cannot be started or reached.
    """
    config, page = project.config, own_page(project)
    if config.label_studio.url == "local":
        with _local_desk(project, page) as desk:
            yield desk
        return
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        place = config.place("label_studio.url")
        raise InputError(f"{place}: {config.label_studio.url} needs a key. Set {KEY_VARIABLE} to your token.")
    with _desk(project, page, config.label_studio.url, key) as desk:
        yield desk


def own_page(project: Project) -> str | None:
    """Give the labelling interface that the config names, None where it names none.

    Raises
    ------
    InputError
        All that is wrong with it.
    """
    config = project.config
    path, place = config.label_studio.interface, config.place("label_studio.interface")
    if path is None:
        return None
    from integrations.label_studio.own_interface import read_interface

    return read_interface(Path(config.resolve(path)), place, config.schema, fields_shown(project))


def fields_shown(project: Project) -> list[str]:
    """Give the fields that people see beside the text."""
    config = project.config
    public = stored_items(project).public_fields if config.items.text else ()
    return [name for name in public if name != config.items.text_field]


@contextmanager
def _local_desk(project: Project, page: str | None) -> Iterator[Desk]:
    from integrations.label_studio import environment
    from integrations.label_studio.server import LocalServer

    folder = environment.default_folder()
    try:
        environment.ensure(folder, lambda line: project.progress(line, 0, 0))
    except environment.InstallError as error:
        raise Unavailable(str(error)) from error
    with (
        LocalServer(
            label_studio_folder(project.config), folder, progress=lambda line: project.progress(line, 0, 0)
        ) as server,
        _desk(project, page, server.url, server.token, server.username, server.password) as desk,
    ):
        yield desk


@contextmanager
def _desk(
    project: Project,
    page: str | None,
    url: str,
    key: str,
    login: str | None = None,
    password: str | None = None,
) -> Iterator[Desk]:
    from integrations.label_studio.review_queue import LabelStudioQueue

    config = project.config
    with LabelStudioQueue(
        url,
        key,
        config.schema,
        project=config.project,
        text_field=config.items.text_field,
        fields=fields_shown(project),
        page=page,
    ) as queue:
        if queue.news:
            project.progress(f"Label Studio: {queue.news}", 0, 0)
        yield Desk(queue, queue.project_url, login, password)


def examine(config: str | None) -> list[Finding]:
    """Look at everything that a command may stumble over; nothing is repaired."""
    from labeling.doctor import examine_packages, examine_project
    from labeling.examination import Finding

    found = [*examine_packages(), _label_studio()]
    try:
        project = open_project(config)
    except InputError as error:
        return [*found, Finding("config", False, str(error), "Correct the config.")]
    except QuorumError as error:
        return [*found, Finding("state", False, str(error), "Do what it says; nothing was changed.")]
    found.append(Finding("config", True, str(project.config.path)))
    return [*found, *examine_project(project)]


def _label_studio() -> Finding:
    from integrations.label_studio import environment
    from labeling.examination import Finding

    folder = environment.default_folder()
    if environment.is_ready(folder):
        return Finding("Label Studio", True, f"installed in {folder}")
    return Finding("Label Studio", True, "is not installed yet; `quorum up` does it", "")
