"""Blend the base models' out-of-fold scores into one strength a team and date."""

from __future__ import annotations

from nbarank.ensemble.inputs import RANK_COLUMNS
from nbarank.ensemble.stacking import stack
from nbarank.in_progress import HISTORY
from nbarank.params.deepset import TrainingParams
from nbarank.params.ensemble import StackingParams
from nbarank.params.seasons import season_after
from nbarank.params.targets import TargetsParams
from nbarank.rankers.targets import build_targets, game_targets
from nbarank.schemas.league import GAMES, OUTCOMES
from nbarank.schemas.scores import STACK_WEIGHTS, STACKED
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table
from stages.stack_inputs import read_stack_inputs, seasons_held_together


def main(stage: Stage) -> None:
    """Read oof/* and the passed-through columns, write ensemble/stacked and ensemble/weights."""
    params = stage.params(StackingParams)
    inputs = read_stack_inputs(stage)
    outcomes, games = read_table(OUTCOMES), read_table(GAMES, HISTORY)
    column = RANK_COLUMNS[
        stage.params(TrainingParams).listmle_target, stage.params(TargetsParams).playoff_definition
    ]
    dates = inputs.teams[["season", "as_of"]].drop_duplicates()
    seasons = list(dates["season"].unique())
    stacked, weights = stack(
        inputs,
        build_targets(inputs.teams, outcomes, games, column, params.horizon_days),
        game_targets(games, dates, params.horizon_days),
        [*seasons, season_after(seasons[-1])],
        seasons_held_together(stage),
        params,
    )
    write_table(STACKED, stacked)
    write_table(STACK_WEIGHTS, weights)


if __name__ == "__main__":
    run_stage("stack", main)
