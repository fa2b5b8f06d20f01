"""Rows of forecast/games: the home side's win probability as of a date."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbarank.forecast.game_model import games_with_strength, with_edges
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import SeasonModel, with_playoff_strength
from nbarank.forecast.season_state import League

GAME_COLUMNS = ["game_id", "season", "game_date", "home_id", "away_id", "kind", "neutral"]


def forecast_games(
    league: League,
    strength: pd.DataFrame,
    models: Mapping[str, SeasonModel],
    params: ForecastParams,
) -> pd.DataFrame:
    """Return the win probabilities of the games that follow each date.

    Parameters
    ----------
    league
        League tables; results are not read.
    strength
        season, as_of, season_share, team_id, strength, strength_sd; optional playoff_strength.
    models
        Of each season to forecast.

    Returns
    -------
    pandas.DataFrame
        Rows of forecast/games: fixtures of the regular season up to `game_horizon_days` after
        each date, and played play-in and playoff games after the latest date before them.
    """
    # The strength that the simulated playoffs use.
    strength = with_playoff_strength(strength, params.playoff_strength_share)
    strength = strength[strength["season"].isin(list(models))]
    rows = pd.concat(
        part.assign(strength_sd=models[str(season)].strength_sd(part, params))
        for season, part in strength.groupby("season")
    )
    meetings = _meetings(league)
    late = games_with_strength(meetings[meetings["kind"] != "regular"], rows)
    known_from = league.schedule[["game_id", "known_from"]]
    regular = meetings[meetings["kind"] == "regular"].merge(known_from, on="game_id", how="left")
    dates = rows[["season", "as_of"]].drop_duplicates()
    near = regular.merge(dates.astype({"as_of": regular["game_date"].dtype}), on="season")
    ahead = near["game_date"] - near["as_of"]
    horizon = pd.Timedelta(days=params.game_horizon_days)
    known = ~(near["known_from"] > near["as_of"])
    near = near[(ahead >= pd.Timedelta(0)) & (ahead < horizon) & known].drop(columns="known_from")
    frames = [late, with_edges(near, rows)]
    paired = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    chance = np.empty(len(paired))
    for name, group in paired.groupby("season"):
        chance[group.index] = models[str(name)].game.home_win(
            group["edge"].to_numpy(float),
            group["error"].to_numpy(float),
            group["neutral"].to_numpy(bool),
            (group["kind"] == "playoffs").to_numpy(bool),
        )
    return paired[[*GAME_COLUMNS, "as_of"]].assign(home_win_probability=chance)


def _meetings(league: League) -> pd.DataFrame:
    """Return played games and remaining fixtures, without results."""
    played = league.games[GAME_COLUMNS]
    remaining = league.schedule[~league.schedule["game_id"].isin(played["game_id"])]
    return pd.concat(
        [played, remaining.assign(kind="regular", neutral=False)[GAME_COLUMNS]], ignore_index=True
    )
