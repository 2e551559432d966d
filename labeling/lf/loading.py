"""Loading the labelling functions of a file or an installed module."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import linecache
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from labeling.errors import InputError
from labeling.lf import LabelingFunction
from labeling.lf.examples import Voter
from labeling.lf.ownership import file_of, is_own_file
from labeling.lf.snorkels import adapt, is_snorkels_function, remarks_on
from labeling.lf.vector import VectorFunction
from labeling.types import digest_of

ENGINE = ("labeling", "lfs", "active", "integrations")


class OwnModule(NamedTuple):
    """A module of the user's own: its file, the digest of what was run, and the folder it was found in."""

    file: str
    digest: str
    folder: Path | None


OWN: dict[str, OwnModule] = {}
"""Modules of the user's own that this process loaded for functions, by name."""

FOLDERS: list[str] = []
"""Folders of functions that are searched for modules, the last one first."""


@dataclass(frozen=True)
class Origin:
    """Where a function comes from, so that another process can load it, too.

    Attributes
    ----------
    source : str
        See :func:`load_functions`.
    root : Path
    class_names : tuple of str
    files : mapping of str to str
        Digest of each file of the user's own that was run to make it, by path.
    """

    source: str
    root: Path
    class_names: tuple[str, ...]
    files: Mapping[str, str]


def load_functions(
    source: str, root: Path, class_names: Sequence[str], remark: Callable[[str], None] = lambda said: None
) -> list[Voter]:
    """Load every labelling function that a file or an installed module declares.

    Parameters
    ----------
    source : str
        A path under ``root`` that ends in ``.py``, or a module's dotted name.
    root : Path
    class_names : sequence of str
        Snorkel's functions answer with indices of these.
    remark : callable
        Told what is no voter though it looks like one.

    Raises
    ------
    InputError
        The file is missing, does not run, declares no function or one name twice.
    """
    module = _load_file((root / source).absolute()) if source.endswith(".py") else _load_module(source)
    found = list(_voters(vars(module), class_names))
    remarks = [f"{source}: {said}" for said in remarks_on(vars(module))]
    if not found:
        nothing = f"{source}: no labelling function in it. Decorate one with @labeling_function."
        raise InputError(nothing, *remarks)
    names = Counter(f.name for f in found)
    if max(names.values()) > 1:
        twice = sorted(str(name) for name, times in names.items() if times > 1)
        raise InputError(*(f"{source}: two labelling functions are called {n!r}. Rename one." for n in twice))
    for said in remarks:
        remark(said)
    files = {module.file: module.digest for module in OWN.values()}
    origin = Origin(source, root, tuple(class_names), files)
    for function in found:
        object.__setattr__(function, "_origin", origin)
        # It is read from the sources, which are what was run only now.
        _ = function.fingerprint
    return found


def origin_of(voter: Voter) -> Origin | None:
    """Give where a function was loaded from; None for one that was made in this process."""
    origin: Origin | None = vars(voter).get("_origin")
    return origin


def file_digest(path: str) -> str | None:
    """Digest a file; None where there is none."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None


def _voters(values: Mapping[str, Any], class_names: Sequence[str]) -> Iterator[Voter]:
    """Give the functions that a module holds, each once; a nameless builder takes its variable's name."""
    seen: set[int] = set()
    for variable, value in values.items():
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, LabelingFunction):
            yield value
        elif isinstance(value, VectorFunction):
            if value.name or not variable.startswith("_"):
                yield value if value.name else value.named(variable)
        elif is_snorkels_function(value):
            yield adapt(value, class_names)


def _load_file(path: Path) -> ModuleType:
    name = "quorum_functions_" + digest_of(str(path.resolve()))[:12]
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file. Correct `voters: functions:` or create it.") from None
    module = ModuleType(name)
    module.__file__ = str(path)
    try:
        with _own_imports(path.parent):
            sys.modules[name] = module
            OWN[name] = OwnModule(str(path), hashlib.sha256(source).hexdigest(), None)
            _remember_lines(path, source)
            exec(compile(source, str(path), "exec"), vars(module))
    except InputError as error:
        sys.modules.pop(name, None)
        raise InputError(*(f"{_place(error, path)}: {said}" for said in error.problems)) from error
    except (Exception, SystemExit) as error:
        sys.modules.pop(name, None)
        said = f"{type(error).__name__}: {error}. {_remedy(error)}"
        raise InputError(f"{_place(error, path)}: {said}") from error
    return module


def _remedy(error: BaseException) -> str:
    if isinstance(error, TypeError) and str(error).endswith("argument: 'label'"):
        return 'Name the class to vote for, such as label="SPAM".'
    return "Mend the file."


def _load_module(name: str) -> ModuleType:
    try:
        with _own_imports(None):
            return importlib.import_module(name)
    except ImportError as error:
        raise InputError(f"{name}: {error}. Write a path that ends in .py, or install the module.") from error


def _remember_lines(path: Path, source: bytes) -> None:
    """Tell tracebacks and fingerprints the lines that are run, whatever happens to the file meanwhile."""
    lines = importlib.util.decode_source(source).splitlines(keepends=True)
    linecache.cache[str(path)] = (len(source), None, lines, str(path))


@contextmanager
def _own_imports(folder: Path | None) -> Iterator[None]:
    """Let a file import what lies beside it, in its present form, and note what it imported."""
    _forget_edited()
    _forget_others(folder)
    _look_in(folder)
    before, writes = set(sys.modules), sys.dont_write_bytecode
    # Two edits within a second can leave byte code that seems to fit and does not.
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        for name in sys.modules.keys() - before - OWN.keys():
            file = file_of(sys.modules[name])
            if file and is_own_file(file):
                beside = folder is not None and name.partition(".")[0] not in ENGINE
                OWN[name] = OwnModule(file, file_digest(file) or "", folder if beside else None)


def _look_in(folder: Path | None) -> None:
    """Have a folder searched after all that was there before, and ahead of other such folders."""
    place = str(folder)
    if folder is not None and (place in FOLDERS or place not in sys.path):
        sys.path[:] = [entry for entry in sys.path if entry not in FOLDERS]
        FOLDERS[:] = [place, *(other for other in FOLDERS if other != place)]
        sys.path.extend(FOLDERS)
    importlib.invalidate_caches()


def _forget_edited() -> None:
    """Have all modules of the user's own imported anew where one was edited: a process may see many edits."""
    if any(file_digest(module.file) != module.digest for module in OWN.values()):
        _forget(list(OWN))


def _forget_others(folder: Path | None) -> None:
    """Forget what lies beside the functions of another folder: modules there may have the same names."""
    _forget([name for name, module in OWN.items() if module.folder not in (None, folder)])


def _forget(names: Sequence[str]) -> None:
    for name in names:
        sys.modules.pop(name, None)
        linecache.cache.pop(OWN.pop(name).file, None)


def _place(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{path}:{frames[-1].lineno}" if frames else str(path)
