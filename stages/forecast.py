"""Play every ended season on from its as-of dates: ranks, odds, single games, predictions."""

from __future__ import annotations

from nbarank.forecast.evidence import Evidence
from nbarank.forecast.run import League
from nbarank.forecast.seasons import forecast_seasons
from nbarank.in_progress import HISTORY
from nbarank.params.forecast import ForecastParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.schemas.features import RATINGS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SCHEDULE, SEASONS, TEAMS
from nbarank.schemas.rosters import ROSTER_TEAMS
from nbarank.schemas.scores import BASE_MODELS, STRENGTH, oof_table
from nbarank.stage import Stage, run_stage
from nbarank.tables import DATA, read_table


def main(stage: Stage) -> None:
    """Read ensemble/strength and history/; write forecast/."""
    roles = stage.params(SeasonsParams)
    forecast_seasons(
        League(*(read_table(table, HISTORY) for table in (SEASONS, TEAMS, GAMES, SCHEDULE))),
        read_table(STRENGTH),
        read_table(AS_OF, HISTORY),
        {*roles.test, *roles.holdout},
        Evidence(
            outcomes=read_table(OUTCOMES),
            ratings=read_table(RATINGS, HISTORY),
            roster_teams=read_table(ROSTER_TEAMS, HISTORY),
            model_scores={model: read_table(oof_table(model)) for model in BASE_MODELS},
        ),
        stage.params(ForecastParams),
        stage.params(ReproParams).seed,
        DATA,
    )


if __name__ == "__main__":
    run_stage("forecast", main)
