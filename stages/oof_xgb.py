"""Score every season out of fold with XGBoost (Model B) on the team features."""

from __future__ import annotations

from nbarank.core.stage import Stage, run_stage
from nbarank.rankers.training.out_of_fold import score_out_of_fold
from nbarank.rankers.trees.params import TreesParams, XgbParams
from nbarank.rankers.trees.tree_ranker import read_tree_inputs
from nbarank.rankers.trees.xgb import XgbRanker


def main(stage: Stage) -> None:
    """Read features; write oof/xgb and models/xgb."""
    params, threads = stage.params(XgbParams), stage.threads
    trees = stage.params(TreesParams)
    inputs, directions = read_tree_inputs(trees)
    score_out_of_fold(
        stage, lambda _final: XgbRanker(params, threads, directions), inputs, trees.rank_target
    )


if __name__ == "__main__":
    run_stage("oof_xgb", main)
