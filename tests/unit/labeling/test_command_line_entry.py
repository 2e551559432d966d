"""The entry of the command line under signals."""

from __future__ import annotations

import subprocess
import sys

LOST = """
import signal, sys
import labeling.cli as cli

cli.LAST_SECONDS = 1
def waits_for_itself():
    import threading
    lock = threading.Lock()
    lock.acquire()
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        pass
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    lock.acquire()

sys.modules["labeling.cli.commands"] = type(sys)("labeling.cli.commands")
sys.modules["labeling.cli.commands"].main = waits_for_itself
cli.main()
"""


def test_an_interrupt_that_python_loses_ends_the_command_all_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOST], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr == ""
