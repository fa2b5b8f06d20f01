"""Single games: the home side's chance as of a date, as rows of forecast/games."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbarank.forecast.constants import Constants, with_playoff_strength
from nbarank.forecast.game_model import games_with_strength, with_edges
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.run import League

COLUMNS = ["game_id", "season", "game_date", "home_id", "away_id", "kind", "neutral"]


def forecast_games(
    league: League,
    strength: pd.DataFrame,
    constants: Mapping[str, Constants],
    params: ForecastParams,
) -> pd.DataFrame:
    """Return the chances of the games that follow each date.

    Parameters
    ----------
    league
        League tables; of league/games only who played whom, when and where is read.
    strength
        season, as_of, season_share, team_id, strength, strength_sd; optional playoff_strength.
    constants
        Of each season to forecast.
    params
        Section `forecast`.

    Returns
    -------
    DataFrame
        Rows of forecast/games: fixtures of the regular season up to `game_horizon_days` after
        each date, and play-in and playoff games that were played, after the latest date.
    """
    # The same strength as the simulations play the playoffs with.
    strength = with_playoff_strength(strength.reset_index(drop=True), params.playoff_strength_share)
    rows = strength[strength["season"].isin(list(constants))]
    if params.strength_error == "estimated":
        rows = rows.assign(strength_sd=_error(rows, constants))
    meetings = _meetings(league)
    late = games_with_strength(meetings[meetings["kind"] != "regular"], rows)
    regular = meetings[meetings["kind"] == "regular"]
    dates = rows[["season", "as_of"]].drop_duplicates()
    near = regular.merge(dates.astype({"as_of": regular["game_date"].dtype}), on="season")
    ahead = near["game_date"] - near["as_of"]
    horizon = pd.Timedelta(days=params.game_horizon_days)
    near = near[(ahead >= pd.Timedelta(0)) & (ahead < horizon)]
    frames = [late, with_edges(near, rows)]
    paired = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    chance = np.empty(len(paired))
    for name, group in paired.groupby("season"):
        chance[group.index] = constants[str(name)].model.home_win(
            group["edge"].to_numpy(float),
            group["error"].to_numpy(float),
            group["neutral"].to_numpy(bool),
            (group["kind"] == "playoffs").to_numpy(bool),
        )
    return paired[[*COLUMNS, "as_of"]].assign(home_win_probability=chance)


def _error(rows: pd.DataFrame, constants: Mapping[str, Constants]) -> pd.Series[float]:
    """Return the estimated SD of the error of every row's strength."""
    parts = [
        pd.Series(constants[str(season)].error.sd(part["season_share"].to_numpy(float)), part.index)
        for season, part in rows.groupby("season")
    ]
    return pd.concat(parts)


def _meetings(league: League) -> pd.DataFrame:
    """Return games played and fixtures to come, without results."""
    played = league.games[COLUMNS]
    to_come = league.schedule[~league.schedule["game_id"].isin(played["game_id"])]
    return pd.concat(
        [played, to_come.assign(kind="regular", neutral=False)[COLUMNS]], ignore_index=True
    )
