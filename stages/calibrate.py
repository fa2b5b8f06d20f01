"""Turn stacked strength into calibrated points, their error, and win probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nbarank.ensemble.calibration import calibrate
from nbarank.ensemble.inputs import KEY
from nbarank.ensemble.playoffs import playoff_inputs, playoff_residual
from nbarank.ensemble.stacking import StackInputs
from nbarank.in_progress import HISTORY
from nbarank.params.ensemble import CalibrationParams
from nbarank.params.playoffs import PlayoffResidualParams
from nbarank.rankers.targets import margin_targets
from nbarank.schemas.league import GAMES
from nbarank.schemas.rosters import ROSTER_TEAMS
from nbarank.schemas.scores import CALIBRATED_GAMES, STACKED, STRENGTH
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table
from stages.stack_inputs import read_stack_inputs, seasons_held_together


def main(stage: Stage) -> None:
    """Read ensemble/stacked, write ensemble/strength and ensemble/games."""
    stacked = read_table(STACKED)
    strength, scored = calibrate_seasons(
        stage,
        list(stacked["season"].unique()),
        stacked,
        read_stack_inputs(stage),
        read_table(GAMES, HISTORY),
        read_table(ROSTER_TEAMS, HISTORY),
    )
    write_table(STRENGTH, strength)
    write_table(CALIBRATED_GAMES, scored)


def calibrate_seasons(
    stage: Stage,
    seasons: Sequence[str],
    stacked: pd.DataFrame,
    inputs: StackInputs,
    games: pd.DataFrame,
    roster_teams: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ensemble/strength and ensemble/games of some seasons; the others teach.

    `games` and `roster_teams` are league/games and features/roster_teams of all stacked seasons.
    """
    dates = inputs.teams[["season", "as_of"]].drop_duplicates()
    strength, scored = calibrate(
        stacked,
        inputs,
        margin_targets(games[games["season"].isin(dates["season"])], dates, None),
        games,
        seasons,
        seasons_held_together(stage),
        stage.params(CalibrationParams),
    )
    playoffs = stage.params(PlayoffResidualParams)
    if playoffs.use:
        shares = inputs.teams[["season", "as_of", "season_share"]].drop_duplicates()
        residual = playoff_residual(
            stacked.merge(shares, on=["season", "as_of"], validate="many_to_one"),
            playoff_inputs(roster_teams),
            games,
            playoffs.alphas,
            playoffs.late_share,
        )
        strength = strength.merge(residual, on=KEY, validate="one_to_one")
    return strength, scored


if __name__ == "__main__":
    run_stage("calibrate", main)
