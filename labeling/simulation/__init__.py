"""How many answers buy how much accuracy: the loop replayed on known labels, against other ways."""

from labeling.simulation.study import Simulation, simulate

__all__ = ["Simulation", "simulate"]
