"""Error of strength as a function of the share of the season played.

The mean margin of a team's remaining games, adjusted for opponents and home court, differs from
its strength for two reasons: few games (their variance / n), and the error of strength. The first
is estimated from the scatter of the same games about their mean and subtracted before the curve is
fitted: fitted together, it absorbs the error at the end of the season, where few games remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.rounding import rounded_number
from nbarank.forecast.params import ForecastParams

Array = NDArray[np.float64]

MISS_COLUMNS = ["share", "miss", "squares", "count", "days"]
FEWEST_GAMES = 5
"""Minimum of remaining games for a mean."""
SHARE_HALVED = 1.0 / 12.0
"""Share of the season (seven games) that halves the reducible variance: the game variance over the
variance of strength between teams."""


@dataclass(frozen=True)
class StrengthError:
    """Error of strength: its SD before the first game and at the season's end, in points."""

    early: float
    late: float

    def sd(self, season_share: Array) -> Array:
        """Return the SD in points at shares of the season played."""
        weight = _weight(np.asarray(season_share, dtype=np.float64))
        return np.asarray(np.sqrt(self.early**2 * weight + self.late**2 * (1.0 - weight)))


def _weight(share: Array) -> Array:
    """Return the share of the reducible variance that is left: 1 at the start, 0 at the end."""
    left = 1.0 / (1.0 + share / SHARE_HALVED)
    end = 1.0 / (1.0 + 1.0 / SHARE_HALVED)
    return np.asarray((left - end) / (1.0 - end))


def strength_misses(strength: pd.DataFrame, games: pd.DataFrame, home_court: float) -> pd.DataFrame:
    """Compare every strength with its team's margins in the rest of the season.

    Parameters
    ----------
    strength
        season, as_of, season_share, team_id, strength.
    games
        Table league/games; regular-season games are used.
    home_court
        Home advantage in points.

    Returns
    -------
    pandas.DataFrame
        season, share, miss (points), squares (about the mean of the remaining games), count and
        days (remaining); one row per strength, in any order.
    """
    regular = dict(list(games[games["kind"] == "regular"].groupby("season")))
    parts = [
        _misses(days, regular[season], home_court)
        for season, days in strength.groupby("season")
        if season in regular
    ]
    return (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=["season", *MISS_COLUMNS])
    )


def fit_strength_error(misses: pd.DataFrame, params: ForecastParams) -> StrengthError:
    """Fit the error of strength.

    The simulated drift of strength is subtracted, so that it does not count twice.

    Parameters
    ----------
    misses
        Rows of `strength_misses`, of earlier seasons only.
    params
        Section `forecast`: the values where there are no rows.
    """
    rows = misses.loc[misses["count"] >= FEWEST_GAMES, MISS_COLUMNS].to_numpy(float)
    if not len(rows):
        return StrengthError(params.strength_sd_early, params.strength_sd_late)
    share, miss, squares, count, days = rows.T
    game_variance = squares.sum() / (count - 1.0).sum()
    weight = _weight(share)
    root = np.sqrt(count)
    from scipy.optimize import nnls  # slow to import, and stored models need no fit

    (early, late), _ = nnls(
        np.column_stack([weight, 1.0 - weight]) * root[:, None],
        (miss**2 - game_variance / count - drift_variance(days, params)) * root,
    )
    return StrengthError(rounded_number(np.sqrt(early)), rounded_number(np.sqrt(late)))


def drift_variance(days: Array, params: ForecastParams) -> Array:
    """Return the variance of the drift's mean over the next days, in points squared.

    The drift is an Ornstein-Uhlenbeck process that starts at 0 today; its mean over a span is
    integrated exactly.
    """
    span = np.maximum(np.asarray(days, dtype=np.float64), 1.0) / params.drift_memory_days
    stationary = 2.0 * (span - 1.0 + np.exp(-span)) / span**2
    start = ((1.0 - np.exp(-span)) / span) ** 2
    return np.asarray(params.drift_sd**2 * (stationary - start))


def _misses(strength: pd.DataFrame, games: pd.DataFrame, home_court: float) -> pd.DataFrame:
    """Return the rows of one season, by day and team; `games` are its regular ones."""
    rows = strength.sort_values(["as_of", "team_id"])
    days, ids = (np.unique(rows[name].to_numpy()) for name in ("as_of", "team_id"))
    points = rows["strength"].to_numpy(float).reshape(len(days), len(ids))
    margin = (games["home_pts"] - games["away_pts"]).to_numpy(float)
    margin -= np.where(games["neutral"], 0.0, home_court)
    home, away = (np.searchsorted(ids, games[f"{side}_id"]) for side in ("home", "away"))
    dates = games["game_date"].to_numpy()
    day, game = np.nonzero(dates >= days[:, None])  # to come
    home, away, margin = home[game], away[game], margin[game]
    cell = len(ids) * np.concatenate([day, day]) + np.concatenate([home, away])
    shown = np.concatenate([margin + points[day, away], points[day, home] - margin])
    count = np.bincount(cell, minlength=points.size)
    mean = np.bincount(cell, shown, points.size) / np.maximum(count, 1)
    squares = np.bincount(cell, shown**2, points.size) - count * mean**2
    span = np.maximum((dates.max() - days) / np.timedelta64(1, "D"), 0.0)
    share = rows["season_share"].to_numpy(float)
    columns = (share, mean - points.ravel(), squares, count, np.repeat(span, len(ids)))
    found = pd.DataFrame(dict(zip(MISS_COLUMNS, columns, strict=True)))
    return found.assign(season=rows["season"].iloc[0])
