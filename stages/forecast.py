"""Play every ended season on from its as-of dates: ranks, odds, single games, predictions."""

from __future__ import annotations

from nbarank.core.params import ReproParams, SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, read_table
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_forecasts import forecast_seasons
from nbarank.forecast.season_state import League
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.features import RATINGS, ROSTER_TEAMS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SCHEDULE, SEASONS, TEAMS
from nbarank.schemas.oof import BASE_MODELS, oof_table
from nbarank.schemas.season_split import ENDED


def main(stage: Stage) -> None:
    """Read ensemble/strength and history/; write forecast/."""
    roles = stage.params(SeasonsParams)
    forecast_seasons(
        League(*(read_table(table, ENDED) for table in (SEASONS, TEAMS, GAMES, SCHEDULE))),
        read_table(STRENGTH),
        read_table(AS_OF, ENDED),
        {*roles.validation, *roles.test},
        Evidence(
            outcomes=read_table(OUTCOMES, ENDED),
            ratings=read_table(RATINGS, ENDED),
            roster_teams=read_table(ROSTER_TEAMS, ENDED),
            model_scores={model: read_table(oof_table(model)) for model in BASE_MODELS},
        ),
        stage.params(ForecastParams),
        stage.params(ReproParams).seed,
        DATA,
    )


if __name__ == "__main__":
    run_stage("forecast", main)
