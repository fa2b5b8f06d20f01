"""Expected total of points of a game: the league's level, and pace and efficiency of both sides.

A game's pace (possessions per 48 minutes) and efficiency (points per 100 possessions, both sides
together) are the league's mean plus the deviations of the two teams, by a ridge on earlier games
that count less the older they are. A walk-forward regression turns them into a total.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.rounding import rounded

Array = NDArray[np.float64]

HALF_LIFE, LEVEL_HALF_LIFE = 40.0, 30.0
"""Days after which a game counts half: for a team, and for the league's mean."""
OLDEST = 400
"""Days after which a game no longer counts."""
RIDGE = 4.0
"""Games of an average team added to each team."""
SCORING = ("level", "pace", "efficiency")
FITTED_DECIMALS = 5


@dataclass(frozen=True)
class TotalModel:
    """Total = level + constant + factors on pace and efficiency + points of play-in and playoffs.

    The defaults are those of a game without correlations.
    """

    total_constant: float = 0.0
    total_pace: float = 2.2
    total_efficiency: float = 2.0
    total_playoffs: float = 0.0

    def expected(self, scored: pd.DataFrame) -> Array:
        """Return [games] the expected total of points; missing where `with_scoring` is."""
        late = (scored["kind"] != "regular").to_numpy(float)
        level, pace, efficiency = (scored[name].to_numpy(float) for name in SCORING)
        return np.asarray(
            level
            + self.total_constant
            + self.total_pace * pace
            + self.total_efficiency * efficiency
            + self.total_playoffs * late
        )


def fit_total_model(scored: pd.DataFrame) -> TotalModel:
    """Fit the model to the totals of played games by least squares.

    Parameters
    ----------
    scored
        Played games of `with_scoring` with home_pts and away_pts. Without games the fit is the
        default.
    """
    scored = scored.dropna(subset=list(SCORING))
    if scored.empty:
        return TotalModel()
    late = (scored["kind"] != "regular").to_numpy(float)
    pace, efficiency = scored["pace"].to_numpy(float), scored["efficiency"].to_numpy(float)
    inputs = np.column_stack([np.ones(len(scored)), pace, efficiency, late])
    total = (scored["home_pts"] + scored["away_pts"] - scored["level"]).to_numpy(float)
    squares = inputs.T @ inputs + 1e-6 * np.eye(inputs.shape[1])
    fitted = rounded(np.linalg.solve(squares, inputs.T @ total), FITTED_DECIMALS)
    return TotalModel(*fitted.tolist())


def with_scoring(paired: pd.DataFrame, team_games: pd.DataFrame | None) -> pd.DataFrame:
    """Add level (points per 48 minutes), pace and efficiency of both teams together.

    Parameters
    ----------
    paired
        as_of, home_id, away_id, in any order.
    team_games
        Table league/team_games of this season and the one before; games before as_of count. None,
        or no such games: the columns are missing.
    """
    paired = paired.assign(**dict.fromkeys(SCORING, np.nan))
    if team_games is None or team_games.empty or paired.empty:
        return paired
    games = team_games[team_games["is_home"]]
    days = paired["as_of"].to_numpy("datetime64[D]").astype(np.int64)
    oldest, newest = days.min() - OLDEST, days.max()
    played = games["game_date"].to_numpy("datetime64[D]").astype(np.int64)
    near = (played >= oldest) & (played < newest)
    games, played = games[near], played[near]
    ids = np.unique(np.concatenate([paired["home_id"], paired["away_id"], games["team_id"],
                                    games["opponent_id"]]))  # fmt: skip
    sides = [np.searchsorted(ids, games[name]) for name in ("team_id", "opponent_id")]
    scale = 48.0 / games["minutes"].to_numpy(float)
    points = (games["pts"] + games["opponent_pts"]).to_numpy(float)
    possessions = games["possessions"].to_numpy(float)
    measured = np.column_stack([points * scale, possessions * scale, 50.0 * points / possessions])
    home, away = (np.searchsorted(ids, paired[f"{side}_id"]) for side in ("home", "away"))
    found = np.full((len(paired), len(SCORING)), np.nan)
    for day in np.unique(days):
        counts = (played < day) & (played >= day - OLDEST)
        if not counts.any():
            continue
        level, teams = _ratings(
            day - played[counts], [side[counts] for side in sides], measured[counts], len(ids)
        )
        rows = days == day
        found[rows, 0] = level
        found[rows, 1:] = teams[home[rows]] + teams[away[rows]]
    return paired.assign(**dict(zip(SCORING, found.T, strict=True)))


def _ratings(
    age: NDArray[np.int64], sides: Iterable[NDArray[np.intp]], measured: Array, teams: int
) -> tuple[float, Array]:
    """Return the league's total, and [teams, 2] deviations of pace and efficiency."""
    mean = np.average(measured, axis=0, weights=0.5 ** (age / LEVEL_HALF_LIFE))
    weight = 0.5 ** (age / HALF_LIFE)
    home, away = sides
    pairs = np.concatenate([home * teams + away, away * teams + home])
    squares = np.bincount(pairs, np.tile(weight, 2), teams * teams).reshape(teams, teams)
    squares[np.diag_indices(teams)] += squares.sum(axis=1) + RIDGE
    both = np.concatenate([home, away])
    missed = np.tile(weight[:, None] * (measured[:, 1:] - mean[1:]), (2, 1))
    sums = np.column_stack([np.bincount(both, column, teams) for column in missed.T])
    return float(mean[0]), np.linalg.solve(squares, sums)
