from __future__ import annotations

import asyncio
import os
import signal
import threading

from labeling.spending.interrupts import interruptible


def test_signals_are_told_and_the_old_handlers_come_back() -> None:
    told: list[str] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    async def scene() -> None:
        with interruptible(lambda: told.append("end")):
            for number in before:
                os.kill(os.getpid(), number)
                await asyncio.sleep(0.01)

    with asyncio.Runner() as runner:
        runner.get_loop().run_until_complete(scene())
    assert told == ["end", "end"]
    assert {number: signal.getsignal(number) for number in before} == before


def test_what_is_ignored_stays_ignored() -> None:
    told: list[str] = []
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)

    async def scene() -> None:
        with interruptible(lambda: told.append("end")):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.01)

    try:
        asyncio.run(scene())
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
    assert told == []


def test_other_threads_leave_signals_alone() -> None:
    entered: list[bool] = []

    async def scene() -> None:
        with interruptible(lambda: None):
            entered.append(True)

    thread = threading.Thread(target=lambda: asyncio.run(scene()))
    thread.start()
    thread.join()
    assert entered == [True]
