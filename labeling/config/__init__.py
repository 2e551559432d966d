"""The YAML file of a labelling project, checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pydantic import Field, PrivateAttr, ValidationError

from labeling.config.marks import Marks, by_line, read_marked
from labeling.config.prices import OWN_TABLE
from labeling.config.problems import describe
from labeling.config.rules import RULES
from labeling.config.sections import (
    ActiveConfig,
    ClassConfig,
    DevConfig,
    GoldConfig,
    HeldOutConfig,
    ItemsConfig,
    LabelModelConfig,
    LabelStudioConfig,
    LearnerConfig,
    PeopleConfig,
    RelabelConfig,
    RoutingConfig,
    Section,
    SliceConfig,
    StateConfig,
    VoterConfig,
)
from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.types import LabelClass, LabelSchema

SUFFIXES = (".yaml", ".yml")


class Config(Section):
    """A labelling project. Made by :func:`load_config`."""

    project: str = Field(
        pattern=r"^[^./\\\x00-\x1f][^/\\\x00-\x1f]*$",
        description="text, a name for folders",
        examples=["spam"],
    )
    items: ItemsConfig
    gold: GoldConfig | None = None
    test: HeldOutConfig | None = None
    labels: tuple[ClassConfig, ...] = Field(
        description="a list of at least two classes", examples=["[{name: HAM}, {name: SPAM}]"]
    )
    guideline: str = Field(default="", description="text", examples=["what to do in doubt"])
    voters: tuple[VoterConfig, ...] = Field(
        description="a list of at least one voter", examples=["[{functions: lfs/spam.py}]"]
    )
    dev: DevConfig = DevConfig()
    slices: dict[str, SliceConfig] = Field(
        default={},
        description="a mapping of names to slices",
        examples=["{german: {where: \"language == 'de'\"}}"],
    )
    label_model: LabelModelConfig = LabelModelConfig()
    learner: LearnerConfig = LearnerConfig()
    routing: RoutingConfig = RoutingConfig()
    active: ActiveConfig = ActiveConfig()
    people: PeopleConfig = PeopleConfig()
    label_studio: LabelStudioConfig = LabelStudioConfig()
    relabel: RelabelConfig = RelabelConfig()
    state: StateConfig = StateConfig()

    _path: Path = PrivateAttr(default=Path("config.yaml"))
    _marks: Marks = PrivateAttr(default=Marks("config.yaml"))

    @property
    def path(self) -> Path:
        """The file, as it was named."""
        return self._path

    @property
    def lines(self) -> Mapping[str, int]:
        """Line (from 1) of each key that the file has, by dotted name: ``labels[1].name``."""
        return self._marks.lines

    def place(self, key: str) -> str:
        """Name a key for an error message, such as ``configs/spam.yaml:3 items.text``."""
        return self._marks.place(key)

    @cached_property
    def root(self) -> Path:
        """The folder that relative paths start from: the one above ``configs/``, else the file's own."""
        folder = self._path.absolute().parent
        return folder.parent if folder.name == "configs" else folder

    def resolve(self, path: str) -> str:
        """Give a path from the root as an absolute one; URLs stay as they are."""
        return path if "://" in path else str(self.root / Path(path).expanduser())

    @property
    def state_url(self) -> str:
        """The database URL, a relative SQLite file resolved."""
        url = self.state.url or f"sqlite:///work/{self.project}/state.db"
        relative = re.fullmatch(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)([^?]+)(\?.*)?", url)
        if not relative:
            return url
        return f"{relative[1]}{self.resolve(relative[2])}{relative[3] or ''}"

    @property
    def artifacts(self) -> str:
        """The folder or URL of artifacts, resolved."""
        return self.resolve(self.state.artifacts or f"work/{self.project}")

    @cached_property
    def schema(self) -> LabelSchema:  # type: ignore[override]
        """The classes with their guideline, and what people's answers amount to."""
        classes = tuple(LabelClass(**dict(label)) for label in self.labels)
        return LabelSchema(classes, self.guideline, self.people.consensus, self.people.unclear)


def load_config(path: str | Path) -> Config:
    """Read and check a config.

    Raises
    ------
    InputError
        Everything that is wrong with the file, in the order of its lines.
    """
    path = _present(Path(path))
    document = read_marked(path)
    if not document.values:
        raise InputError(f"{path}: expected a config, got an empty file. Start from the one of quorum init.")
    if not isinstance(document.values, dict):
        raise InputError(
            f"{path}:1: expected keys with values, got a list or text. Write items: {{path: F}}."
        )
    values = {"project": path.stem, **{k: v for k, v in document.values.items() if v is not None}}
    problems = [*document.problems]
    problems += [f"{document.marks.place(loc)}: {text}" for rule in RULES for loc, text in rule(values)]
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        problems += describe(error, Config, document.marks)
    if problems:
        raise InputError(*sorted(problems, key=by_line))
    config._path, config._marks = path, document.marks
    return config


def find_config(argument: str | None) -> Path:
    """Give the config that a command means: a path, a name in ``configs/``, or the only one there is.

    Raises
    ------
    InputError
        None or several are there; the message lists them.
    """
    if argument is not None:
        named = [Path(folder, argument + suffix) for folder in (".", "configs") for suffix in ("", *SUFFIXES)]
        return _present(next((path for path in named if path.is_file()), named[0]))
    found = _configs(Path("configs")) or _configs(Path())
    if not found:
        raise InputError("configs: expected a config, got none. Write one with quorum init NAME.")
    if len(found) > 1:
        raise InputError(f"configs: expected one config, got {_listed(found)}. Name one of them.")
    return found[0]


def _present(path: Path) -> Path:
    if path.is_file():
        return path
    here = [*_configs(Path("configs")), *_configs(Path())]
    near = [*_configs(path)] if path.is_dir() else here
    kind = "a folder" if path.is_dir() else "no such file"
    step = f"There are {_listed(near)}." if near else "Write one with quorum init NAME."
    raise InputError(
        f"{path}: expected a config, got {kind}.{did_you_mean(str(path), map(str, near))} {step}"
    )


def _configs(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES and path.is_file())
    return [path for path in found if path != Path(OWN_TABLE)]


def _listed(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))
