"""The rule by which proposed functions are taken without a person.

A function is taken where all of this holds:

- At least ``LEAST_JUDGED`` of its votes fall on gold that its author has not seen. With fewer, even one that
  is always right proves little: ten of ten prove .72.
- The lower end of Wilson's 95 % interval of its accuracy is at least ``LEAST_ACCURACY``: nine of ten right on
  a dozen items may as well be six of ten.
- That lower end is above what naming its class everywhere is right on. Where nine of ten items are of one
  class, a function for that class which is right nine times in ten says nothing.
- It votes on at least ``LEAST_COVERAGE`` of the items: below, it is not worth a line.
- No voter that is there, nor a better proposal, gives ``NEAR_IDENTICAL`` of its votes already: the label
  model would take one witness for two.

That it contradicts other voters is no reason against it: it may be right where they are wrong, and gold has
judged that. Each interval holds for itself: of forty functions that are just not good enough, one passes; the
label model, which weighs every voter, makes up for that. Review answers were chosen where voters are unsure,
so that accuracy on them is rather too low than too high.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labeling.development.trials import Trial, shared_votes
from labeling.redundancy import NEAR_IDENTICAL
from labeling.types import Codes, VoteMatrix

LEAST_JUDGED = 10
LEAST_ACCURACY = 0.7
LEAST_COVERAGE = 0.001


def objections(trial: Trial) -> Iterator[str]:
    """Say what the rule has against a function, taken by itself."""
    judged, (low, _) = trial.accuracy.judged, trial.interval
    if trial.coverage < LEAST_COVERAGE:
        yield f"votes on {trial.votes} items, a share of {LEAST_COVERAGE:g} is wanted"
    if judged < LEAST_JUDGED:
        yield f"{judged} of its votes can be judged, {LEAST_JUDGED} are wanted"
    elif low < LEAST_ACCURACY:
        yield f"its accuracy may be {low:.2f}, {LEAST_ACCURACY:g} is wanted"
    elif low <= trial.blind:
        yield f"its accuracy may be {low:.2f}, and naming the class everywhere has {trial.blind:.2f}"
    if trial.shared >= NEAR_IDENTICAL:
        yield f"{trial.twin} gives {trial.shared:.0%} of its votes already"


def apply_rule(
    trials: Sequence[Trial], codes: Codes, names: Sequence[str], n_classes: int
) -> list[tuple[str, ...]]:
    """Give the objections to each of m functions, none where the rule takes it; the best go first.

    Parameters
    ----------
    trials : sequence of Trial, length m
    codes : array of int8, shape (n, m)
        Their votes.
    names : sequence of str, length m
    n_classes : int
    """
    found = [tuple(objections(trial)) for trial in trials]
    order = sorted(range(len(trials)), key=lambda j: (-trials[j].interval[0], -trials[j].votes))
    taken: list[int] = []
    for j in order:
        if found[j]:
            continue
        before = VoteMatrix(codes[:, taken], tuple(names[i] for i in taken), n_classes)
        shares = shared_votes(codes[:, j], before)
        if shares.size and shares.max() >= NEAR_IDENTICAL:
            twin = before.voters[int(shares.argmax())]
            found[j] = (f"{twin}, proposed too, gives {shares.max():.0%} of its votes",)
        else:
            taken.append(j)
    return found
