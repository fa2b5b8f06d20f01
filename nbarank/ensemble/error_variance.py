"""Variance of a strength's error, separated from the noise of games."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbarank.core.errors import RankerError
from nbarank.core.rounding import rounded_number

Array = NDArray[np.float64]
MINIMUM_GAMES = 5
"""A mean margin over fewer games is not used."""
ROUGH_ERROR, ROUGH_NOISE = 6.0, 160.0
"""Variances, in points squared, of a strength's error and of a game; only for the row weights."""


@dataclass(frozen=True)
class ErrorVariance:
    """Variance of a strength's error in points squared, linear between the season's ends."""

    start: float
    end: float

    def sd(self, season_share: Array) -> Array:
        """Return the SD of a strength's error in points."""
        return np.sqrt(self.start + season_share * (self.end - self.start))


def fit_error_variance(
    strength: Array,
    margin_target: Array,
    games: Array,
    share: Array,
    game_miss: Array,
    game_share: Array,
) -> ErrorVariance:
    """Split squared misses into the strength's error and the noise of games.

    The expected squared miss of a mean over n games is the strength's error variance plus game
    variance / n; that of a single game is twice the error variance (both teams have one) plus the
    game variance. All parts are at least zero (non-negative least squares).

    Parameters
    ----------
    strength, margin_target, games, share
        [rows]: points; mean margin of the games after the date, in points (missing without games);
        their number; share of the season played.
    game_miss, game_share
        [games]: margin minus the difference in strength, home court removed, in points; share of
        the season played as of the strength's date.
    """
    from scipy.optimize import nnls  # slow to import, and stored calibrations need no fit

    rows = np.isfinite(margin_target) & (games >= MINIMUM_GAMES)
    if not rows.any() or not len(game_miss):
        raise RankerError(
            f"The error of strength is unknown: no team has {MINIMUM_GAMES} games after a date.",
            where="data/ended/league/games.parquet",
            allowed="earlier stacked seasons with games after their as-of dates",
            next_command="edit seasons.train in params.yaml",
        )
    count, played = games[rows], share[rows]
    means = np.column_stack([1 - played, played, 1 / count])
    singles = np.column_stack([2 * (1 - game_share), 2 * game_share, np.ones(len(game_share))])
    # the SD of a squared miss is proportional to its expectation: weigh by 1 / expectation
    expected = [ROUGH_ERROR + ROUGH_NOISE / count, 2 * ROUGH_ERROR + ROUGH_NOISE + 0 * game_share]
    weight = 1 / np.concatenate(expected)
    design = np.vstack([means, singles]) * weight[:, None]
    missed = np.concatenate([(margin_target - strength)[rows] ** 2, game_miss**2]) * weight
    (start, end, _), _ = nnls(design, missed)
    return ErrorVariance(rounded_number(start), rounded_number(end))
