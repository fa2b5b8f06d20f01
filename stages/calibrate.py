"""Turn stacked strength into calibrated points, their error, and win probabilities."""

from __future__ import annotations

from nbarank.ensemble.calibration import calibrate
from nbarank.params.ensemble import CalibrationParams
from nbarank.rankers.targets import margin_targets
from nbarank.schemas.league import GAMES
from nbarank.schemas.scores import CALIBRATED_GAMES, STACKED, STRENGTH
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table
from stages.stack_inputs import read_stack_inputs, seasons_held_together


def main(stage: Stage) -> None:
    """Read ensemble/stacked, write ensemble/strength and ensemble/games."""
    stacked, games = read_table(STACKED), read_table(GAMES)
    inputs = read_stack_inputs(stage)
    dates = inputs.teams[["season", "as_of"]].drop_duplicates()
    strength, scored = calibrate(
        stacked,
        inputs,
        margin_targets(games[games["season"].isin(dates["season"])], dates, None),
        games,
        seasons_held_together(stage),
        stage.params(CalibrationParams),
    )
    write_table(STRENGTH, strength)
    write_table(CALIBRATED_GAMES, scored)


if __name__ == "__main__":
    run_stage("calibrate", main)
