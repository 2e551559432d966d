from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from labeling.spending import feed
from labeling.spending.feed import BLOCK, Block, blocks
from labeling.types import CompletionError, Failure, Item
from tests.fakes import ReplayCompleter
from tests.ledgers import Ledger
from tests.llm_voters import PlainVoter, item, texts

VOTER = PlainVoter()
GOOD = '{"evidence": "", "label": "HAM", "confidence": "high"}'


def looked_up(ledger: Ledger, items: list[Item], voter: PlainVoter = VOTER) -> Block:
    return feed.look_up(ledger.store, voter, items)


def test_items_come_block_by_block(ledger: Ledger) -> None:
    drawn = []

    def items() -> object:
        for i, each in enumerate(texts(3 * BLOCK)):
            drawn.append(i)
            yield each

    async def scene() -> list[int]:
        sizes = []
        async for block in blocks(ledger.store, VOTER, items()):  # type: ignore[arg-type]
            sizes.append(len(block.questions))
            assert len(drawn) == sum(sizes)
        return sizes

    assert asyncio.run(scene()) == [BLOCK, BLOCK, BLOCK]


def test_nothing_known_is_all_asked(ledger: Ledger) -> None:
    block = looked_up(ledger, list(texts(3)))
    assert (block.voted, block.read) == ([], [])
    assert [q.request for q in block.questions] == [VOTER.request(each) for each in texts(3)]


def test_what_was_asked_is_not_asked_again(ledger: Ledger) -> None:
    ledger.ask(ReplayCompleter(lambda r: GOOD), list(texts(3)))
    block = looked_up(ledger, list(texts(5)))
    assert (len(block.voted), len(block.read), len(block.questions)) == (3, 0, 2)


def test_another_voter_with_the_same_request_takes_its_answer(ledger: Ledger) -> None:
    ledger.ask(ReplayCompleter(lambda r: GOOD), list(texts(3)))
    other = replace(VOTER, name="other@m")
    block = looked_up(ledger, list(texts(4)), other)
    assert [vote.reading.label for vote in block.read] == ["HAM"] * 3
    assert {vote.voter for vote in block.read} == {other.version}
    assert len(block.questions) == 1


def test_another_reader_reads_what_is_kept(ledger: Ledger) -> None:
    ledger.ask(ReplayCompleter(lambda r: GOOD), list(texts(3)))
    block = looked_up(ledger, list(texts(3)), replace(VOTER, reader=2))
    assert (len(block.voted), len(block.questions)) == (0, 0)
    assert {vote.reader for vote in block.read} == {2}


def test_a_repaired_answer_is_read_again_without_a_question(ledger: Ledger) -> None:
    said = iter(["no JSON", "still none"])
    ledger.ask(ReplayCompleter(lambda r: next(said)), list(texts(1)))
    block = looked_up(ledger, list(texts(1)), replace(VOTER, reader=2))
    assert (len(block.read), len(block.questions)) == (1, 0)


def test_what_is_too_long_stays_so_for_every_reader(ledger: Ledger) -> None:
    completer = ReplayCompleter()
    completer.fail(CompletionError(Failure.TOO_LARGE, "prompt is too long"))
    ledger.ask(completer, list(texts(1)))
    block = looked_up(ledger, list(texts(1)), replace(VOTER, reader=2))
    assert (len(block.voted), len(block.questions)) == (1, 0)


def test_an_answer_without_its_repair_is_repaired(ledger: Ledger) -> None:
    completer = ReplayCompleter(lambda r: "no JSON")
    completer.fail(None, CompletionError(Failure.INVALID, "this will not do"))
    ledger.ask(completer, list(texts(1)))
    [question] = looked_up(ledger, list(texts(1))).questions
    assert question.turn == 1


@pytest.mark.parametrize("n", [0, 1, BLOCK, BLOCK + 1])
def test_every_item_is_looked_up_once(ledger: Ledger, n: int) -> None:
    async def scene() -> int:
        return sum([len(block.questions) async for block in blocks(ledger.store, VOTER, texts(n))])

    assert asyncio.run(scene()) == n


def test_private_twins_share_a_request(ledger: Ledger) -> None:
    twins = [item("same", author="a"), item("same", author="b")]
    first, second = looked_up(ledger, twins).questions
    assert first.request.digest == second.request.digest
