"""Waiting for batches: looked at now and then, taken over as each ends."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from labeling.errors import InputError
from labeling.spending.batch_patience import patiently
from labeling.spending.batch_recovery import recover
from labeling.spending.batch_results import settle
from labeling.spending.batch_run import BatchRun
from labeling.spending.failures import Verdict, stopped, verdict
from labeling.store import BatchCall, CallStatus, Settlement, StoredBatch, llm_batches, llm_calls
from labeling.types import Batch, CompletionError, Failure

FIRST_SECONDS, MOST_SECONDS, GROWTH = 0.5, 60.0, 1.3
"""How long is waited between two looks: from, to, and by how much longer each time."""

KEPT_FOR = timedelta(days=29)
"""How long a vendor keeps the results of a batch."""


async def wait_for_all(run: BatchRun) -> None:
    """Wait until all batches of the model are settled, and settle them."""
    begun, seconds = time.monotonic(), FIRST_SECONDS
    while batches := await run.open_batches():
        run.crew.check()
        if not await _look(run, batches):
            run.say(_describe(batches, time.monotonic() - begun))
            await asyncio.sleep(seconds)
            seconds = min(MOST_SECONDS, seconds * GROWTH)


async def _look(run: BatchRun, batches: list[StoredBatch]) -> bool:
    """Take each batch a step further; whether one went further."""
    moved = False
    for batch in batches:
        if batch.batch_id is None:
            moved |= not await recover(run, batch)
        elif (state := await _poll(run, batch)) is None:
            moved = True
        elif state.ended:
            await patiently(run.model, partial(settle, run, batch))
            if run.last_error is not None and verdict(run.last_error) is Verdict.STOP:
                raise stopped(run.model, run.last_error)
            moved = True
    return moved


async def _poll(run: BatchRun, batch: StoredBatch) -> Batch | None:
    """Look at a batch; None where it is not there any more."""
    batch_id = batch.batch_id
    assert batch_id is not None

    async def look() -> Batch | None:
        try:
            return await run.spending.completer.poll(batch_id)
        except CompletionError as error:
            if error.failure is Failure.NOT_FOUND:
                return None
            raise

    state = await patiently(run.model, look)
    if state is None:
        await _lose(run, batch)
    return state


async def _lose(run: BatchRun, batch: StoredBatch) -> None:
    """Give up a batch whose results are no longer kept; its calls may have been billed.

    Raises
    ------
    InputError
        They should be: another key made it.
    """
    if datetime.now(UTC) < datetime.fromisoformat(batch.intended_at) + KEPT_FOR:
        raise InputError(
            f"{run.model}: the batch {batch.batch_id} of {batch.intended_at[:16]} is not there for this key. "
            "Use the key that made it, or set mode: direct to ask without it."
        )

    def lose(tx: Connection) -> list[BatchCall]:
        calls = llm_batches.calls_of(tx, batch.number)
        lost = [call for call in calls if call.status is CallStatus.INTENDED]
        llm_calls.settle(tx, (Settlement(call.id, CallStatus.LOST) for call in lost))
        llm_batches.ended(tx, batch.number)
        return lost

    lost = await run.write(lose)
    run.tally.lost += len(lost)
    for call in lost:
        run.questions.again(call.request)


def _describe(batches: list[StoredBatch], seconds: float) -> str:
    requests = sum(batch.size for batch in batches)
    many = "a batch" if len(batches) == 1 else f"{len(batches)} batches"
    return f"{many} of {requests:,} requests at the vendor, waited {_span(seconds)}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
