"""Forecast every ended season from its as-of dates: ranks, odds, single games, predictions."""

from __future__ import annotations

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA
from nbarank.forecast.inputs import read_inputs, read_news
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_forecasts import forecast_seasons
from nbarank.schemas.season_split import ENDED


def main(stage: Stage) -> None:
    """Read ensemble/strength and data/ended; write forecast/."""
    roles = stage.params(SeasonsParams)
    forecast_seasons(
        read_inputs(ENDED),
        read_news(ENDED),
        {*roles.validation, *roles.test},
        stage.params(ForecastParams),
        stage.value("repro.seed", int),
        DATA,
    )


if __name__ == "__main__":
    run_stage("forecast", main)
