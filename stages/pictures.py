"""Draw ended seasons and models: new games of the next season change none of these pictures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbarank.in_progress import HISTORY
from nbarank.params.evaluation import EvaluationParams
from nbarank.params.forecast import ForecastParams
from nbarank.params.report import PicturesParams
from nbarank.params.seasons import SeasonsParams
from nbarank.report.kept_pictures import MODELS, SCORED, season_file, write_pictures
from nbarank.report.model_figures import reliability, spearman
from nbarank.report.model_pictures import draw_models
from nbarank.report.predictions import read_seasons
from nbarank.report.season_pictures import draw_season, strength_and_place
from nbarank.report.words import unit_of
from nbarank.schemas.explain import CONTRIBUTORS, SHAP_VALUES, TEAM_GRADIENTS
from nbarank.schemas.league import STANDINGS, TEAMS
from nbarank.schemas.scores import STRENGTH
from nbarank.stage import Stage, run_stage
from nbarank.tables import DATA, read_table

PLOTS, METRICS = Path("plots"), Path("metrics")


def main(stage: Stage) -> None:
    """Read forecast/, explain/, ensemble/strength, history/ and the scorecard; write pictures/."""
    params = stage.params(PicturesParams)
    threshold = stage.params(ForecastParams).sleeper_threshold_slots
    teams = read_table(TEAMS, HISTORY)
    history = strength_and_place(read_table(STRENGTH), read_table(STANDINGS, HISTORY), teams)
    names = teams[["season", "team_id", "abbreviation"]]
    contributors = read_table(CONTRIBUTORS).merge(names, on=["season", "team_id"])
    for season in read_seasons(DATA)[1]:
        drawn = draw_season(season, history, contributors, params, threshold)
        write_pictures(season_file(season.forecasts[0].season), drawn)

    roles, coverage = stage.params(SeasonsParams), stage.params(EvaluationParams).interval
    scorecard = pd.read_csv(METRICS / "scorecard.csv")
    test = scorecard[scorecard["season"].isin(roles.test)]
    scored = [
        spearman(test, pd.read_csv(METRICS / "intervals.csv"), coverage),
        reliability(pd.read_csv(PLOTS / "reliability.csv")),
    ]
    write_pictures(SCORED, scored)

    shap = read_table(SHAP_VALUES)
    models = draw_models(
        shap,
        {name: pd.read_csv(PLOTS / f"{name}.csv") for name in ("gradients", "ablation")},
        params,
        unit_of(str(shap["score"].iloc[0])),
        unit_of(str(read_table(TEAM_GRADIENTS)["score"].iloc[0])),
        coverage,
    )
    write_pictures(MODELS, models)


if __name__ == "__main__":
    run_stage("pictures", main)
