"""Score every season out of fold with the random forest (Model C) on the team features."""

from __future__ import annotations

from nbarank.core.stage import Stage, run_stage
from nbarank.rankers.training.out_of_fold import score_out_of_fold
from nbarank.rankers.trees.forest import ForestRanker
from nbarank.rankers.trees.params import ForestParams, TreesParams
from nbarank.rankers.trees.tree_ranker import read_tree_inputs


def main(stage: Stage) -> None:
    """Read features; write oof/rf and models/rf."""
    params, threads = stage.params(ForestParams), stage.threads
    trees = stage.params(TreesParams)
    inputs, directions = read_tree_inputs(trees)
    score_out_of_fold(
        stage, lambda _final: ForestRanker(params, threads, directions), inputs, trees.rank_target
    )


if __name__ == "__main__":
    run_stage("oof_rf", main)
