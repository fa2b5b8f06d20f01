"""A ridge blend of a few inputs whose weights change linearly through the season.

Fitted on rows of teams it gives a score for ranking; on rows of games (home minus away) a strength
in points, because a blend of differences is the difference of blends. The penalty is on the
distance from the plain mean of the inputs: a handful of seasons cannot separate good models, and
the mean is the better estimate (Clemen, 1989, "Combining forecasts: a review and annotated
bibliography").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import RankerError
from nbarank.core.rounding import rounded
from nbarank.ensemble.params import StackingParams

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Blend:
    """A fitted blend: weights of `columns`, in their units, at the season's start and end.

    `alpha` is the chosen ridge penalty per row.
    """

    columns: tuple[str, ...]
    start: Array
    end: Array
    alpha: float

    def apply(self, inputs: Array, season_share: Array) -> Array:
        """Return the blend of [rows, inputs] in the order of `columns`, centred in their date.

        `season_share`: [rows], share of the regular season played.
        """
        weights = self.start + season_share[:, None] * (self.end - self.start)
        return np.asarray(np.einsum("rk,rk->r", inputs, weights))


def centred(frame: pd.DataFrame, columns: Sequence[str]) -> Array:
    """Return columns minus their mean over the teams of each season and date."""
    values = frame[list(columns)].astype("float64")
    dates = [frame["season"], frame["as_of"]]
    return (values - values.groupby(dates).transform("mean")).to_numpy()


def fit_blend(
    inputs: Array,
    season_share: Array,
    target: Array,
    seasons: NDArray[np.object_],
    columns: Sequence[str],
    params: StackingParams,
) -> Blend:
    """Fit a blend by ridge regression, with the penalty chosen on whole seasons left out.

    The choice is that of scikit-learn's `RidgeCV` with `LeaveOneGroupOut` and R², found from sums
    of squares of seasons.

    Parameters
    ----------
    inputs
        [rows, inputs], centred (or differences of two teams); scaled here, inside the fold.
    season_share
        [rows].
    target
        [rows], centred: margins without home court, or ranks as scores.
    seasons
        [rows], in any order.
    columns
        Names of the inputs.

    Raises
    ------
    RankerError
        If an input or the target is not finite, or there are no rows.
    """
    if not len(target) or not (np.isfinite(inputs).all() and np.isfinite(target).all()):
        raise RankerError(
            "The stack has no rows to fit, or values that are not finite.",
            where=f"{len(target)} rows of {', '.join(columns)}",
            allowed="finite out-of-fold scores of at least one earlier season",
            next_command="look at data/oof and at stacking.passthrough in params.yaml",
        )
    scale = inputs.std(axis=0)
    scale[scale == 0] = 1.0
    scaled = inputs / scale
    count = len(columns)
    design = scaled
    if params.season_share:
        share = season_share[:, None]
        design = np.hstack([scaled * (1 - share), scaled * share])
    prior = np.zeros(design.shape[1])
    if params.shrink_to_mean:
        parts = design.reshape(len(target), -1, count).mean(axis=2)
        prior = np.repeat(np.linalg.lstsq(parts, target, rcond=None)[0] / count, count)
    residual = target - design @ prior
    penalties = np.asarray(params.alphas, dtype=float) * len(target)
    alpha = float(penalties[np.argmin(_left_out_errors(design, residual, seasons, penalties))])
    if params.non_negative:
        from scipy.optimize import nnls  # slow to import, and stored blends need no fit

        root = np.sqrt(alpha)
        weights, _ = nnls(
            np.vstack([design, root * np.eye(len(prior))]),
            np.concatenate([target, root * prior]),
        )
    else:
        weights = prior + _ridge(design.T @ design, design.T @ residual, np.array([alpha]))[0]
    ends = rounded(weights.reshape(-1, count) / scale)
    return Blend(tuple(columns), ends[0], ends[-1], alpha / len(target))


def _ridge(gram: Array, moment: Array, penalties: Array) -> Array:
    """Return weights [penalties, inputs] of ridge regressions, from X'X and X'y."""
    return np.asarray(np.linalg.solve(gram + penalties[:, None, None] * np.eye(len(gram)), moment))


def _left_out_errors(
    design: Array, target: Array, seasons: NDArray[np.object_], penalties: Array
) -> Array:
    """Return 1 - R² on each season left out, mean over seasons, by penalty.

    A season whose targets are all equal has no R² and does not count. Of a single season the rows
    are left out, and the errors are mean squares.
    """
    gram, moment = design.T @ design, design.T @ target
    season, names = pd.factorize(seasons)
    if len(names) == 1:
        # The error of a row left out is its error as fitted over 1 - leverage.
        missed = target - _ridge(gram, moment, penalties) @ design.T
        inverse = np.linalg.inv(gram + penalties[:, None, None] * np.eye(len(gram)))
        leverage = np.einsum("ri,pij,rj->pr", design, inverse, design, optimize=True)
        return np.asarray(np.mean((missed / (1.0 - leverage)) ** 2, axis=1))
    errors = np.zeros(len(penalties))
    for number in range(len(names)):
        own, wanted = design[season == number], target[season == number]
        weights = _ridge(gram - own.T @ own, moment - own.T @ wanted, penalties)
        missed, spread = wanted - weights @ own.T, np.sum((wanted - wanted.mean()) ** 2)
        if spread > 0:
            errors += np.sum(missed**2, axis=1) / spread / len(names)
    return errors
