"""Blend the base models' out-of-fold scores into one strength per team and date."""

from __future__ import annotations

from nbarank.core.params import SeasonsParams, season_after
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import read_table, write_table
from nbarank.ensemble.params import StackingParams
from nbarank.ensemble.season_blends import folded_seasons, stack
from nbarank.ensemble.stack_inputs import stack_inputs
from nbarank.rankers.training.described_teams import read_described_teams
from nbarank.rankers.training.params import CvParams, TargetsParams
from nbarank.rankers.training.targets import RANK_COLUMNS, build_targets, game_targets
from nbarank.schemas.ensemble import STACK_WEIGHTS, STACKED
from nbarank.schemas.league import GAMES, OUTCOMES, PRESEASON
from nbarank.schemas.oof import oof_table
from nbarank.schemas.season_split import ENDED


def main(stage: Stage) -> None:
    """Read oof/* and the passed-through columns; write stack/stacked and stack/weights."""
    params, roles = stage.params(StackingParams), stage.params(SeasonsParams)
    inputs = stack_inputs(
        read_described_teams(ENDED, params.described_columns),
        {model: read_table(oof_table(model)) for model in params.models},
        params,
        read_table(PRESEASON, ENDED),
    )
    outcomes, games = read_table(OUTCOMES, ENDED), read_table(GAMES, ENDED)
    target = stage.value("training.listmle_target", str)
    column = RANK_COLUMNS[target, stage.params(TargetsParams).playoff_definition]
    seasons = list(inputs.teams["season"].unique())
    stacked, weights = stack(
        inputs,
        build_targets(inputs.teams, outcomes, games, column, params.horizon_days),
        game_targets(games, inputs.teams, params.horizon_days),
        [*seasons, season_after(seasons[-1])],
        folded_seasons(stage.params(CvParams).scheme, roles.train),
        params,
    )
    write_table(STACKED, stacked)
    write_table(STACK_WEIGHTS, weights)


if __name__ == "__main__":
    run_stage("stack", main)
