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
from scipy.optimize import nnls

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
        _misses(day, regular[day["season"].iloc[0]], home_court)
        for _, day in strength[strength["season"].isin(list(regular))].groupby(
            ["season", "as_of"], sort=True
        )
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


def _misses(day: pd.DataFrame, games: pd.DataFrame, home_court: float) -> pd.DataFrame:
    """Return the rows of one day; `games` are the season's regular ones."""
    to_come = games[games["game_date"] >= day["as_of"].iloc[0]]
    ordered = day.sort_values("team_id")
    ids, points = ordered["team_id"].to_numpy(), ordered["strength"].to_numpy(float)
    home = np.searchsorted(ids, to_come["home_id"])
    away = np.searchsorted(ids, to_come["away_id"])
    court = np.where(to_come["neutral"], 0.0, home_court)
    margin = (to_come["home_pts"] - to_come["away_pts"]).to_numpy(float) - court
    side = np.concatenate([home, away])
    shown = np.concatenate([margin + points[away], points[home] - margin])
    count = np.bincount(side, minlength=len(ids))
    mean = np.bincount(side, shown, len(ids)) / np.maximum(count, 1)
    squares = np.bincount(side, shown**2, len(ids)) - count * mean**2
    span = (to_come["game_date"].max() - day["as_of"].iloc[0]).days if len(to_come) else 0
    share = ordered["season_share"].to_numpy(float)
    columns = (share, mean - points, squares, count, np.full(len(ids), float(span)))
    rows = pd.DataFrame(dict(zip(MISS_COLUMNS, columns, strict=True)))
    return rows.assign(season=day["season"].iloc[0])
