"""The local Messages server as a process of its own, with its options."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.messages_faults import Chance
from tests.messages_model import by_digest, recorded
from tests.messages_server import KINDS, MODELS, MessagesServer


@contextmanager
def running(log: Path, *options: str) -> Iterator[str]:
    """Run a server as a process of its own; gives its address."""
    command = [sys.executable, "-m", "tests.messages_server", "--log", str(log), *options]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _arguments(arguments: Sequence[str] | None = None) -> MessagesServer:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="hosted")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--labels", default="", help="what to answer where the request has no schema")
    parser.add_argument("--answers", type=Path, help="JSON Lines of recorded answers")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--batch-seconds", type=float, default=0.0)
    parser.add_argument("--in-flight", type=int)
    parser.add_argument("--faults", default="", help="for the first messages, in order, with commas")
    parser.add_argument("--batch-faults", default="", help="for the first creations of batches")
    parser.add_argument("--item-faults", default="", help="for the first requests of batches")
    parser.add_argument("--chance", default="", help="faults at random, with commas")
    parser.add_argument("--rate", type=float, default=0.1, help="share of messages that they hit")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    server = MessagesServer(
        answer=recorded(given.answers) if given.answers else by_digest(tuple(_names(given.labels))),
        kind=given.kind,
        port=given.port,
        log=given.log,
        models=_names(given.models),
        latency=given.latency,
        batch_seconds=given.batch_seconds,
        in_flight=given.in_flight,
        chance=Chance(_names(given.chance), given.rate, given.seed),
    )
    server.fail(*_names(given.faults))
    server.fail(*_names(given.batch_faults), route="batches")
    server.fail(*_names(given.item_faults), route="batch_items")
    return server


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def main() -> None:
    """Serve until ended."""
    asyncio.run(_arguments().announce())
