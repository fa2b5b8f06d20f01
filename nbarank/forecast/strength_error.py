"""How far off a strength is, as a function of how much of the season is played.

A team's remaining games, adjusted for opponents and home court, have a mean that misses its
strength for two reasons: few games (their own variance / n), and strength was wrong (what is
wanted). The first is measured on the scatter of the same games about their mean and taken off
before a curve is fitted: left to the fit, it swallows the error at the end of the season, where
few games remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from nbarank.forecast.params import ForecastParams

Array = NDArray[np.float64]

COLUMNS = ["share", "miss", "squares", "count", "days"]
FEWEST_GAMES = 5
"""A mean over fewer remaining games says nothing about strength."""
SHARE_HALVED = 1.0 / 12.0
"""Share of the season (seven games) after which half of what can be learnt is learnt: the game
variance over the variance of strength between teams."""


@dataclass(frozen=True)
class StrengthError:
    """Variance of a strength's error: a part that stays, and one that falls as games come in.

    Parameters
    ----------
    early, late
        SD before the first game and at the end of the regular season, in points.
    """

    early: float
    late: float

    def sd(self, season_share: Array) -> Array:
        """Return the SD in points at shares of the season played."""
        weight = _weight(np.asarray(season_share, dtype=np.float64))
        return np.asarray(np.sqrt(self.early**2 * weight + self.late**2 * (1.0 - weight)))


def _weight(share: Array) -> Array:
    """Return how much of what can be learnt is not learnt yet: 1 at the start, 0 at the end."""
    left = 1.0 / (1.0 + share / SHARE_HALVED)
    end = 1.0 / (1.0 + 1.0 / SHARE_HALVED)
    return np.asarray((left - end) / (1.0 - end))


def strength_misses(strength: pd.DataFrame, games: pd.DataFrame, home_court: float) -> pd.DataFrame:
    """Compare every strength with what its team showed in the rest of the season.

    Parameters
    ----------
    strength
        season, as_of, season_share, team_id, strength.
    games
        Table league/games; regular-season games are used.
    home_court
        Points the home side is worth.

    Returns
    -------
    DataFrame
        season, share, miss (points), squares (about the mean of the remaining games), count and
        days (remaining); one row per strength, in no promised order.
    """
    regular = dict(list(games[games["kind"] == "regular"].groupby("season")))
    parts = [
        _misses(day, regular[day["season"].iloc[0]], home_court)
        for _, day in strength[strength["season"].isin(list(regular))].groupby(
            ["season", "as_of"], sort=True
        )
    ]
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["season", *COLUMNS])
    )


def fit_strength_error(misses: pd.DataFrame, params: ForecastParams) -> StrengthError:
    """Estimate the error of strength on seasons that are over.

    Parameters
    ----------
    misses
        Rows of `strength_misses`, of earlier seasons only.
    params
        Section `forecast`: the values where there is nothing to learn from.

    Notes
    -----
    What teams change on the way is simulated as a drift besides; its share in the mean of the
    rest of the season is taken off, so that it does not count twice.
    """
    rows = misses.loc[misses["count"] >= FEWEST_GAMES, COLUMNS].to_numpy(float)
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
    return StrengthError(float(np.sqrt(early)), float(np.sqrt(late)))


def drift_variance(days: Array, params: ForecastParams) -> Array:
    """Return the variance of the drift's mean over the days to come, in points squared.

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
    rows = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
    return rows.assign(season=day["season"].iloc[0])
