"""The arms of a simulation: ways to spend answers that are compared with one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labeling.config.suggest import did_you_mean
from labeling.errors import InputError

DEFAULT_ARMS = ("quorum", "active_only", "random")


@dataclass(frozen=True)
class Arm:
    """One way to spend answers.

    Parameters
    ----------
    name : str
    votes : bool
        Whether the learner sees votes.
    strategy : str or None
        How items are chosen; None is as the config has it.
    audited : bool
        Whether part of the answers goes to an audit.
    baseline : str or None
        The name of what stands in place of the project's learner. People see no suggestion of it.
    """

    name: str
    votes: bool = True
    strategy: str | None = None
    audited: bool = False
    baseline: str | None = None


ARMS = {
    arm.name: arm
    for arm in (
        Arm("quorum", audited=True),
        Arm("active_only", votes=False),
        Arm("random", strategy="random"),
        Arm("modal", votes=False, baseline="modal"),
        Arm("snorkel", baseline="snorkel"),
    )
}


def chosen_arms(names: Sequence[str], strategies: Sequence[str] = ()) -> list[Arm]:
    """Give the arms of these names, and after them one of ``quorum`` with each of the strategies.

    Raises
    ------
    InputError
        No arm has the name, or there is none at all.

    Examples
    --------
    >>> [arm.name for arm in chosen_arms(["quorum", "modal"], ["margin"])]
    ['quorum', 'modal', 'quorum:margin']
    """
    if not names and not strategies:
        raise InputError(f"--arms: expected some of {', '.join(ARMS)}, got nothing. Write quorum,random.")
    wrong = [name for name in names if name not in ARMS]
    if wrong:
        raise InputError(
            *(f"--arms: expected some of {', '.join(ARMS)}, got {n!r}.{did_you_mean(n, ARMS)}" for n in wrong)
        )
    given = [Arm(f"quorum:{s}", strategy=s, audited=True) for s in strategies]
    return [*(ARMS[name] for name in dict.fromkeys(names)), *given]
