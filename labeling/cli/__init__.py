"""The entry of the command line: whatever is interrupted from here on ends in words, not in a traceback."""

import faulthandler
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

STOPPED = "quorum: stopped; what was done is kept, the same command goes on from here"
LAST_SECONDS = 60
"""How long an interrupted command may take to put things in order."""


def main() -> None:
    """Run the command line; what the commands need is imported only now."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        from labeling.cli.commands import main as commands

        commands()
    except KeyboardInterrupt:
        sys.stderr.write(f"{STOPPED}\n")
        sys.exit(130)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    # Python drops what is raised in a callback of its import system and keeps the lock of it: the command
    # would wait for itself for ever. This watchdog needs no Python to run.
    faulthandler.dump_traceback_later(LAST_SECONDS, exit=True, file=os.open(os.devnull, os.O_WRONLY))
    raise KeyboardInterrupt
