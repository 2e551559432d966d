"""The file of functions that were proposed and taken: what is in it stays, what is new comes after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from labeling.artifacts import replace_file
from labeling.errors import QuorumError, Unavailable
from labeling.lf.vector import VectorFunction
from labeling.project import Project
from labeling.store import lease

LEASE = "suggested functions"
WAIT_SECONDS = 10.0
SUFFIX = ".yaml"
HEADER = (
    b"# Functions that were proposed and taken. They are yours to edit; votes do not depend on provenance.\n"
)


def suggested_source(project: Project) -> str:
    """Give the file as a config names it: ``lfs/NAME_suggested.yaml``."""
    return f"lfs/{project.config.project}_suggested{SUFFIX}"


def is_configured(project: Project) -> bool:
    """Whether the config names the file, so that its functions vote."""
    file = _path(project).resolve()
    sources = (voter.functions for voter in project.config.voters)
    return any((project.config.root / source).resolve() == file for source in sources if source)


def read_suggested(project: Project) -> Sequence[VectorFunction]:
    """Read the functions of the file; none where it is not there.

    Raises
    ------
    InputError
        Everything that is wrong with it.
    """
    path = _path(project)
    return project.readers[SUFFIX](path, project.schema.names) if path.exists() else ()


def add_suggested(project: Project, rules: Sequence[Mapping[str, Any]]) -> None:
    """Write functions behind those of the file, all or none, whatever stops this process.

    Parameters
    ----------
    rules : sequence of mapping
        Functions as such a file has them, by names that it does not have yet.

    Raises
    ------
    InputError
        Everything that is wrong with the file as it is.
    Unavailable
        Somebody else is writing it.
    """
    path = _path(project).resolve()
    with lease.acquire(project.store, LEASE, wait=WAIT_SECONDS):
        before = path.read_bytes() if path.exists() else None
        present = read_suggested(project)
        written = _appended(before, rules)
        _check(project, written, present, rules)
        if (path.read_bytes() if path.exists() else None) != before:
            raise Unavailable(f"{path}: somebody edited it meanwhile. Run it again.")
        replace_file(path, written)


def _path(project: Project) -> Path:
    return project.config.root / suggested_source(project)


def _appended(before: bytes | None, rules: Sequence[Mapping[str, Any]]) -> bytes:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes, yaml.width, yaml.default_flow_style = True, 4096, None
    # The reader takes no aliases.
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = {"functions": []} if before is None else yaml.load(before)
    document["functions"].extend(map(_quoted, rules))
    out = BytesIO() if before is not None else BytesIO(HEADER)
    out.seek(0, 2)
    yaml.dump(document, out)
    return out.getvalue()


def _quoted(value: Any) -> Any:
    """Give JSON with its texts in quotes: writer and reader do not agree on all that needs none."""
    if isinstance(value, str):
        return DoubleQuotedScalarString(value)
    if isinstance(value, Mapping):
        return {key: _quoted(part) for key, part in value.items()}
    return [_quoted(part) for part in value] if isinstance(value, list | tuple) else value


def _check(
    project: Project, written: bytes, present: Sequence[VectorFunction], rules: Sequence[Mapping[str, Any]]
) -> None:
    """Make sure that what will be read is what was there and what is new."""
    with TemporaryDirectory() as folder:
        aside = Path(folder) / _path(project).name
        aside.write_bytes(written)
        found = project.readers[SUFFIX](aside, project.schema.names)
    names = [*(f.name for f in present), *(rule["name"] for rule in rules)]
    kept = [f.fingerprint for f in found[: len(present)]] == [f.fingerprint for f in present]
    if not kept or [f.name for f in found] != names:
        raise QuorumError(f"{_path(project)}: the functions could not be added without a change to others.")
