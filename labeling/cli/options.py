"""What the commands share: the CONFIG argument, common options, how a result is shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def takes_config(command: F) -> F:
    """Give a command the CONFIG argument."""
    return click.argument("config", required=False)(command)


def takes_rescan(command: F) -> F:
    """Give a command the --rescan option."""
    return click.option(
        "--rescan", is_flag=True, help="Read the data anew, though size and time are the same."
    )(command)


def takes_json(command: F) -> F:
    """Give a command the --json option."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")(
        command
    )


def show(result: dict[str, Any], as_json: bool, human: Callable[[dict[str, Any]], None]) -> None:
    """Print a result for a program or for a person."""
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
    else:
        human(result)
