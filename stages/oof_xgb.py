"""Score every season out of fold with XGBoost on the team features."""

from __future__ import annotations

from nbarank.ensemble.inputs import chosen_columns, described_teams
from nbarank.params.deepset import TrainingParams
from nbarank.params.ensemble import TreeInputsParams
from nbarank.params.repro import ReproParams
from nbarank.params.trees import XgbParams
from nbarank.rankers.contract import RankerInputs
from nbarank.rankers.trees import XgbRanker
from nbarank.schemas.features import RATINGS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF
from nbarank.schemas.rosters import ROSTER_TEAMS
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table
from stages.base_model import score_out_of_fold


def main(stage: Stage) -> None:
    """Read features, write oof/xgb and models/xgb."""
    params, threads = stage.params(XgbParams), stage.params(ReproParams).threads
    training = stage.params(TrainingParams)
    tables = [read_table(table) for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)]
    columns = stage.params(TreeInputsParams).columns
    teams = chosen_columns(described_teams(tables, read_table(AS_OF)), columns)
    score_out_of_fold(
        stage,
        lambda _final: XgbRanker(params, threads),
        RankerInputs(teams),
        training.target_rank,
        training.margin_horizon_days,
    )


if __name__ == "__main__":
    run_stage("oof_xgb", main)
