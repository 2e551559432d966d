"""Whether the server's cache works: looked at as soon as a second call is answered, and said once."""

from __future__ import annotations

from dataclasses import dataclass, field

from labeling.project import Progress
from labeling.spending import Tally

IDLE = "caching does nothing here: the prefix is below the model's minimum"
UNREAD = "the cache is written and never read: calls come too late for it, or a server does not keep it"


@dataclass
class CacheWatch:
    """A progress that also looks at the tally of the run.

    Parameters
    ----------
    name : str
        Of the voter.
    tally : Tally
    progress : callable
    expected : bool
        Whether requests ask for the cache, of a server that is known to have one.
    """

    name: str
    tally: Tally
    progress: Progress
    expected: bool
    remark: str | None = field(default=None, init=False)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show progress, after the remark if there is one now."""
        self.look()
        self.progress(what, done, total)

    def look(self) -> None:
        """Say once what is wrong with the cache, if two calls were answered and neither read from it."""
        if self.remark is None and self.expected and self.tally.answered - self.tally.cached > 1:
            self.remark = cache_remark(self.tally)
            if self.remark:
                self.progress(f"{self.name}: {self.remark}", 0, 0)


def cache_remark(tally: Tally) -> str | None:
    """Say what is wrong with the server's cache; None where it is read from."""
    tokens = tally.tokens
    if tokens.cache_read or not tokens.input + tokens.cache_write:
        return None
    return UNREAD if tokens.cache_write else IDLE
