"""Platt calibration: from a difference in strength to the probability of winning a game.

Platt, 1999, "Probabilistic outputs for support vector machines". Two variants are compared on the
same games: one logistic curve on the stacked strength; or one curve per model, with the log-odds
averaged. Each curve has a slope and a home court; on neutral ground equal teams are at one half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from nbarank.core.errors import RankerError
from nbarank.core.rounding import rounded_number

Array = NDArray[np.float64]
NEWTON_STEPS, SMALLEST_STEP = 100, 1e-12


@dataclass(frozen=True)
class PlattCurve:
    """log-odds of the home side = slope x difference in strength + home court (if not neutral)."""

    slope: float
    home_court: float

    def log_odds(self, difference: Array, neutral: NDArray[np.bool_]) -> Array:
        """Return the home side's log-odds, [games]."""
        return self.slope * difference + self.home_court * ~neutral

    def probability(self, difference: Array, neutral: NDArray[np.bool_]) -> Array:
        """Return the home side's probability of winning, [games]."""
        return np.asarray(expit(self.log_odds(difference, neutral)))


def fit_platt(
    difference: Array,
    neutral: NDArray[np.bool_],
    home_won: NDArray[np.bool_],
    inverse_penalty: float,
) -> PlattCurve:
    """Fit a curve by penalised maximum likelihood to [games] home minus away strength.

    The penalty is half the sum of squares of slope and home court / `inverse_penalty`.

    Raises
    ------
    RankerError
        If more strength would mean fewer wins.
    """
    # Newton steps reach the last bits of the optimum, on every processor.
    design, weights = np.column_stack([difference, ~neutral]).astype(np.float64), np.zeros(2)
    for _ in range(NEWTON_STEPS):
        expected = expit(design @ weights)
        gradient = design.T @ (expected - home_won) + weights / inverse_penalty
        curvature = design.T @ (design * (expected * (1.0 - expected))[:, None])
        step = np.linalg.solve(curvature + np.eye(2) / inverse_penalty, gradient)
        weights = weights - step
        if np.abs(step).max() < SMALLEST_STEP:
            break
    slope, court = (rounded_number(value) for value in weights)
    if slope <= 0:
        raise RankerError(
            f"Stronger teams win less often (slope {slope:.3f}).",
            where=f"{len(difference)} games",
            allowed="scores that are higher for stronger teams",
            next_command="look at the orientation of data/oof and data/stack/stacked.parquet",
        )
    return PlattCurve(slope, court)


def combine(curves: Sequence[PlattCurve], differences: Array, neutral: NDArray[np.bool_]) -> Array:
    """Return the mean log-odds over models, [games]; `differences` is [games, models]."""
    odds = [curve.log_odds(differences[:, k], neutral) for k, curve in enumerate(curves)]
    return np.asarray(np.mean(odds, axis=0))
