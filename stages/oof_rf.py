"""Score every season out of fold with the random forest (Model C) on the team features."""

from __future__ import annotations

from nbarank.core.params import ReproParams
from nbarank.core.stage import Stage, run_stage
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.training.described_teams import chosen_columns, read_described_teams
from nbarank.rankers.training.out_of_fold import score_out_of_fold
from nbarank.rankers.trees.params import ForestParams, TreesParams
from nbarank.rankers.trees.ranker import ForestRanker
from nbarank.schemas.features import directions
from nbarank.schemas.season_split import ENDED


def main(stage: Stage) -> None:
    """Read features, write oof/rf and models/rf."""
    params, threads = stage.params(ForestParams), stage.params(ReproParams).threads
    trees = stage.params(TreesParams)
    declared = directions(trees.columns) if trees.monotone else {}
    teams = chosen_columns(read_described_teams(ENDED), trees.columns)
    score_out_of_fold(
        stage,
        lambda _final: ForestRanker(params, threads, declared),
        RankerInputs(teams),
        trees.rank_target,
    )


if __name__ == "__main__":
    run_stage("oof_rf", main)
