"""Batches of which the answer was lost: looked for at the vendor before anything is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from labeling.spending.batch_patience import patiently
from labeling.spending.batch_run import BatchRun
from labeling.store import BatchStatus, StoredBatch, llm_batches
from labeling.types import Batch

SKEW = timedelta(minutes=10)
"""How far the vendor's clock may be from ours."""

GRACE = timedelta(seconds=30)
"""How long after its intent a batch may still appear at the vendor."""

LOOK_SECONDS = 1.0


async def recover(run: BatchRun, batch: StoredBatch) -> bool:
    """Find the batch that an intent without an id may have made, or give the intent up.

    A batch of the same size that no row knows is taken for it, until its results tell by their ids whether
    it is. Only where there is none, some time after the intent, its requests are asked again.

    Returns
    -------
    bool
        Whether there may be such a batch.
    """
    intended = datetime.fromisoformat(batch.intended_at)
    since = (intended - SKEW).astimezone(UTC).isoformat(timespec="microseconds")
    while True:
        found = await patiently(run.model, lambda: run.spending.completer.find(since))
        claims = await run.read(llm_batches.claims)
        possible = [f.batch_id for f in found if f.size == batch.size and _is_possible(run, batch, f, claims)]
        if unclaimed := [batch_id for batch_id in possible if batch_id not in claims]:
            await run.write(lambda tx: llm_batches.claim(tx, batch.number, unclaimed[0]))
        if possible:
            return True
        if datetime.now(UTC) >= intended + GRACE:
            await give_up(run, batch)
            return False
        run.say("looking for a batch whose answer was lost")
        await asyncio.sleep(LOOK_SECONDS)


def _is_possible(run: BatchRun, batch: StoredBatch, found: Batch, claims: Mapping[str, BatchStatus]) -> bool:
    """Whether a batch of the vendor may be ours; the claim of another intent may yet turn out wrong."""
    is_sure = claims.get(found.batch_id, BatchStatus.INTENDED) is not BatchStatus.INTENDED
    return not is_sure and (batch.number, found.batch_id) not in run.strangers


async def give_up(run: BatchRun, batch: StoredBatch) -> None:
    """Say that a batch was never made; its questions are asked again."""

    def refund(tx: Connection) -> list[str]:
        requests = [call.request for call in llm_batches.calls_of(tx, batch.number)]
        llm_batches.give_up(tx, batch.number)
        return requests

    for digest in await run.write(refund):
        run.questions.again(digest)
