"""Intervals of means over seasons.

The thirty teams and the checkpoints of a season are not independent. A difference between two
rankers is therefore computed within each season, and a season is one observation: Student's t over
seasons. `benchmarks/interval_coverage.py` compares its coverage with bootstrap intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from nbarank.core.errors import EvaluationError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Intervals:
    """Means over seasons with their intervals; every array is [columns].

    `low`, `high` and `p` are NaN if fewer than two seasons have a value.
    """

    mean: Floats
    low: Floats
    high: Floats
    p: Floats
    """Two-sided p-value of a mean of zero."""
    share_positive: Floats
    """Share of the seasons with a value above zero."""
    seasons: NDArray[np.int64]


def season_intervals(values: Floats, coverage: float) -> Intervals:
    """Return mean and t interval of each column over seasons.

    Parameters
    ----------
    values
        [seasons, columns]: one value per season, for example the difference of two rankers'
        Spearman. NaN: no value, left out of that column.
    coverage
        0.95 for a 95 % interval.

    Raises
    ------
    EvaluationError
        If `values` is not [seasons, columns], or a column has no value at all.
    """
    if values.ndim != 2 or len(values) == 0:
        raise EvaluationError(
            "Intervals need values by season.",
            where=f"an array of shape {values.shape}",
            allowed="[seasons, columns] with at least one season",
        )
    known = np.isfinite(values)
    counts = known.sum(axis=0)
    if (counts == 0).any():
        raise EvaluationError(
            "A column has no season with a value.",
            where=f"column(s) {np.flatnonzero(counts == 0)[:5]}",
            allowed="at least one season a column",
        )
    filled = np.where(known, values, 0.0)
    mean = np.asarray(filled.sum(axis=0) / counts)
    squares = np.where(known, values - mean, 0.0) ** 2
    freedom = np.where(counts >= 2, counts - 1.0, np.nan)
    error = np.sqrt(squares.sum(axis=0) / freedom / counts)
    half = stdtrit(freedom, (1.0 + coverage) / 2.0) * error
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2.0 * stdtr(freedom, -np.abs(mean) / error)
    return Intervals(
        mean=mean,
        low=mean - half,
        high=mean + half,
        p=np.where((error == 0.0) & (mean == 0.0), 1.0, p),
        share_positive=np.asarray((filled > 0).sum(axis=0) / counts),
        seasons=np.asarray(counts),
    )


def holm(p: ArrayLike) -> Floats:
    """Return p-values adjusted for all comparisons of one table (Holm, 1979); NaN stays."""
    values = np.asarray(p, dtype=np.float64)
    adjusted = np.full_like(values, np.nan)
    order = np.argsort(values)[: int(np.isfinite(values).sum())]
    steps = values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
