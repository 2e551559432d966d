"""The libraries that scores depend on."""

from __future__ import annotations

from importlib.metadata import version

LIBRARIES = ("numpy", "scikit-learn", "scipy", "snorkel", "torch", "modAL-python")


def library_versions() -> list[tuple[str, str]]:
    """Give their names and installed versions."""
    return [(name, version(name)) for name in LIBRARIES]
