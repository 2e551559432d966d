"""Work on rows in chunks that stay in the processor's cache, on several threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

CELLS = 1 << 20
"""Cells of a chunk: votes times voters, or entries of a block of a matrix."""

T = TypeVar("T")
R = TypeVar("R")


def available_threads() -> int:
    """Give the number of processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def row_chunks(rows: int, width: int) -> list[slice]:
    """Cut ``rows`` rows of ``width`` cells into slices of about ``CELLS`` cells.

    Examples
    --------
    >>> row_chunks(5, CELLS // 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    size = max(1, CELLS // max(1, width))
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


def in_threads(function: Callable[[T], R], tasks: Iterable[T], threads: int) -> list[R]:
    """Apply a function to tasks on that many threads, in order; linear algebra keeps to one thread each."""
    with threadpool_limits(1):
        if threads == 1:
            return [function(task) for task in tasks]
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(function, tasks))
