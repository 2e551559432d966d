"""Chunks of work: nothing is lost or done twice, and their size follows the clock."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labeling.apply.tasks import FIRST_ITEMS, MOST_ITEMS, Queue, Task, group_tasks

MASKS = st.integers(1, 300).flatmap(
    lambda n: st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=1, max_size=5)
)


def cells(tasks: list[Task]) -> Counter[tuple[int, int]]:
    return Counter((j, int(place)) for task in tasks for j in task.functions for place in task.places)


@given(MASKS, st.integers(1, 50), st.integers(1, 3_000))
def test_every_missing_vote_is_in_one_chunk(masks: list[list[bool]], rows: int, most: int) -> None:
    missing = {j: np.array(mask) for j, mask in enumerate(masks)}
    queue = Queue(group_tasks(0, missing), most)
    assert queue.calls == sum(map(sum, masks))
    taken = []
    while (task := queue.take(rows)) is not None:
        taken.append(task)
        assert len(task.places) == 1 or len(task.places) * rows <= most
        queue.took(0.0)
    assert cells(taken) == Counter(
        {(j, i): 1 for j, m in enumerate(masks) for i, lacks in enumerate(m) if lacks}
    )


def test_functions_that_lack_the_same_share_a_chunk() -> None:
    lacks, other = np.array([True, False, True]), np.array([True, True, True])
    tasks = group_tasks(3, {0: lacks, 1: other, 2: lacks, 5: np.zeros(3, dtype=bool)})
    assert [(task.block, task.functions, task.places.tolist()) for task in tasks] == [
        (3, (0, 2), [0, 2]),
        (3, (1,), [0, 1, 2]),
    ]


def test_chunks_grow_while_they_are_short_and_shrink_when_they_are_long() -> None:
    queue = Queue([Task(0, np.arange(10**6), (0,))], 1 << 20)

    def next_size(seconds: float) -> int:
        task = queue.take()
        assert task is not None
        queue.took(seconds)
        return len(task.places)

    assert [next_size(s) for s in (0.01, 0.01, 0.5, 2.0, 2.0, 0.5)] == [
        FIRST_ITEMS,
        2 * FIRST_ITEMS,
        4 * FIRST_ITEMS,
        4 * FIRST_ITEMS,
        2 * FIRST_ITEMS,
        FIRST_ITEMS,
    ]
    sizes = [next_size(0.0) for _ in range(12)]
    assert max(sizes) == MOST_ITEMS


def test_what_is_put_back_comes_next() -> None:
    queue = Queue([Task(0, np.arange(10), (0,)), Task(1, np.arange(10), (0,))], 100)
    first = queue.take()
    assert first is not None
    queue.put_back([Task(7, np.arange(1), (2,))])
    after = queue.take()
    assert after is not None
    assert after.block == 7
