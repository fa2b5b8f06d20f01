"""Blend the base models' out-of-fold scores into one strength a team and date."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nbarank.ensemble.inputs import RANK_COLUMNS
from nbarank.ensemble.stacking import StackInputs, stack
from nbarank.in_progress import HISTORY
from nbarank.params.deepset import TrainingParams
from nbarank.params.ensemble import StackingParams
from nbarank.params.targets import TargetsParams
from nbarank.rankers.targets import build_targets, game_targets
from nbarank.schemas.league import GAMES, OUTCOMES
from nbarank.schemas.scores import STACK_WEIGHTS, STACKED
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table
from stages.stack_inputs import read_stack_inputs, seasons_held_together


def main(stage: Stage) -> None:
    """Read oof/* and the passed-through columns, write ensemble/stacked and ensemble/weights."""
    inputs = read_stack_inputs(stage)
    stacked, weights = stack_seasons(stage, inputs, list(inputs.teams["season"].unique()))
    write_table(STACKED, stacked)
    write_table(STACK_WEIGHTS, weights)


def stack_seasons(
    stage: Stage, inputs: StackInputs, seasons: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what `stack` gives for some seasons; ended ones teach the blends."""
    params = stage.params(StackingParams)
    outcomes, games = read_table(OUTCOMES), read_table(GAMES, HISTORY)
    ended = frozenset(outcomes["season"])
    known = inputs.teams[inputs.teams["season"].isin(ended)]
    column = RANK_COLUMNS[
        stage.params(TrainingParams).listmle_target, stage.params(TargetsParams).playoff_definition
    ]
    return stack(
        inputs,
        build_targets(known, outcomes, games, column, params.horizon_days),
        game_targets(games, known[["season", "as_of"]].drop_duplicates(), params.horizon_days),
        seasons,
        seasons_held_together(stage),
        params,
    )


if __name__ == "__main__":
    run_stage("stack", main)
