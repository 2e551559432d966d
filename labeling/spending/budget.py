"""The budget of a model: what is spent, what is reserved for calls that are out, what may still be spent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from labeling.errors import GateRefused


@dataclass
class Budget:
    """US dollars of one model, in all runs together.

    Attributes
    ----------
    model : str
    limit : float, optional
        The hard cap; None is without end.
    spent : float
        What was billed, and the worst of what is not known.
    held : float
        Reserved for calls whose end is open.
    out : int
        How many these are.
    """

    model: str
    limit: float | None
    spent: float = 0.0
    held: float = 0.0
    out: int = 0
    _settled: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def reserve(self, worst: float | None) -> None:
        """Hold what a call may cost at most; waits while calls that are out may still leave enough.

        Raises
        ------
        GateRefused
            It does not fit, and no call is out.
        """
        while not self.fits(worst):
            if not self.out:
                raise GateRefused(self._refusal(worst or 0.0))
            self._settled.clear()
            await self._settled.wait()
        self.held += worst or 0.0
        self.out += 1

    def fits(self, worst: float | None) -> bool:
        """Whether a call may be sent now."""
        return self.limit is None or self.spent + self.held + (worst or 0.0) <= self.limit

    def settle(self, worst: float | None, cost: float | None) -> None:
        """Turn what was held for a call into what it cost: nothing if refunded, all of it if lost."""
        self.spent += cost or 0.0
        self.out -= 1
        # Sums of floats keep a rest, which must not stand for a call that is out.
        self.held = self.held - (worst or 0.0) if self.out else 0.0
        self._settled.set()

    def _refusal(self, worst: float) -> str:
        return (
            f"{self.model}: ${self.spent:.4f} of the budget of ${self.limit:.2f} is spent, and the next call "
            f"may cost ${worst:.4f}. All answers are kept; raise `budget` under voters.llm and run it again."
        )
