"""Play every season on from its as-of dates: ranks, odds, single games, predictions.json."""

from __future__ import annotations

import pandas as pd

from nbarank.forecast.evidence import Evidence
from nbarank.forecast.games import forecast_games
from nbarank.forecast.predictions import build_predictions, write_predictions
from nbarank.forecast.run import League, days_to_forecast, forecast_grid
from nbarank.params.forecast import ForecastParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.schemas.features import RATINGS
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SCHEDULE, SEASONS, TEAMS
from nbarank.schemas.rosters import ROSTER_TEAMS
from nbarank.schemas.scores import BASE_MODELS, STRENGTH, oof_table
from nbarank.stage import Stage, run_stage
from nbarank.tables import DATA, read_table, write_table


def main(stage: Stage) -> None:
    """Read ensemble/strength and the league; write forecast/."""
    params, roles = stage.params(ForecastParams), stage.params(SeasonsParams)
    league = League(*(read_table(table) for table in (SEASONS, TEAMS, GAMES, SCHEDULE)))
    as_of = read_table(AS_OF)
    strength = read_table(STRENGTH).merge(as_of, on=["season", "as_of"], validate="many_to_one")
    days = days_to_forecast(strength, {*roles.test, *roles.holdout}, params)
    rows, constants = forecast_grid(
        league, strength, days, params, seed=stage.params(ReproParams).seed
    )
    write_table(FORECAST_TEAMS, rows)
    write_table(FORECAST_GAMES, forecast_games(league, strength, constants, params))

    evidence = Evidence(
        outcomes=read_table(OUTCOMES),
        ratings=read_table(RATINGS),
        roster_teams=read_table(ROSTER_TEAMS),
        model_scores={model: read_table(oof_table(model)) for model in BASE_MODELS},
    )
    shares = {
        (str(season), pd.Timestamp(day)): float(share)
        for season, day, share in as_of[["season", "as_of", "season_share"]].itertuples(index=False)
    }
    latest = max(day for _, day in days)
    at_checkpoint = set(strength.loc[strength["checkpoint"].notna(), "as_of"])
    for season, part in rows.groupby("season"):
        told = part[part["as_of"].isin(at_checkpoint)]
        if len(told):
            predictions = build_predictions(told, league, shares, params, evidence)
            write_predictions(predictions, DATA / "forecast" / "seasons" / f"{season}.json")
    newest = rows[rows["as_of"] == pd.Timestamp(latest)]
    predictions = build_predictions(newest, league, shares, params, evidence)
    write_predictions(predictions, DATA / "forecast" / "predictions.json")


if __name__ == "__main__":
    run_stage("forecast", main)
