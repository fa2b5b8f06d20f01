"""Score every ranking and probability of the validation and test seasons next to the baselines."""

from __future__ import annotations

from pathlib import Path

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, read_table, write_csv, write_table
from nbarank.evaluation.params import EvaluationParams
from nbarank.evaluation.protocol import EvaluationTables, evaluate
from nbarank.evaluation.scorecard import scored_seasons
from nbarank.schemas.ensemble import CALIBRATED_GAMES
from nbarank.schemas.evaluation import RANKED
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS, PLAYED_GAMES
from nbarank.schemas.league import AS_OF, GAMES, MARKET, OUTCOMES, SEASONS, STANDINGS
from nbarank.schemas.oof import BASE_MODELS, PLAYOFF_CLASSIFIER, oof_table
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import ENDED
from nbarank.schemas.truth import TRUTH

METRICS = Path("metrics")
FOLDER = DATA / "evaluation"


def main(stage: Stage) -> None:
    """Read oof/*, forecast/*, features/ratings and the league; write tidy metrics and plots."""
    simulated = read_table(SEASONS, ENDED)["simulated"].all()
    tables = EvaluationTables(
        games=read_table(GAMES, ENDED),
        outcomes=read_table(OUTCOMES, ENDED),
        as_of=read_table(AS_OF, ENDED),
        standings=read_table(STANDINGS, ENDED),
        ratings=read_table(RATINGS, ENDED),
        models={name: read_table(oof_table(name)) for name in BASE_MODELS},
        forecast_teams=read_table(FORECAST_TEAMS),
        forecast_games=read_table(FORECAST_GAMES),
        played_games=read_table(PLAYED_GAMES),
        classified=read_table(PLAYOFF_CLASSIFIER),
        calibrated=read_table(CALIBRATED_GAMES),
        market=read_table(MARKET, ENDED),
        truth=read_table(TRUTH) if simulated else None,
    )
    result = evaluate(
        tables,
        scored_seasons(stage.params(SeasonsParams), set(tables.outcomes["season"])),
        stage.value("targets.playoff_definition", str),
        stage.params(EvaluationParams),
    )
    write_table(RANKED, result.rankings)
    write_csv(METRICS / "scorecard.csv", result.scorecard)
    write_csv(METRICS / "intervals.csv", result.intervals)
    for name, frame in result.plots.items():
        write_csv(FOLDER / f"{name}.csv", frame)


if __name__ == "__main__":
    run_stage("evaluate", main)
