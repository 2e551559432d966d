"""One thread for sums: in another order they would give other numbers on another machine."""

from __future__ import annotations

from typing import Any

import scipy.linalg  # noqa: F401  (a controller knows the libraries that are loaded when it is made)
import sklearn.utils  # noqa: F401
from threadpoolctl import ThreadpoolController

THREADS = ThreadpoolController()


def one_thread() -> Any:
    """Give a context in which linear algebra runs on one thread."""
    return THREADS.limit(limits=1)
