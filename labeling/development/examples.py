"""The examples beside the functions: which of them do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labeling.development.bench import check_voters
from labeling.lf.examples import ExampleFailure, Voter, check_examples
from labeling.pool import project_functions
from labeling.project import Project


@dataclass(frozen=True)
class CheckedFunction:
    """One function: its examples, and those that fail."""

    name: str
    examples: int
    failures: tuple[ExampleFailure, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


@dataclass(frozen=True)
class ExampleReport:
    """The functions that were checked, in the order of the config."""

    functions: tuple[CheckedFunction, ...]

    @property
    def passed(self) -> bool:
        """Whether no example fails."""
        return not any(f.failures for f in self.functions)

    @property
    def without_examples(self) -> tuple[str, ...]:
        """Names of the functions that have none."""
        return tuple(f.name for f in self.functions if f.examples == 0)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "passed": self.passed,
            "examples": sum(f.examples for f in self.functions),
            "failed": sum(len(f.failures) for f in self.functions),
            "without_examples": list(self.without_examples),
            "functions": [f.to_dict() for f in self.functions],
        }


def check_functions(project: Project, names: Sequence[str] = ()) -> ExampleReport:
    """Check the examples of functions; no data are read.

    Parameters
    ----------
    names : sequence of str
        Functions to check; all of them if empty.

    Raises
    ------
    InputError
        No function has one of the names; or of the functions' file.
    """
    functions = project_functions(project)
    check_voters(names, (str(f.name) for f in functions))
    chosen = [f for f in functions if not names or f.name in names]
    return ExampleReport(tuple(_check(f, project.config.items.text_field) for f in chosen))


def _check(function: Voter, text_field: str) -> CheckedFunction:
    return CheckedFunction(str(function.name), len(function.examples), check_examples(function, text_field))
