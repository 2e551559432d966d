"""Snorkel's training (Ratner et al., 2019), step for step, from co-vote counts alone.

It follows snorkel 0.10: the same start from the same seed, the same loss, 100 steps of gradient descent with
momentum in float32, the same choice among permuted solutions. The gradient is written out; products and norms
are torch's, for those of another library round differently, and near the floor of mu that shows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from labeling.label_models.co_votes import CoVotes
from labeling.types import Floats

EPOCHS = 100
MOMENTUM = 0.9
PRECISION_AT_START = 0.7
LARGEST_FLOOR = 0.01
EQUAL_BALANCE_DIGITS = 3

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Training:
    """What one run gave.

    Attributes
    ----------
    mu : array of float32, shape (m * k, k)
        Before it is limited to probabilities; not finite where the run diverged.
    losses : array, shape (epochs,)
        Before each step; shorter where the run was given up.
    """

    mu: Singles
    losses: Floats

    @property
    def finite(self) -> bool:
        """Whether all of it is finite."""
        return bool(np.isfinite(self.mu).all() and np.isfinite(self.losses).all())

    @property
    def converging(self) -> bool:
        """Whether it is finite and the loss fell."""
        return self.finite and bool(self.losses[-1] <= self.losses[0])


def overlap_rates(statistics: CoVotes) -> Singles:
    """Give the share of rows of each pair of votes, shape (m * k, m * k), rounded as snorkel does."""
    rates = np.empty(statistics.counts.shape, dtype=np.float32)
    np.divide(statistics.counts, statistics.rows, out=rates, casting="unsafe")
    return rates


def start(rates: Singles, balance: Floats, seed: int) -> Singles:
    """Give the first mu, shape (m * k, k): a precision of .7, scaled by one random number.

    Parameters
    ----------
    rates : array of float32, shape (m * k,)
        How often each voter says each class.
    balance : array, shape (k,)
    seed : int, in [0, 2^32)
    """
    k = len(balance)
    precise = np.float32(PRECISION_AT_START) * rates.reshape(-1, k) / balance.astype(np.float32)
    mu = np.zeros((*precise.shape, k), dtype=np.float32)
    mu[:, np.arange(k), np.arange(k)] = np.clip(precise, 0, 1)
    shrink = np.float32(np.random.RandomState(seed).random_sample())
    return mu.reshape(-1, k) * shrink


def train(rates: Singles, balance: Floats, seed: int, step: float) -> Training:
    """Run ``EPOCHS`` steps of gradient descent; one that is no longer finite is given up.

    Parameters
    ----------
    rates : array of float32, shape (m * k, m * k)
    balance : array, shape (k,)
        Positive.
    seed : int
    step : float, above 0
    """
    said, p = np.diag(rates).copy(), balance.astype(np.float32)
    mu = start(said, balance, seed)
    elsewhere, velocity = other_voters(len(said), len(p)), np.zeros_like(mu)
    losses: list[float] = []
    with np.errstate(all="ignore"), one_torch_thread():
        for _ in range(EPOCHS):
            gradient, loss = loss_gradient(rates, said, p, mu, elsewhere)
            losses.append(loss)
            if not np.isfinite(loss):
                break
            velocity = np.float32(MOMENTUM) * velocity + gradient
            mu = _rounded_once(mu, -np.float32(step), velocity)
    return Training(mu, np.array(losses))


def other_voters(width: int, k: int) -> npt.NDArray[np.bool_]:
    """Mask the entries of O, shape (m * k, m * k), that pair votes of two different voters."""
    voter = np.arange(width) // k
    return np.asarray(voter[:, None] != voter)


def loss_gradient(
    rates: Singles, said: Singles, p: Singles, mu: Singles, elsewhere: npt.NDArray[np.bool_]
) -> tuple[Singles, float]:
    """Give gradient, shape (d, k), and value of ``|(O - mu P mu')[elsewhere]|^2 + |mu p - diag O|^2``.

    Sums, products and their order are those of torch's automatic differentiation: the result is the same to
    the last bit, and errors of rounding do not tell this training from snorkel's.

    Parameters
    ----------
    rates : array of float32, shape (d, d)
        O.
    said : array of float32, shape (d,)
        Its diagonal.
    p : array of float32, shape (k,)
    mu : array of float32, shape (d, k)
    elsewhere : mask, shape (d, d)
    """
    weighted = mu * p
    residual = _product(weighted, mu.T)
    np.subtract(rates, residual, out=residual)
    excess = _row_sums(weighted) - said
    distance, surplus = _norm(residual[elsewhere]), _norm(excess)
    residual *= elsewhere
    _square_gradient(residual, distance)
    _square_gradient(excess, surplus)
    np.negative(residual, out=residual)
    gradient = excess[:, None] * p + _product(residual.T, weighted) + _product(residual, mu) * p
    return gradient, float(distance**2 + surplus**2)


def _square_gradient(x: Singles, norm: np.float32) -> None:
    """Turn x into the gradient of ``norm(x) ** 2``, 2 x but for rounding, in place."""
    if norm > 0:
        x /= norm
        x *= 2 * norm


def _rounded_once(mu: Singles, factor: np.float32, velocity: Singles) -> Singles:
    """Give ``mu + factor * velocity`` with one rounding, as a fused multiply-add."""
    return (mu.astype(float) + float(factor) * velocity.astype(float)).astype(np.float32)


def _product(left: Singles, right: Singles) -> Singles:
    import torch

    return np.asarray(torch.mm(torch.from_numpy(left), torch.from_numpy(right)).numpy())


def _norm(x: Singles) -> np.float32:
    import torch

    return np.float32(torch.norm(torch.from_numpy(x)))


def _row_sums(x: Singles) -> Singles:
    import torch

    return np.asarray(torch.from_numpy(x).sum(1).numpy())


@contextlib.contextmanager
def one_torch_thread() -> Iterator[None]:
    """Keep torch to one thread: with several a fit takes many times as long on a busy machine."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def smallest_probability(rows: int) -> float:
    """Give snorkel's floor of mu: a power of ten at or below one in ``rows``, at most .01."""
    return float(min(LARGEST_FLOOR, 1 / 10 ** np.ceil(np.log10(rows))))


def most_trusting(mu: Floats, balance: Floats) -> Floats:
    """Permute columns of equal class balance so that voters are right most often.

    The loss does not tell such columns apart (label switching).

    Parameters
    ----------
    mu : array, shape (m * k, k)
    balance : array, shape (k,)
    """
    k = len(balance)
    right = mu.reshape(-1, k, k).sum(axis=0) * balance
    rounded = np.around(balance.astype(np.float32), EQUAL_BALANCE_DIGITS)
    order = np.arange(k)
    for value in np.unique(rounded):
        group = np.flatnonzero(rounded == value)
        column, place = linear_sum_assignment(-right[np.ix_(group, group)].T)
        order[group[place]] = group[column]
    return np.asarray(mu[:, order])
