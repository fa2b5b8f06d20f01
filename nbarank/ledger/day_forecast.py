"""The forecast of a day that is sealed: what `nbarank forecast` and `nbarank games` print."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from nbarank.core.tables import Table, stored
from nbarank.forecast.coming_games import GameInputs, coming_games
from nbarank.forecast.inputs import ForecastInputs
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import season_models, with_playoff_strength
from nbarank.forecast.season_state import League
from nbarank.forecast.team_forecasts import forecast_day
from nbarank.forecast.team_news import no_rows
from nbarank.schemas.forecast import ABSENCES, FORECAST_GAMES, FORECAST_TEAMS
from nbarank.schemas.league import kinds_of

KEYS = ["season", "as_of"]


def sealed_forecast(
    inputs: ForecastInputs,
    game_inputs: GameInputs,
    day: pd.Timestamp,
    known: pd.Timestamp,
    params: ForecastParams,
    seed: int,
) -> dict[str, Any]:
    """Return `Forecast` of a day, with the columns of the tables as they are stored.

    Parameters
    ----------
    inputs
        With strengths of the day and of earlier seasons.
    game_inputs
        Of the day's season.
    known
        Day before which box scores and reports count in single games.
    seed
        `repro.seed`.
    """
    season, league = game_inputs.season, inputs.league
    strength = inputs.dated_strength()
    dated = with_playoff_strength(strength, params.playoff_strength_share)
    own = dated[(dated["season"] == season) & (dated["as_of"] == day)]
    model = season_models([season], dated, league.games, params)[season]
    teams = forecast_day(league.state(season, day), own, model, params, seed=seed)
    games, absences, strengths = _games(game_inputs, day, known, params.game_horizon_days)
    before = league.games[league.games["game_date"] < day]
    reports = game_inputs.news.reports["report_date"]
    reports = reports[reports < known]
    return {
        "season": season,
        "as_of": _text(day),
        "knowledge": {
            "games": int((before["season"] == season).sum()),
            "latest_game": _text(before["game_date"].max()) if len(before) else None,
            "strengths": strengths and _text(strengths),
            "latest_report": _text(reports.max()) if len(reports) else None,
        },
        "teams": _columns(FORECAST_TEAMS, teams),
        "games": _columns(FORECAST_GAMES, games),
        "absences": _columns(ABSENCES, absences),
    }


def _games(
    inputs: GameInputs, day: pd.Timestamp, known: pd.Timestamp, horizon: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp | None]:
    """Return the games of the next days, who is absent, and the day of their strengths."""
    league = as_known(inputs.league, inputs.season, day)
    days = pd.date_range(day, periods=horizon)
    fixtures = pd.concat([league.games["game_date"], league.schedule["game_date"]])
    if not fixtures.isin(days).any():
        return no_rows(FORECAST_GAMES), no_rows(ABSENCES), None
    found = coming_games(inputs._replace(league=league), known, days)
    absences = found.absent.assign(season=inputs.season, as_of=found.as_of)
    return found.games, absences[list(ABSENCES.schema.columns)], found.as_of


def as_known(league: League, season: str, day: pd.Timestamp) -> League:
    """Return a league with the fixtures known on a day.

    Where the data has results of the day or later, those of play-in and playoffs are the games of
    the day itself: which others are in the schedule depends on these results.
    """
    games, schedule = league.games, league.schedule
    schedule = schedule[~(schedule["known_from"] > day)]
    if ((games["season"] == season) & (games["game_date"] >= day)).any():
        schedule = schedule[(kinds_of(schedule) == "regular") | (schedule["game_date"] <= day)]
    planned = games["game_id"].isin(schedule["game_id"])
    known = (games["game_date"] < day) | planned
    today = (games["kind"] != "regular") & (games["game_date"] == day)
    return replace(league, games=games[known | today], schedule=schedule)


def _text(day: pd.Timestamp) -> str:
    return f"{day:%Y-%m-%d}"


def _columns(table: Table, frame: pd.DataFrame) -> dict[str, list[Any]]:
    rows = stored(table, frame).drop(columns=KEYS)
    for name in rows.select_dtypes("datetime"):
        rows[name] = rows[name].dt.strftime("%Y-%m-%d")
    rows = rows.astype(object).where(rows.notna(), None)
    return {str(name): rows[name].tolist() for name in rows}
