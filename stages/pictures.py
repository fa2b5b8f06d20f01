"""Draw ended seasons and models: a week of new games changes none of these pictures."""

from __future__ import annotations

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, read_table
from nbarank.report.contents import METRICS
from nbarank.report.explanation_figures import draw_explanations
from nbarank.report.names import unit_of
from nbarank.report.picture_files import MODELS, SCORED, season_file, write_pictures
from nbarank.report.predictions import read_seasons, season_of
from nbarank.report.score_figures import reliability, spearman
from nbarank.report.season_pictures import draw_season, read_season_tables
from nbarank.schemas.explain import SHAP_VALUES, TEAM_GRADIENTS


def main(stage: Stage) -> None:
    """Read forecasts, explanations and the scorecard; write data/pictures/."""
    threshold = stage.value("forecast.sleeper_threshold_slots", float)
    roles, coverage = stage.params(SeasonsParams), stage.value("evaluation.interval", float)
    tables = read_season_tables(current=False)
    for season in read_seasons(DATA)[1]:
        write_pictures(season_file(season_of(season)), draw_season(season, tables, threshold))

    scorecard = pd.read_csv(METRICS / "scorecard.csv")
    validation = scorecard[scorecard["season"].isin(roles.validation)]
    scores = [
        spearman(validation, pd.read_csv(METRICS / "intervals.csv"), coverage),
        reliability(pd.read_csv(DATA / "evaluation" / "reliability.csv")),
    ]
    write_pictures(SCORED, scores)

    shap = read_table(SHAP_VALUES)
    explanations = draw_explanations(
        shap,
        pd.read_csv(DATA / "explain" / "gradients.csv"),
        pd.read_csv(DATA / "explain" / "ablation.csv"),
        unit=unit_of(shap),
        deepset_unit=unit_of(read_table(TEAM_GRADIENTS)),
        coverage=coverage,
    )
    write_pictures(MODELS, explanations)


if __name__ == "__main__":
    run_stage("pictures", main)
