"""Platt calibration: from a difference in strength to the probability of winning a game.

Two variants, compared on the same games (Platt, 1999, "Probabilistic outputs for support vector
machines"): one logistic curve on the stacked strength; or one curve a model, the log-odds
averaged. Each curve has a slope and a home court; on neutral ground equal teams are at one half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from nbarank.core.errors import RankerError

Array = NDArray[np.float64]
ROUGH_ERROR, ROUGH_NOISE = 6.0, 160.0
"""Variances, in points squared, of a strength's error and of a game: only weigh rows."""


@dataclass(frozen=True)
class PlattCurve:
    """log-odds of the home side = slope x difference in strength + home court.

    Parameters
    ----------
    slope
        Log-odds per point of strength, above zero.
    home_court
        Log-odds of a home team against an equal one; zero on neutral ground.
    """

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
    """Fit a curve by penalised maximum likelihood.

    Parameters
    ----------
    difference
        [games], home minus away strength.
    neutral
        [games], True where no side is at home.
    home_won
        [games].
    inverse_penalty
        C of scikit-learn's LogisticRegression.

    Raises
    ------
    RankerError
        If more strength would mean fewer wins: the scores stand on their head.
    """
    model = LogisticRegression(C=inverse_penalty, fit_intercept=False, tol=1e-10, max_iter=1000)
    model.fit(np.column_stack([difference, ~neutral]), home_won)
    slope, court = (float(value) for value in model.coef_[0])
    if slope <= 0:
        raise RankerError(
            f"Strength and wins run against each other (slope {slope:.3f}).",
            where=f"{len(difference)} games",
            allowed="scores that are higher for stronger teams",
            next_command="look at the orientation of data/oof and data/stack/stacked.parquet",
        )
    return PlattCurve(slope, court)


def combine(curves: Sequence[PlattCurve], differences: Array, neutral: NDArray[np.bool_]) -> Array:
    """Return the mean log-odds over models, [games]; `differences` is [games, models]."""
    odds = [curve.log_odds(differences[:, k], neutral) for k, curve in enumerate(curves)]
    return np.asarray(np.mean(odds, axis=0))


@dataclass(frozen=True)
class ErrorCurve:
    """How far off a strength is: variance in points squared, straight between the season's ends."""

    start: float
    end: float

    def sd(self, season_share: Array) -> Array:
        """Return the standard deviation of a strength's error in points."""
        return np.sqrt(self.start + season_share * (self.end - self.start))


def fit_error(
    strength: Array,
    margin_target: Array,
    games: Array,
    share: Array,
    game_miss: Array,
    game_share: Array,
) -> ErrorCurve:
    """Split what a strength misses into the noise of games and its own error.

    The squared miss of a mean over n games is expected to be the strength's error variance, which
    falls through the season, plus game variance / n; that of a single game is twice the error
    variance (both teams have one) plus the game variance, which the single games pin down. All
    three parts are at least zero (non-negative least squares; a mean counts as its n games do).

    Parameters
    ----------
    strength, margin_target
        [rows] in points; margin_target over the games to come, missing where there are none.
    games
        [rows], how many games margin_target is the mean of.
    share
        [rows], share of the season played.
    game_miss
        [games], margin minus the difference in strength, home court taken off, points.
    game_share
        [games], share of the season played as of the strength's date.
    """
    rows = np.isfinite(margin_target) & (games >= 5)
    if not rows.any() or not len(game_miss):
        raise RankerError("No team has five games to come: the error of strength is unknown.")
    count, gone = games[rows], share[rows]
    means = np.column_stack([1 - gone, gone, 1 / count])
    singles = np.column_stack([2 * (1 - game_share), 2 * game_share, np.ones(len(game_share))])
    # The spread of a squared miss is proportional to what it is expected to be: weigh by 1 / that.
    expected = [ROUGH_ERROR + ROUGH_NOISE / count, 2 * ROUGH_ERROR + ROUGH_NOISE + 0 * game_share]
    weight = 1 / np.concatenate(expected)
    design = np.vstack([means, singles]) * weight[:, None]
    missed = np.concatenate([(margin_target - strength)[rows] ** 2, game_miss**2]) * weight
    (start, end, _), _ = nnls(design, missed)
    return ErrorCurve(float(start), float(end))


def games_after_snapshots(games: pd.DataFrame, dates: pd.DataFrame) -> pd.DataFrame:
    """Return every game once, with the latest as-of date on or before its day.

    Parameters
    ----------
    games
        Table league/games, any kinds.
    dates
        season, as_of: one row a date.

    Returns
    -------
    pandas.DataFrame
        game_id, season, game_date, kind, home_id, away_id, neutral, home_won, home_margin
        (points), as_of; in order of
        date. Games before a season's first as-of date are left out.
    """
    margin = games["home_pts"] - games["away_pts"]
    played = games.assign(home_won=margin > 0, home_margin=margin)
    played = played.sort_values(["game_date", "game_id"])
    grid = dates[["season", "as_of"]].drop_duplicates().sort_values("as_of")
    grid["as_of"] = grid["as_of"].astype(played["game_date"].dtype)
    both = pd.merge_asof(
        played, grid, left_on="game_date", right_on="as_of", by="season", direction="backward"
    )
    columns = ["game_id", "season", "game_date", "kind", "home_id", "away_id", "neutral"]
    return both.loc[both["as_of"].notna(), [*columns, "home_won", "home_margin", "as_of"]]
