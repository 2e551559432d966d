"""The advice of this package on the loop itself, together the ``Advisor`` port."""

from active.forecast import forecast
from active.recheck import doubts
from active.second_opinions import repeats, second_opinions
from active.stopping import spaced, stability

__all__ = ["doubts", "forecast", "repeats", "second_opinions", "spaced", "stability"]
