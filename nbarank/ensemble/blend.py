"""A ridge blend of a few inputs whose weights change linearly through the season.

Fitted on rows of teams it gives a score for ranking; on rows of games (home minus away) a strength
in points, because a blend of differences is the difference of blends. The penalty is on the
distance from the plain mean of the inputs: a handful of seasons cannot separate good models, and
the mean is the better estimate (Clemen, 1989, "Combining forecasts: a review and annotated
bibliography").
"""

from __future__ import annotations

import warnings
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
    """Fit a blend by RidgeCV, which chooses the penalty on whole seasons left out.

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
    # slow to import, and stored blends need no fit
    from sklearn.linear_model import RidgeCV
    from sklearn.model_selection import LeaveOneGroupOut

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
    folds = None
    if len(np.unique(seasons)) > 1:
        folds = LeaveOneGroupOut().split(design, residual, seasons)
    ridge = RidgeCV(alphas=penalties, fit_intercept=False, cv=folds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=RuntimeWarning)
        ridge.fit(design, residual)
    alpha = float(ridge.alpha_)
    weights = prior + ridge.coef_
    if params.non_negative:
        from scipy.optimize import nnls

        root = np.sqrt(alpha)
        weights, _ = nnls(
            np.vstack([design, root * np.eye(len(prior))]),
            np.concatenate([target, root * prior]),
        )
    ends = rounded(weights.reshape(-1, count) / scale)
    return Blend(tuple(columns), ends[0], ends[-1], alpha / len(target))
