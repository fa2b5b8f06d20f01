"""Say of every team and date how likely the playoffs are, by trees that learnt just that."""

from __future__ import annotations

import pandas as pd

from nbarank.ensemble.inputs import chosen_columns, described_teams, folds_of
from nbarank.ensemble.playoff_classifier import classify_playoffs
from nbarank.params.ensemble import CvParams
from nbarank.params.playoffs import PlayoffClassifierParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.schemas.features import RATINGS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF, OUTCOMES
from nbarank.schemas.rosters import ROSTER_TEAMS
from nbarank.schemas.scores import PLAYOFF_CLASSIFIER
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table


def main(stage: Stage) -> None:
    """Read features and outcomes, write ensemble/playoffs."""
    params, repro = stage.params(PlayoffClassifierParams), stage.params(ReproParams)
    tables = [read_table(table) for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)]
    teams = chosen_columns(described_teams(tables, read_table(AS_OF)), params.columns)
    outcomes = read_table(OUTCOMES)
    seasons = [str(season) for season in pd.unique(teams["season"])]
    ended = sorted(set(outcomes["season"]))
    folds = folds_of(stage.params(SeasonsParams), stage.params(CvParams), seasons, ended)
    chances = classify_playoffs(teams, outcomes, folds, params, repro.seed, repro.threads)
    write_table(PLAYOFF_CLASSIFIER, chances)


if __name__ == "__main__":
    run_stage("playoff_classifier", main)
