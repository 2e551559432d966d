"""Whose code is whose: the user's own counts by its source, everybody else's by its version."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

ENGINE = Path(__file__).parents[1]
ENGINE_FOLDERS = tuple(f"{ENGINE.parent / name}/" for name in ("labeling", "active", "integrations"))
INSTALLED = tuple(f"{sysconfig.get_path(name)}/" for name in ("stdlib", "platstdlib", "purelib", "platlib"))
FOLDERS_OF_PACKAGES = ("/site-packages/", "/dist-packages/")


def is_own_file(file: str | None) -> bool:
    """Tell whether code of a file is the user's: not Python's, not an installed package's, not the engine's.

    Examples
    --------
    >>> import re
    >>> is_own_file("/home/ann/spam/lfs/spam.py"), is_own_file(re.__file__), is_own_file("_ops.py")
    (True, False, False)
    """
    # Torch names modules that it makes up after files which are nowhere.
    if not file or file.startswith("<frozen") or not Path(file).is_absolute():
        return False
    return not (
        file.startswith((*INSTALLED, *ENGINE_FOLDERS)) or any(part in file for part in FOLDERS_OF_PACKAGES)
    )


def is_own_code(file: str, module: str) -> bool:
    """Tell whether code is the user's; what was generated, such as a dataclass's methods, is its module's."""
    return is_own_module(module) if file.startswith("<") else is_own_file(file)


def is_own_module(name: str | None) -> bool:
    """Tell whether an imported module is the user's; a notebook, which has no file, is."""
    module = sys.modules.get(name or "")
    return name == "__main__" or is_own_file(file_of(module))


def file_of(module: ModuleType | None) -> str | None:
    """Give the source file of a module; None for those without."""
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else None


def version_of(name: str) -> str | None:
    """Give the version of the installed package that a module belongs to; None for Python's own."""
    top = name.partition(".")[0]
    if not top or top in sys.stdlib_module_names or top == "builtins":
        return None
    said = getattr(sys.modules.get(top), "__version__", None)
    return said if isinstance(said, str) else _recorded_version(top)


@cache
def _recorded_version(top: str) -> str | None:
    try:
        return metadata.version("quorum" if (ENGINE.parent / top).is_dir() else top)
    except metadata.PackageNotFoundError:
        distributions = metadata.packages_distributions().get(top)
        return metadata.version(distributions[0]) if distributions else None
