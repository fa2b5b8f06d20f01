"""Intervals of means over seasons, by resampling whole seasons.

The thirty teams and the checkpoints of a season are not independent. A difference between two
rankers is therefore computed within each season, and seasons are drawn with replacement (cluster
bootstrap; Davison & Hinkley, 1997, section 3.8). All columns use the same draws, so that their
intervals are comparable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbarank.core.errors import EvaluationError

Floats = NDArray[np.float64]
COLUMNS_AT_ONCE = 256
"""Columns resampled together: 20 MB at 10,000 samples."""


@dataclass(frozen=True)
class Intervals:
    """Means over seasons with their intervals; every array is [columns].

    `low` and `high` are NaN if fewer than two seasons have a value.
    """

    mean: Floats
    low: Floats
    high: Floats
    share_positive: Floats
    """Share of the seasons with a value above zero."""
    seasons: NDArray[np.int64]


def season_intervals(
    values: Floats, random: np.random.Generator, samples: int, coverage: float
) -> Intervals:
    """Return mean and percentile interval of each column over seasons.

    Parameters
    ----------
    values
        [seasons, columns]: one value per season, for example the difference of two rankers'
        Spearman. NaN: no value, left out of that column.
    samples
        Number of resamplings.
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
    n_seasons = len(values)
    draws = random.multinomial(n_seasons, np.full(n_seasons, 1 / n_seasons), size=samples)
    bounds = np.full((2, values.shape[1]), np.nan)
    tails = [(1.0 - coverage) / 2.0, (1.0 + coverage) / 2.0]
    enough = np.flatnonzero(counts >= 2)
    for start in range(0, len(enough), COLUMNS_AT_ONCE):
        columns = enough[start : start + COLUMNS_AT_ONCE]
        bounds[:, columns] = _quantiles(values[:, columns], draws, tails)
    filled = np.where(known, values, 0.0)
    return Intervals(
        mean=np.asarray(filled.sum(axis=0) / counts),
        low=bounds[0],
        high=bounds[1],
        share_positive=np.asarray((filled > 0).sum(axis=0) / counts),
        seasons=np.asarray(counts),
    )


def _quantiles(values: Floats, draws: NDArray[np.int64], tails: list[float]) -> Floats:
    """Return [tails, columns], quantiles of the resampled means."""
    known = np.isfinite(values)
    weight = (draws @ known).astype(np.float64)
    total = draws @ np.where(known, values, 0.0)
    if known.all():
        return np.asarray(np.quantile(total / weight, tails, axis=0))
    # A draw without any season that has a value is no sample of this mean.
    means = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
    return np.asarray(np.nanquantile(means, tails, axis=0))
