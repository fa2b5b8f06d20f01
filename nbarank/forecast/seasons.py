"""Forecasts of whole seasons, as tables and as predictions, written below one folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from nbarank.core.tables import write_table
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.games import forecast_games
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.predictions import build_predictions, write_predictions
from nbarank.forecast.run import League, days_to_forecast, forecast_grid
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS

FOLDER = "forecast"


def forecast_seasons(
    league: League,
    strength: pd.DataFrame,
    as_of: pd.DataFrame,
    seasons: Collection[str],
    evidence: Evidence,
    params: ForecastParams,
    seed: int,
    root: Path,
) -> None:
    """Forecast seasons at their checkpoints and the latest day; write tables and predictions.

    Parameters
    ----------
    league
        League tables of these seasons and those before them.
    strength
        Table ensemble/strength, likewise; earlier seasons give the forecast its constants.
    as_of
        Table league/as_of, likewise.
    seasons
        The seasons to forecast.
    evidence
        What other rooms know, for the analysis.
    params
        Section `forecast`.
    seed
        `repro.seed`.
    root
        Written here: forecast/teams, forecast/games, forecast/predictions.json (the latest day)
        and forecast/seasons/SEASON.json (a season's checkpoints).

    Raises
    ------
    ForecastError
        If none of the seasons has strengths, or a bracket cannot be completed.
    """
    dated = strength.merge(as_of, on=["season", "as_of"], validate="many_to_one")
    days = days_to_forecast(dated, seasons, params)
    rows, constants = forecast_grid(league, dated, days, params, seed=seed)
    write_table(FORECAST_TEAMS, rows, root)
    write_table(FORECAST_GAMES, forecast_games(league, dated, constants, params), root)

    shares = {
        (str(season), pd.Timestamp(day)): float(share)
        for season, day, share in as_of[["season", "as_of", "season_share"]].itertuples(index=False)
    }
    at_checkpoint = set(dated.loc[dated["checkpoint"].notna(), "as_of"])
    for season, part in rows.groupby("season"):
        told = part[part["as_of"].isin(at_checkpoint)]
        if len(told):
            predictions = build_predictions(told, league, shares, params, evidence)
            write_predictions(predictions, root / FOLDER / "seasons" / f"{season}.json")
    newest = rows[rows["as_of"] == max(day for _, day in days)]
    predictions = build_predictions(newest, league, shares, params, evidence)
    write_predictions(predictions, root / FOLDER / "predictions.json")
