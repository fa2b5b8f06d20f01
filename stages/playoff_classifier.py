"""Predict each team's probability of being in the playoffs, out of fold, by a classifier."""

from __future__ import annotations

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import read_table, write_table
from nbarank.rankers.playoffs.classifier import classify_playoffs
from nbarank.rankers.playoffs.params import PlayoffClassifierParams
from nbarank.rankers.training.described_teams import read_described_teams
from nbarank.rankers.training.folds import folds_of
from nbarank.rankers.training.params import CvParams
from nbarank.schemas.features import directions
from nbarank.schemas.league import OUTCOMES
from nbarank.schemas.oof import PLAYOFF_CLASSIFIER
from nbarank.schemas.season_split import ENDED


def main(stage: Stage) -> None:
    """Read features and outcomes; write playoffs/classifier."""
    params, seed = stage.params(PlayoffClassifierParams), stage.value("repro.seed", int)
    teams, outcomes = read_described_teams(ENDED, params.columns), read_table(OUTCOMES, ENDED)
    seasons = [str(season) for season in pd.unique(teams["season"])]
    folds = folds_of(stage.params(SeasonsParams), stage.params(CvParams), seasons)
    probabilities = classify_playoffs(
        teams, outcomes, folds, params, directions(params.columns), seed
    )
    write_table(PLAYOFF_CLASSIFIER, probabilities)


if __name__ == "__main__":
    run_stage("playoff_classifier", main)
