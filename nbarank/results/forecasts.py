"""Forecasts of a day from stored models, and predictions as a table of teams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from nbarank.core.params import ReproParams
from nbarank.core.sections import load_section
from nbarank.core.tables import each_read_once
from nbarank.forecast.inputs import ForecastInputs
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import models_of_rows
from nbarank.forecast.season_state import League
from nbarank.forecast.single_day import (
    default_day,
    forecast_as_of,
    has_strengths,
)
from nbarank.forecast.what_if import WhatIf
from nbarank.results.days import scored_season
from nbarank.schemas.features import ROSTERS
from nbarank.schemas.forecast import GAME_MODELS
from nbarank.schemas.predictions import DayForecast, Predictions, TeamPrediction
from nbarank.schemas.season_split import current_seasons, read_whole, read_with_current

_OF_TEAM = (
    *("team_id", "abbreviation", "name", "conference", "predicted_league_rank"),
    *("predicted_conference_rank", "ensemble_score", "strength", "strength_sd"),
    *("projected_wins", "wins_interval", "expected_final_rank", "final_rank_interval"),
    *("expected_conference_rank", "conference_rank_interval", "expected_playoff_rank"),
)
_OF_ANALYSIS = (
    *("wins", "losses", "league_rank", "conference_rank", "delta"),
    *("classification", "explanation"),
)


@each_read_once()
def forecaster(
    inputs: ForecastInputs, day: pd.Timestamp | None, team: str | None = None
) -> Callable[[WhatIf], Predictions]:
    """Return a function that forecasts a day under an assumption; it trains nothing.

    Parameters
    ----------
    inputs
        From `read_inputs`.
    day
        Any day of a scored season; None: the day that the page shows.
    team
        Forecast only this team.

    Raises
    ------
    ForecastError
        If the day is outside the data, or no stored model may score its season.
    """
    if day is None:
        day = default_day(inputs.strength, current_seasons()) or inputs.strength["as_of"].max()
    wanted = pd.Timestamp(day)
    season = scored_season(wanted, inputs.league.seasons, "nbarank forecast --as-of")
    own = inputs
    if not has_strengths(season, wanted, inputs.strength):
        from nbarank.results.day_strength import inputs_of_day

        own = inputs_of_day(inputs, season, wanted)

    model = models_of_rows(read_with_current(GAME_MODELS)).get(season)

    def rosters() -> pd.DataFrame:
        return read_whole(ROSTERS) if own.rosters is None else own.rosters

    def forecast(what_if: WhatIf) -> Predictions:
        return forecast_as_of(
            wanted,
            own.league,
            own.dated_strength(),
            load_section(ForecastParams),
            seed=load_section(ReproParams).seed,
            evidence=own.evidence,
            team=team,
            what_if=what_if,
            rosters=rosters() if what_if.without or what_if.playing else None,
            model=model,
        )

    return forecast


def champion(league: League, season: str, day: pd.Timestamp | None = None) -> str | None:
    """Return who won a season's title before a day, or at all: 'Name (ABC)'; None if it is open."""
    games = league.games[(league.games["season"] == season) & (league.games["kind"] == "playoffs")]
    complete = league.seasons.loc[league.seasons["season"] == season, "complete"].all()
    if not complete or games.empty or (day is not None and games["game_date"].max() >= day):
        return None
    final = games.sort_values("game_date").iloc[-1]
    winner = final["home_id" if final["home_pts"] > final["away_pts"] else "away_id"]
    teams = league.teams[(league.teams["season"] == season) & (league.teams["team_id"] == winner)]
    return f"{teams['name'].iloc[0]} ({teams['abbreviation'].iloc[0]})"


def team_rows(predictions: Predictions) -> pd.DataFrame:
    """Return the teams of every day of predictions; columns as in `nbarank.forecast`."""
    rows = [_row(day, team) for day in predictions.forecasts for team in day.teams]
    frame = pd.DataFrame(rows).astype({"as_of": "datetime64[us]"})
    return frame.astype(dict.fromkeys(("league_rank", "conference_rank"), "Int64"))


def _row(day: DayForecast, team: TeamPrediction) -> dict[str, Any]:
    row: dict[str, Any] = {one: getattr(day, one) for one in ("season", "as_of", "season_share")}
    for name in _OF_TEAM:
        if name.endswith("_interval"):
            quantity, interval = name.removesuffix("_interval"), getattr(team, name)
            row |= {f"{quantity}_low": interval.low, f"{quantity}_high": interval.high}
        else:
            row[name] = getattr(team, name)
    row |= dict(team.odds) | {name: getattr(team.analysis, name) for name in _OF_ANALYSIS}
    return row | {f"seed_{seed}": odds for seed, odds in enumerate(team.seed_odds, 1)}
