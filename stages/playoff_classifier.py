"""Say of every team and date how likely the playoffs are, by trees that learnt just that."""

from __future__ import annotations

import pandas as pd

from nbarank.ensemble.inputs import chosen_columns, folds_of, read_described_teams
from nbarank.ensemble.playoff_classifier import classify_playoffs
from nbarank.in_progress import HISTORY
from nbarank.params.ensemble import CvParams
from nbarank.params.playoffs import PlayoffClassifierParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.schemas.league import OUTCOMES
from nbarank.schemas.scores import PLAYOFF_CLASSIFIER
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table


def main(stage: Stage) -> None:
    """Read features and outcomes, write ensemble/playoffs."""
    params, repro = stage.params(PlayoffClassifierParams), stage.params(ReproParams)
    teams = chosen_columns(read_described_teams(HISTORY), params.columns)
    outcomes = read_table(OUTCOMES)
    seasons = [str(season) for season in pd.unique(teams["season"])]
    folds = folds_of(stage.params(SeasonsParams), stage.params(CvParams), seasons)
    chances = classify_playoffs(teams, outcomes, folds, params, repro.seed, repro.threads)
    write_table(PLAYOFF_CLASSIFIER, chances)


if __name__ == "__main__":
    run_stage("playoff_classifier", main)
