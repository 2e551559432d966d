"""Calibration: what human labels say of a posterior, over items that were chosen rather than drawn."""
