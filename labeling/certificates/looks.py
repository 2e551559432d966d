"""How the tests of one audit share its error probability."""

from __future__ import annotations

FIRST_SHARE = 0.6
"""Of delta, for the first test: most audits are looked at once."""


def look_share(delta: float, test: int, looks: int) -> float:
    """Give the part of ``delta`` that a test spends: three fifths for the first, the rest in equal parts.

    Whatever a test accepts, it breaks its promise with probability at most the part that it spends, for it
    is given a scorer that knows nothing of the audit. The chance that any of the tests of a frame does so
    is at most the sum of the parts (Boole), which is ``delta``; how the tests depend on one another, which
    of them pass, and which of those that passed is kept in force has no part in this. It holds because the
    number of looks is fixed before the first answer is looked at.

    Compared with ``6 delta / (pi test)^2``, which never runs out, the thirtieth of thirty spends twenty
    times as much.

    Parameters
    ----------
    delta : float
        In (0, 1).
    test : int
        Number of the test within its audit frame, in [1, ``looks``].
    looks : int
        Tests that the frame is planned for.

    Raises
    ------
    ValueError
        The test is none of those planned.

    Examples
    --------
    >>> look_share(0.05, 1, 1), round(look_share(0.05, 1, 5), 4), round(look_share(0.05, 2, 5), 4)
    (0.05, 0.03, 0.005)
    """
    if not 1 <= test <= looks:
        raise ValueError(f"test {test} of {looks} planned ones")
    if looks == 1:
        return delta
    return FIRST_SHARE * delta if test == 1 else (1 - FIRST_SHARE) * delta / (looks - 1)
