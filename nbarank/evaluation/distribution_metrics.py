"""Scores of distributions over whole numbers: ranked probability score, coverage, PIT.

The formulas are sums of a line each, so none needs a library; tests check them against their
definitions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def ranked_probability(probability: Floats, observed: Whole) -> Floats:
    """Return [n] the ranked probability score, summed over thresholds (Epstein, 1969).

    Of a number such as wins this is the CRPS in its unit (Matheson & Winkler, 1976).

    Parameters
    ----------
    probability
        [n, values], rows sum to one.
    observed
        [n] column of what happened.
    """
    below = np.cumsum(probability, axis=1)
    happened = np.arange(probability.shape[1]) >= observed[:, None]
    return np.asarray(((below - happened) ** 2).sum(axis=1))


def pit_bounds(probability: Floats, observed: Whole) -> tuple[Floats, Floats]:
    """Return [n] the distribution function just below and at what happened.

    The probability integral transform of a whole number is spread evenly between the two (Czado,
    Gneiting & Held, 2009); uniform over cases if the distributions are right.
    """
    high = np.take_along_axis(np.cumsum(probability, axis=1), observed[:, None], axis=1)[:, 0]
    own = np.take_along_axis(probability, observed[:, None], axis=1)[:, 0]
    return high - own, high


def share_between(low: Floats, high: Floats, start: float, end: float) -> Floats:
    """Return [n] the share of [low, high] inside [start, end]; a point is in or out."""
    inside = np.clip(np.minimum(high, end) - np.maximum(low, start), 0.0, None)
    width = high - low
    point = (low >= start) & (low <= end)
    return np.where(width > 0, inside / np.where(width > 0, width, 1.0), point)


def central_width(probability: Floats, share: float) -> Floats:
    """Return [n] the distance between the two quantiles that leave out (1 - share) / 2 each."""
    below = np.cumsum(probability, axis=1)
    tail = (1.0 - share) / 2
    low = (below > tail).argmax(axis=1)
    high = (below >= 1.0 - tail - 1e-9).argmax(axis=1)
    return np.asarray(high - low, dtype=np.float64)
