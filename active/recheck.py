"""Which human labels a model that had not seen them confidently disagrees with: confident learning."""

from __future__ import annotations

import numpy as np

from labeling.types import Doubts, Floats, Ints


def class_thresholds(proba: Floats, labels: Ints) -> Floats:
    """Give how sure the model is, on average, of each class where people named it.

    Parameters
    ----------
    proba : array of float, shape (g, k)
        Class probabilities by models that had not seen the labels.
    labels : array of int, shape (g,)
        What people answered.

    Returns
    -------
    array of float, shape (k,)
        In [0, 1]; infinity for a class that nobody named.

    References
    ----------
    Northcutt, Jiang & Chuang (2021), Confident learning: estimating uncertainty in dataset labels.
    """
    named = np.bincount(labels, minlength=proba.shape[1])
    own = np.bincount(labels, weights=proba[np.arange(len(labels)), labels], minlength=proba.shape[1])
    return np.where(named > 0, own / np.maximum(named, 1), np.inf)


def doubts(proba: Floats, labels: Ints) -> Doubts:
    """Give the labels that are probably wrong, the most doubtful first.

    A label is in doubt where the model is as sure of another class as it is on average where people name
    that class, and surer than of the label. What makes one more doubtful is the lead of the other class.

    Parameters
    ----------
    proba : array of float, shape (g, k)
    labels : array of int, shape (g,)
        As ``class_thresholds`` takes them.
    """
    thresholds = class_thresholds(proba, labels)
    confident = np.where(proba >= thresholds, proba, -np.inf)
    instead = confident.argmax(axis=1)
    rows = np.arange(len(labels))
    lead = confident[rows, instead] - proba[rows, labels]
    found = np.flatnonzero(lead > 0)
    order = found[np.argsort(-lead[found], kind="stable")]
    return Doubts(order, instead[order], thresholds)
