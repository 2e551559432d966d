"""What suggestions do to people: answers they lead, wrong ones that are accepted, seconds they save.

Chance holds some suggestions back, so answers with and without one are to items of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.people.resampling import Estimate, bootstrap
from labeling.people.responses import Responses
from labeling.people.shares import Share
from labeling.types import ABSTAIN, Bools, Floats, Ints


@dataclass(frozen=True)
class Anchoring:
    """What suggestions do.

    Attributes
    ----------
    shown, withheld : Share
        Answers that name the suggested class, among those that saw it and those that did not.
    led : Estimate
        The difference: share of all answers that became the suggested class by its being shown.
    accepted : Estimate
        The same among the items at which people on their own name another class: of such suggestions, how
        many are accepted when they are shown. Their own slips count, too.
    wrong_shown, wrong_withheld : Share
        Answers that name the suggested class, among those at which it is wrong by what is known, else by
        what others say.
    saved : Estimate
        Seconds that an answer which names the suggested class takes less when that is shown; breaks left out.
    """

    shown: Share
    withheld: Share
    led: Estimate
    accepted: Estimate
    wrong_shown: Share
    wrong_withheld: Share
    saved: Estimate

    @property
    def said(self) -> str:
        """The same in words."""
        if self.accepted.value is None:
            return "too few were withheld or shown so far: what suggestions do to people cannot be told"
        led = "suggestions lead people" if self.found else "no sign that suggestions lead people"
        parts = [f"{led}: of those they would not make themselves, {self.accepted} are accepted"]
        if self.wrong_shown.among:
            unaided = f"{self.wrong_withheld} where they are withheld"
            parts += [f"of those known to be wrong, {self.wrong_shown} are accepted, {unaided}"]
        if self.saved.value is not None:
            parts += [f"one that is kept saves {self.saved} seconds"]
        return "; ".join(parts)

    @property
    def found(self) -> bool:
        """Whether suggestions lead people, beyond what chance explains."""
        return self.led.low is not None and self.led.low > 0

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        names = ("shown", "withheld", "led", "accepted", "wrong_shown", "wrong_withheld", "saved")
        parts = {name: getattr(self, name).to_dict() for name in names}
        return {**parts, "found": self.found, "said": self.said}


def anchoring(responses: Responses, standard: Ints, seed: int = 0) -> Anchoring:
    """Measure what suggestions do.

    Parameters
    ----------
    responses : Responses
        a answers.
    standard : array of int, shape (a,)
        Classes that no suggestion led to: known ones, or what others said who saw none; -1 without.
    """
    said, shown = responses.answers.labels, responses.shown
    held = responses.withheld != ABSTAIN
    suggested = np.where(shown, responses.suggested, responses.withheld)
    same = said == suggested
    wrong = (standard != ABSTAIN) & (suggested != standard)
    took = shown | held
    parts = np.column_stack([shown, shown & same, held, held & same])[took]
    led, accepted = bootstrap(by_item(parts, responses.answers.items[took]), _led_and_accepted, seed)
    return Anchoring(
        shown=Share.of(same, shown),
        withheld=Share.of(same, held),
        led=led,
        accepted=accepted,
        wrong_shown=Share.of(same, shown & wrong),
        wrong_withheld=Share.of(same, held & wrong),
        saved=saved_seconds(responses, same & took & ~wrong, shown, seed),
    )


def by_item(parts: Floats | Bools, items: Ints) -> Floats:
    """Add up what answers amount to, (a, s), over items, (m, s): a suggestion is shown to all or none."""
    present, places = np.unique(items, return_inverse=True)
    found = np.zeros((len(present), parts.shape[1]))
    np.add.at(found, places, parts)
    return found


def _led_and_accepted(sums: Floats) -> Floats:
    """Give the share of answers that were led, and of suggestions not shared unaided that were taken, (b, 2).

    Whom a suggestion does not lead keeps to what they would have said; so the share that does not name the
    suggested class shrinks, from unaided to aided, by the share of such suggestions that is accepted.
    """
    shown, kept, held, named = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        led = kept / shown - named / held
        return np.stack([led, led / (1 - named / held)], axis=1)


def saved_seconds(responses: Responses, same: Bools, shown: Bools, seed: int = 0) -> Estimate:
    """Give how many seconds less an answer in the mask ``same`` takes where a suggestion was shown."""
    seconds = responses.unbroken
    timed = same & np.isfinite(seconds)
    held = ~shown[timed]
    parts = np.column_stack([held, held * seconds[timed], ~held, ~held * seconds[timed]])

    def measure(sums: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(sums[:, [1]] / sums[:, [0]] - sums[:, [3]] / sums[:, [2]])

    return bootstrap(by_item(parts, responses.answers.items[timed]), measure, seed)[0]
