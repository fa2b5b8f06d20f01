"""The forecast of a day that is sealed: distributions of every team and chances of games."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from nbarank.core.tables import Table, stored
from nbarank.forecast.game_forecasts import forecast_games
from nbarank.forecast.inputs import ForecastInputs
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import season_models, with_playoff_strength
from nbarank.forecast.single_day import season_of_day
from nbarank.forecast.team_forecasts import forecast_day
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS

KEYS = {"season", "as_of"}


def sealed_forecast(
    inputs: ForecastInputs, day: pd.Timestamp, params: ForecastParams, seed: int
) -> dict[str, Any]:
    """Return columns of forecast/teams and forecast/games of one day, as the tables store them.

    Parameters
    ----------
    inputs
        With strengths of the day and of earlier seasons.
    seed
        `repro.seed`.
    """
    season = season_of_day(day, inputs.league.seasons)
    league, played = inputs.league, inputs.league.games
    strength = inputs.dated_strength()
    strength = strength[strength["as_of"] <= day]
    dated = with_playoff_strength(strength, params.playoff_strength_share)
    own = dated[(dated["season"] == season) & (dated["as_of"] == day)]
    models = season_models([season], dated, played, params)
    teams = forecast_day(league.state(season, day), own, models[season], params, seed=seed)
    known = replace(league, games=played[played["game_date"] < day])
    games, _ = forecast_games(known, strength, models, params)
    games = games[(games["as_of"] == day) & (games["game_date"] >= day)]
    return {
        "season": season,
        "as_of": f"{day:%Y-%m-%d}",
        "teams": _columns(FORECAST_TEAMS, teams),
        "games": _columns(FORECAST_GAMES, games),
    }


def _columns(table: Table, frame: pd.DataFrame) -> dict[str, list[Any]]:
    rows = stored(table, frame)
    for name in rows.select_dtypes("datetime"):
        rows[name] = rows[name].dt.strftime("%Y-%m-%d")
    return {str(name): rows[name].tolist() for name in rows if name not in KEYS}


def tables_of(forecast: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of forecast/teams and forecast/games of a sealed forecast."""
    day = pd.Timestamp(forecast["as_of"])
    teams, games = (
        pd.DataFrame(forecast[name]).assign(season=forecast["season"], as_of=day)
        for name in ("teams", "games")
    )
    return teams, games
