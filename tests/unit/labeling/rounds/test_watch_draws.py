"""What the watch draws, and what it reads from the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from labeling.gold import GoldLabel
from labeling.rounds.watch import Draws, count_waiting, draw_more, settled, wrong_draws
from labeling.types import Bools, Lane


@dataclass(frozen=True)
class Texts:
    """Items with their clusters, as a draw sees them."""

    digests: Any
    clusters: Any

    def __len__(self) -> int:
        return len(self.digests)

    @property
    def cluster_groups(self) -> Any:
        names, unit = np.unique(self.clusters.astype(str), return_inverse=True)
        return names.astype(object), unit


def texts(n: int, *, equal: int = 1) -> Texts:
    digests = np.array([f"d{i}" for i in range(n)], dtype=object)
    return Texts(digests, np.array([f"c{i // equal}" for i in range(n)], dtype=object))


def nobody(n: int) -> Bools:
    return np.zeros(n, dtype=bool)


def more(draws: Draws, items: Texts, accepted: set[str], size: int, gone: Bools | None = None) -> Draws:
    picked = nobody(len(items.digests)) if gone is None else gone
    return draw_more(draws, items, accepted, picked, size, "salt")  # type: ignore[arg-type]


def test_draws_go_on_where_they_were_and_count_what_is_left() -> None:
    items = texts(20)
    accepted = {f"d{i}" for i in range(12)}
    first = more(Draws(), items, accepted, 3)
    second = more(first, items, accepted, 4)
    assert (len(first), len(second)) == (3, 7)
    assert second.texts[:3] == first.texts
    assert second.remaining == (12, 11, 10, 9, 8, 7, 6)
    assert second.contents <= accepted
    assert len(second.contents) == 7
    rest = more(second, items, accepted, 100)
    assert rest.contents == accepted
    assert more(rest, items, accepted, 5) == rest
    assert more(first, items, accepted, 0) == first


def test_what_selection_picked_is_drawn_no_more_but_what_was_drawn_stays() -> None:
    items, accepted = texts(10), {f"d{i}" for i in range(10)}
    first = more(Draws(), items, accepted, 2)
    gone = np.array([d in first.contents or d in {"d0", "d1", "d2"} for d in items.digests])
    second = more(first, items, accepted, 100, gone)
    assert second.texts[:2] == first.texts
    assert not (second.contents - first.contents) & {"d0", "d1", "d2"}
    assert second.remaining[2] == int((~gone).sum())


def test_equal_texts_are_one_draw_and_none_while_one_of_them_is_with_people() -> None:
    items, accepted = texts(12, equal=3), {f"d{i}" for i in range(12)}
    gone = np.array([d == "d4" for d in items.digests])
    drawn = more(Draws(), items, accepted, 9, gone)
    assert sorted(drawn.texts) == [("d0", "d1", "d2"), ("d6", "d7", "d8"), ("d9", "d10", "d11")]
    assert drawn.remaining == (3, 2, 1)


def test_every_accepted_text_is_as_likely_to_come_first() -> None:
    items, accepted = texts(8), {f"d{i}" for i in range(4)}
    firsts = [
        draw_more(Draws(), items, accepted, nobody(8), 1, f"salt {s}").texts[0][0]  # type: ignore[arg-type]
        for s in range(2000)
    ]
    counts = np.unique(firsts, return_counts=True)
    assert set(counts[0]) == accepted
    assert counts[1] == pytest.approx(500, abs=5 * np.sqrt(2000 * 3 / 16))


def test_draws_survive_storage() -> None:
    drawn = more(Draws(), texts(12, equal=3), {f"d{i}" for i in range(11)}, 3)
    assert Draws.from_table(drawn.table()) == drawn
    assert Draws.from_table(Draws().table()) == Draws()


def said(label: str | None) -> GoldLabel:
    return GoldLabel("d", label, 1.0, ("anna",), Lane.AUDIT)


def test_only_a_settled_answer_can_be_otherwise() -> None:
    draws = Draws((("a",), ("b",), ("c",), ("d",), ("e", "f"), ("g", "h")), (9, 8, 7, 6, 5, 4))
    labels = dict.fromkeys("abcdefgh", "HAM")
    gold = {"a": said("SPAM"), "b": said("HAM"), "c": said(None), "e": said("HAM"), "f": said("SPAM")}
    gold["g"] = said("SPAM")
    assert wrong_draws(draws, labels, gold).tolist() == [True, False, False, False, True, False]
    assert settled(("e", "f"), gold) == ("HAM", "SPAM")
    assert settled(("g", "h"), gold) is None


def test_what_is_skipped_or_gone_does_not_stop_the_watch() -> None:
    draws = Draws((("a",), ("b",), ("c",), ("d", "e"), ("f",)), (9, 8, 7, 6, 5))
    gold = {"a": said("HAM"), "b": said(None), "d": said("HAM")}
    assert count_waiting(draws, gold, set("abcde")) == 2
    assert count_waiting(draws, gold, set()) == 0
