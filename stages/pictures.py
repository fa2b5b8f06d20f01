"""Draw ended seasons and models: new games of the next season change none of these pictures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, read_table
from nbarank.report.kept_pictures import MODELS, SCORED, season_file, write_pictures
from nbarank.report.model_figures import reliability, spearman
from nbarank.report.model_pictures import draw_models
from nbarank.report.predictions import read_seasons
from nbarank.report.season_pictures import draw_season, strength_and_place
from nbarank.report.words import unit_of
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.explain import CONTRIBUTORS, SHAP_VALUES, TEAM_GRADIENTS
from nbarank.schemas.league import STANDINGS, TEAMS
from nbarank.schemas.season_split import ENDED

PLOTS, METRICS = Path("plots"), Path("metrics")


def main(stage: Stage) -> None:
    """Read forecast/, explain/, ensemble/strength, history/ and the scorecard; write pictures/."""
    threshold = stage.value("forecast.sleeper_threshold_slots", float)
    teams = read_table(TEAMS, ENDED)
    history = strength_and_place(read_table(STRENGTH), read_table(STANDINGS, ENDED), teams)
    names = teams[["season", "team_id", "abbreviation"]]
    contributors = read_table(CONTRIBUTORS).merge(names, on=["season", "team_id"])
    for season in read_seasons(DATA)[1]:
        drawn = draw_season(season, history, contributors, threshold)
        write_pictures(season_file(season.forecasts[0].season), drawn)

    roles, coverage = stage.params(SeasonsParams), stage.value("evaluation.interval", float)
    scorecard = pd.read_csv(METRICS / "scorecard.csv")
    validation = scorecard[scorecard["season"].isin(roles.validation)]
    scored = [
        spearman(validation, pd.read_csv(METRICS / "intervals.csv"), coverage),
        reliability(pd.read_csv(PLOTS / "evaluation" / "reliability.csv")),
    ]
    write_pictures(SCORED, scored)

    shap = read_table(SHAP_VALUES)
    models = draw_models(
        shap,
        {
            name: pd.read_csv(PLOTS / "explain" / f"{name}.csv")
            for name in ("gradients", "ablation")
        },
        unit_of(str(shap["score"].iloc[0])),
        unit_of(str(read_table(TEAM_GRADIENTS)["score"].iloc[0])),
        coverage,
    )
    write_pictures(MODELS, models)


if __name__ == "__main__":
    run_stage("pictures", main)
