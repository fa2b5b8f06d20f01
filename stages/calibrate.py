"""Turn stacked strength into calibrated points, their error, and win probabilities."""

from __future__ import annotations

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import read_table, write_table
from nbarank.ensemble.calibration import calibrate_seasons
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams, StackingParams
from nbarank.ensemble.stack import seasons_held_together, stack_inputs
from nbarank.rankers.training.described_teams import chosen_columns, read_described_teams
from nbarank.rankers.training.params import CvParams
from nbarank.rankers.training.targets import margin_targets
from nbarank.schemas.ensemble import CALIBRATED_GAMES, STACKED, STRENGTH
from nbarank.schemas.features import ROSTER_TEAMS
from nbarank.schemas.league import GAMES
from nbarank.schemas.oof import oof_table
from nbarank.schemas.season_split import ENDED


def main(stage: Stage) -> None:
    """Read stack/stacked, write ensemble/strength and ensemble/games."""
    stacking, roles = stage.params(StackingParams), stage.params(SeasonsParams)
    columns = ["season_share", *stacking.passthrough]
    inputs = stack_inputs(
        chosen_columns(read_described_teams(ENDED), columns),
        {model: read_table(oof_table(model)) for model in stacking.models},
        stacking,
    )
    stacked, games = read_table(STACKED), read_table(GAMES, ENDED)
    dates = inputs.teams[["season", "as_of"]].drop_duplicates()
    strength, scored = calibrate_seasons(
        stacked,
        inputs,
        margin_targets(games[games["season"].isin(dates["season"])], dates, None),
        games,
        read_table(ROSTER_TEAMS, ENDED),
        list(stacked["season"].unique()),
        seasons_held_together(stage.params(CvParams).scheme, roles.train),
        stage.params(CalibrationParams),
        stage.params(PlayoffResidualParams),
    )
    write_table(STRENGTH, strength)
    write_table(CALIBRATED_GAMES, scored)


if __name__ == "__main__":
    run_stage("calibrate", main)
