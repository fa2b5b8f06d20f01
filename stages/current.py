"""Rank, forecast and explain the current season with the models fitted on ended seasons."""

from __future__ import annotations

from functools import partial

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.seeds import prepare_torch
from nbarank.core.side_by_side import side_by_side
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import read_table, write_table
from nbarank.ensemble.calibrated_strength import calibrated, stored_calibration
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams, StackingParams
from nbarank.ensemble.playoff_residual import add_playoff_residual
from nbarank.ensemble.season_blends import stack_current
from nbarank.ensemble.stack_inputs import stack_inputs
from nbarank.explain.params import ExplainParams
from nbarank.forecast.inputs import read_inputs, read_news
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_forecasts import forecast_seasons
from nbarank.rankers.base_models import score_current
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.training.described_teams import chosen_columns, read_described_teams
from nbarank.rankers.training.out_of_fold import FINAL
from nbarank.schemas.ensemble import CALIBRATIONS, STACK_WEIGHTS, STACKED, STRENGTH
from nbarank.schemas.features import ROSTER_TEAMS, ROSTERS
from nbarank.schemas.league import AS_OF, GAMES, PRESEASON
from nbarank.schemas.oof import oof_table
from nbarank.schemas.season_split import (
    CURRENT,
    RESULTS,
    read_whole,
    read_with_current,
    record_current_seasons,
)


def main(stage: Stage) -> None:
    """Read features, final models and stored weights; write current/results."""
    seasons = record_current_seasons(stage.params(SeasonsParams))
    if not seasons:
        return
    described = read_described_teams()
    current = RankerInputs(described, read_table(ROSTERS, CURRENT)).restrict(seasons)
    forecast = partial(_forecast, stage, described, current, seasons)
    explain = partial(_explain, stage, current, seasons)
    # Neither reads what the other writes.
    list(side_by_side([forecast, explain], stage.threads))


def _explain(stage: Stage, current: RankerInputs, seasons: list[str]) -> None:
    from nbarank.explain.tables import explain_seasons  # imports torch, a second and a half

    prepare_torch()
    labels = dict.fromkeys(seasons, FINAL)
    explain_seasons(labels, current, read_whole(AS_OF), stage.params(ExplainParams), RESULTS)


def _forecast(
    stage: Stage, described: pd.DataFrame, current: RankerInputs, seasons: list[str]
) -> None:
    score_current(current)
    _write_strength(stage, described, seasons)
    params, seed = stage.params(ForecastParams), stage.value("repro.seed", int)
    forecast_seasons(read_inputs(), read_news(), seasons, params, seed, RESULTS)


def _write_strength(stage: Stage, described: pd.DataFrame, seasons: list[str]) -> None:
    """Write ensemble/strength of the current seasons, by stored weights and calibration."""
    stacking, method = stage.params(StackingParams), stage.params(CalibrationParams).method
    inputs = stack_inputs(
        chosen_columns(described, stacking.described_columns),
        {model: read_with_current(oof_table(model)) for model in stacking.models},
        stacking,
        read_whole(PRESEASON),
    )
    games, roster_teams = read_whole(GAMES), read_whole(ROSTER_TEAMS)
    stacked = stack_current(read_table(STACKED), read_table(STACK_WEIGHTS), inputs, seasons)
    found = stored_calibration(read_table(CALIBRATIONS), list(inputs.margin.columns))
    strength = calibrated(stacked[stacked["season"].isin(seasons)], inputs, found, method)
    residual = stage.params(PlayoffResidualParams)
    strength = add_playoff_residual(strength, stacked, inputs.teams, roster_teams, games, residual)
    write_table(STRENGTH, strength, RESULTS)


if __name__ == "__main__":
    run_stage("current", main)
