"""Every error that a user can meet, as one tree.

::

    QuorumError            exit 1   something failed
    ├── InputError         exit 2   what the user wrote is wrong (a list of places and remedies)
    ├── GateRefused        exit 3   a gate says no: certificate, export, budget, drift
    └── Unavailable        exit 1   a server, a lease or a package that is needed cannot be had
"""

from __future__ import annotations

from collections.abc import Sequence


class QuorumError(Exception):
    """Something failed; the message names the place, the value and the next step."""

    exit_code = 1


class InputError(QuorumError):
    """The user's input is wrong.

    Parameters
    ----------
    *problems : str
        One line each, ``place: expectation, got value. Next step.``; all that were found, not the first.
    """

    exit_code = 2

    def __init__(self, *problems: str) -> None:
        self.problems: Sequence[str] = problems
        super().__init__("\n".join(problems))


class GateRefused(QuorumError):
    """A gate refused: nothing is broken, but what was asked for may not be done."""

    exit_code = 3


class Unavailable(QuorumError):
    """A server, a lease or a package that this command needs cannot be had now."""
