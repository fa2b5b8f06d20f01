"""Score every season out of fold with the random forest on the team features."""

from __future__ import annotations

from nbarank.ensemble.inputs import chosen_columns, read_described_teams
from nbarank.in_progress import HISTORY
from nbarank.params.deepset import TrainingParams
from nbarank.params.ensemble import TreeInputsParams
from nbarank.params.repro import ReproParams
from nbarank.params.trees import ForestParams
from nbarank.rankers.contract import RankerInputs
from nbarank.rankers.trees import ForestRanker
from nbarank.stage import Stage, run_stage
from stages.base_model import score_out_of_fold


def main(stage: Stage) -> None:
    """Read features, write oof/rf and models/rf."""
    params, threads = stage.params(ForestParams), stage.params(ReproParams).threads
    training = stage.params(TrainingParams)
    columns = stage.params(TreeInputsParams).columns
    teams = chosen_columns(read_described_teams(HISTORY), columns)
    score_out_of_fold(
        stage,
        lambda _final: ForestRanker(params, threads),
        RankerInputs(teams),
        training.target_rank,
        training.margin_horizon_days,
    )


if __name__ == "__main__":
    run_stage("oof_rf", main)
