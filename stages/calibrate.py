"""Turn stacked strength into calibrated points, their error, and win probabilities."""

from __future__ import annotations

from nbarank.core.params import SeasonsParams, season_after
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import read_table, write_table
from nbarank.ensemble.calibrated_strength import calibrate
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams, StackingParams
from nbarank.ensemble.playoff_residual import add_playoff_residual
from nbarank.ensemble.season_blends import folded_seasons
from nbarank.ensemble.stack_inputs import stack_inputs
from nbarank.rankers.training.described_teams import read_described_teams
from nbarank.rankers.training.params import CvParams
from nbarank.rankers.training.targets import margin_targets
from nbarank.schemas.ensemble import CALIBRATED_GAMES, CALIBRATIONS, STACKED, STRENGTH
from nbarank.schemas.features import ROSTER_TEAMS
from nbarank.schemas.league import GAMES
from nbarank.schemas.oof import oof_table
from nbarank.schemas.season_split import ENDED


def main(stage: Stage) -> None:
    """Read stack/stacked; write ensemble/strength, ensemble/games and ensemble/calibrations."""
    stacking, roles = stage.params(StackingParams), stage.params(SeasonsParams)
    inputs = stack_inputs(
        read_described_teams(ENDED, stacking.described_columns),
        {model: read_table(oof_table(model)) for model in stacking.models},
        stacking,
    )
    stacked, games = read_table(STACKED), read_table(GAMES, ENDED)
    seasons = list(stacked["season"].unique())
    strength, scored, calibrations = calibrate(
        stacked,
        inputs,
        margin_targets(games, inputs.teams, None),
        games,
        [*seasons, season_after(seasons[-1])],
        folded_seasons(stage.params(CvParams).scheme, roles.train),
        stage.params(CalibrationParams),
    )
    residual, roster_teams = stage.params(PlayoffResidualParams), read_table(ROSTER_TEAMS, ENDED)
    strength = add_playoff_residual(strength, stacked, inputs.teams, roster_teams, games, residual)
    write_table(STRENGTH, strength)
    write_table(CALIBRATED_GAMES, scored)
    write_table(CALIBRATIONS, calibrations)


if __name__ == "__main__":
    run_stage("calibrate", main)
