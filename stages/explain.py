"""Explain each base model's scores, season by season with the fold's own model."""

from __future__ import annotations

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, read_table, write_csv
from nbarank.explain.params import ExplainParams
from nbarank.explain.summaries import ablation_intervals, gradient_sizes, shap_sizes
from nbarank.explain.tables import explain_seasons
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.training.described_teams import read_described_teams
from nbarank.rankers.training.folds import folds_of
from nbarank.rankers.training.params import CvParams
from nbarank.schemas.features import ROSTERS
from nbarank.schemas.league import AS_OF
from nbarank.schemas.season_split import ENDED

FOLDER = DATA / "explain"


def main(stage: Stage) -> None:
    """Read ended seasons and models; write explain/* and its plots."""
    roles, teams = stage.params(SeasonsParams), read_described_teams(ENDED)
    folds = folds_of(roles, stage.params(CvParams), list(pd.unique(teams["season"])))
    explained = {*roles.validation, *roles.test}
    whole = explain_seasons(
        {season: fold.score[0] for fold in folds for season in fold.score if season in explained},
        RankerInputs(teams, read_table(ROSTERS, ENDED)),
        read_table(AS_OF, ENDED),
        stage.params(ExplainParams),
        DATA,
    )
    interval = stage.value("evaluation.interval", float)
    write_csv(FOLDER / "shap.csv", shap_sizes(whole))
    write_csv(FOLDER / "gradients.csv", gradient_sizes(whole))
    write_csv(FOLDER / "ablation.csv", ablation_intervals(whole, interval))


if __name__ == "__main__":
    run_stage("explain", main)
