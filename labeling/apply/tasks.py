"""What is left to compute, cut into chunks that take about a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labeling.types import Bools

FIRST_ITEMS = 64
MOST_ITEMS = 20_000
SHARE = 4
SHORT_SECONDS = 0.2
LONG_SECONDS = 0.8

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """Places of a block that some functions, by number, have to be called on."""

    block: int
    places: Places
    functions: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.places) * len(self.functions)


def group_tasks(block: int, missing: Mapping[int, Bools]) -> list[Task]:
    """Put functions that lack the same places together, so that these are prepared once.

    Parameters
    ----------
    missing : mapping of int to mask, shape (places,)
        By function.
    """
    alike: dict[bytes, list[int]] = {}
    for function, mask in missing.items():
        if mask.any():
            alike.setdefault(mask.tobytes(), []).append(function)
    return [
        Task(block, np.flatnonzero(np.frombuffer(mask, dtype=bool)), tuple(functions))
        for mask, functions in alike.items()
    ]


class Queue:
    """Tasks in line; what is taken from it grows until a chunk takes long enough.

    Parameters
    ----------
    tasks : iterable of Task
    most_cells : int
        Items times rows of calls that a chunk may have.
    """

    def __init__(self, tasks: Iterable[Task], most_cells: int) -> None:
        self._tasks = deque(tasks)
        self._most_cells = most_cells
        self._items = FIRST_ITEMS

    @property
    def calls(self) -> int:
        """Calls that are left."""
        return sum(map(len, self._tasks))

    def put_back(self, tasks: Iterable[Task]) -> None:
        """Take tasks in again, to be done next."""
        self._tasks.extendleft(tasks)

    def take(self, rows: int = 1) -> Task | None:
        """Take the next chunk; None where nothing is left. ``rows`` is the most calls of an item."""
        if not self._tasks:
            return None
        task = self._tasks.popleft()
        # Towards the end chunks get smaller, so that no process waits long for another.
        share = max(len(task.places) // SHARE, FIRST_ITEMS)
        items = max(min(self._items, self._most_cells // rows, share), 1)
        if len(task.places) > items:
            self._tasks.appendleft(Task(task.block, task.places[items:], task.functions))
        return Task(task.block, task.places[:items], task.functions)

    def took(self, seconds: float) -> None:
        """Learn how long a chunk took."""
        if seconds < SHORT_SECONDS:
            self._items = min(self._items * 2, MOST_ITEMS)
        elif seconds > LONG_SECONDS:
            self._items = max(self._items // 2, 1)
