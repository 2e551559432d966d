"""Calibration: what human labels say of a posterior, over items that were chosen rather than drawn."""

from __future__ import annotations

from labeling.calibration.calibrators import Calibrator, Unchanged, fit_calibrator
from labeling.calibration.class_balance import ClassBalance, estimate_class_balance
from labeling.calibration.reliability import Reliability, measure_reliability
from labeling.calibration.selection import balancing_weights, trust

__all__ = [
    "Calibrator",
    "ClassBalance",
    "Reliability",
    "Unchanged",
    "balancing_weights",
    "estimate_class_balance",
    "fit_calibrator",
    "measure_reliability",
    "trust",
]
