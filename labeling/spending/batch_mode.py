"""Batch mode: all questions go to the vendor at once, at half the price, and are waited for."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import aclosing

from sqlalchemy import Connection

from labeling.spending.batch_recovery import recover
from labeling.spending.batch_run import BatchRun
from labeling.spending.batch_submission import refuse_if_poor, submit_all
from labeling.spending.batch_waiting import wait_for_all
from labeling.spending.context import Spending
from labeling.spending.crew import Crew
from labeling.spending.failures import gave_up
from labeling.spending.feed import Block, blocks
from labeling.spending.interrupts import interruptible
from labeling.spending.opening import give_up
from labeling.spending.tally import Tally
from labeling.store import llm_batches, llm_votes
from labeling.types import Item, LLMVoter


async def ask_batches(
    spending: Spending, voter: LLMVoter, items: Iterable[Item], *, total: int = 0, tally: Tally | None = None
) -> Tally:
    """Ask about the items that have no answer yet, in batches; one voter at a time.

    A batch and its calls are written down before it is made, so that none is made twice: one of which the
    answer was lost is looked for at the vendor first. Ctrl-C ends the waiting alone; the next run goes on
    with the batches that are out.

    Parameters
    ----------
    spending : Spending
    voter : LLMVoter
    items : iterable of Item
        Drawn block by block, in threads; those that are to be asked are kept until they are answered.
    total : int
        How many they are, for the progress; 0 shows none.
    tally : Tally, optional
        A fresh one to fill, for who wants the counts of a run that ends with an error too.

    Raises
    ------
    GateRefused
        The budget does not allow another call.
    InputError
        The key, the model or the address will not do, or another key made a batch that is out.
    Unavailable
        The server fails again and again, asks to wait for long, or the account is used up.
    KeyboardInterrupt
        The user ended it.
    """
    tally = Tally() if tally is None else tally
    run = BatchRun(spending, voter, tally, Crew(), total)
    begun = time.monotonic()
    try:
        with interruptible(run.crew.interrupt):
            await run.crew.run(_work(run, items))
    except KeyboardInterrupt:
        await _say_what_goes_on(run)
        raise
    finally:
        tally.seconds += time.monotonic() - begun
        tally.spent = None if spending.price is None else await run.spent()
    return tally


async def _work(run: BatchRun, items: Iterable[Item]) -> None:
    """Go in waves: what is known, what is to be asked, what came of it."""
    run.tally.lost += await run.write(lambda tx: give_up(tx, run.spending.store))
    await _feed(run, items)
    for batch in await run.open_batches():
        if batch.batch_id is None:
            await recover(run, batch)
    await submit_all(run)
    while await run.open_batches():
        await wait_for_all(run)
        await submit_all(run)
    await refuse_if_poor(run)
    if run.last_error is not None and run.answers == 0:
        raise gave_up(run.model, run.last_error, run.tally.unanswered)
    run.say("all batches are in")


async def _feed(run: BatchRun, items: Iterable[Item]) -> None:
    """Take what the ledger knows, and tell what is out from what is to be asked."""
    out = await run.read(lambda tx: llm_batches.open_requests(tx, run.model))
    async with aclosing(blocks(run.spending.store, run.voter, items)) as found:
        async for block in found:
            run.crew.check()
            await _keep(run, block)
            for question in block.questions:
                run.questions.add(question, is_out=question.request.digest in out)


async def _keep(run: BatchRun, block: Block) -> None:
    def put(tx: Connection) -> None:
        llm_votes.put(tx, block.read)

    if block.read:
        await run.write(put)
    for vote in (*block.voted, *block.read):
        run.tally.read(vote.reading, cached=True)


async def _say_what_goes_on(run: BatchRun) -> None:
    out = [batch for batch in await run.open_batches() if batch.batch_id is not None]
    if out:
        names = ", ".join(str(batch.batch_id) for batch in out)
        goes = "goes" if len(out) == 1 else "go"
        run.say(f"{names} {goes} on at the vendor; run the same command again to take the results over")
