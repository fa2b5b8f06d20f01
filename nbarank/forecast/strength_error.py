"""How far off a strength is, as a function of how much of the season is played.

A team's remaining games, adjusted for opponents and home court, have a mean that misses its
strength for two reasons: few games (game variance / n), and strength was wrong (what is wanted).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from nbarank.params.forecast import ForecastParams

Array = NDArray[np.float64]

FEWEST_GAMES = 5
"""A mean over fewer remaining games says nothing about strength."""


@dataclass(frozen=True)
class StrengthError:
    """Variance of a strength's error, linear in the share of the season played.

    Parameters
    ----------
    early, late
        SD before the first game and at the end of the regular season, in points.
    """

    early: float
    late: float

    def sd(self, season_share: Array) -> Array:
        """Return the SD in points at shares of the season played."""
        share = np.asarray(season_share, dtype=np.float64)
        return np.sqrt(self.early**2 * (1.0 - share) + self.late**2 * share)


def fit_strength_error(
    strength: pd.DataFrame, games: pd.DataFrame, home_court: float, params: ForecastParams
) -> StrengthError:
    """Estimate the error of strength on seasons that are over.

    Parameters
    ----------
    strength
        season, as_of, season_share, team_id, strength.
    games
        Table league/games; regular-season games of the same seasons are used.
    home_court
        Points the home side is worth.
    params
        Section `forecast`: the values where there is nothing to learn from.
    """
    misses = [
        _misses(day, games[games["season"] == season], home_court)
        for (season, _), day in strength.groupby(["season", "as_of"], sort=True)
    ]
    rows = np.concatenate(misses) if misses else np.zeros((0, 3))
    rows = rows[rows[:, 2] >= FEWEST_GAMES]
    if not len(rows):
        return StrengthError(params.strength_sd_early, params.strength_sd_late)
    share, miss, count = rows.T
    design = np.column_stack([1.0 - share, share, 1.0 / count])
    weight = np.sqrt(count)
    (early, late, _), _ = nnls(design * weight[:, None], miss**2 * weight)
    return StrengthError(float(np.sqrt(early)), float(np.sqrt(late)))


def _misses(day: pd.DataFrame, games: pd.DataFrame, home_court: float) -> Array:
    """Return [K, 3] share, miss in points, remaining games, for the teams of one day."""
    to_come = games[(games["game_date"] >= day["as_of"].iloc[0]) & (games["kind"] == "regular")]
    ordered = day.sort_values("team_id")
    ids, points = ordered["team_id"].to_numpy(), ordered["strength"].to_numpy(float)
    home = np.searchsorted(ids, to_come["home_id"])
    away = np.searchsorted(ids, to_come["away_id"])
    court = np.where(to_come["neutral"], 0.0, home_court)
    margin = (to_come["home_pts"] - to_come["away_pts"]).to_numpy(float) - court
    shown = np.bincount(home, margin + points[away], len(ids))
    shown += np.bincount(away, points[home] - margin, len(ids))
    count = np.bincount(home, minlength=len(ids)) + np.bincount(away, minlength=len(ids))
    miss = shown / np.maximum(count, 1) - points
    return np.column_stack([ordered["season_share"].to_numpy(float), miss, count])
