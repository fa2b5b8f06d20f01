"""Rank, forecast and explain the current season with the models fitted on ended seasons."""

from __future__ import annotations

import logging

import pandas as pd

from nbarank.core.params import ReproParams, SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import read_table, write_table
from nbarank.ensemble.calibration import calibrate_seasons
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams, StackingParams
from nbarank.ensemble.stack import blended, newest_blends, seasons_held_together, stack_inputs
from nbarank.explain.params import ExplainParams
from nbarank.explain.season import explain_seasons
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_forecasts import forecast_seasons
from nbarank.forecast.season_state import League
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.training.described_teams import chosen_columns, read_described_teams
from nbarank.rankers.training.out_of_fold import FINAL, MODELS, score_current
from nbarank.rankers.training.params import CvParams
from nbarank.rankers.training.targets import margin_targets
from nbarank.rankers.trees.ranker import ForestRanker, XgbRanker
from nbarank.schemas.ensemble import STACK_WEIGHTS, STACKED, STRENGTH
from nbarank.schemas.features import RATINGS, ROSTER_TEAMS, ROSTERS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SCHEDULE, SEASONS, TEAMS
from nbarank.schemas.oof import oof_table
from nbarank.schemas.season_split import (
    ENDED,
    RESULTS,
    in_progress,
    not_ranked,
    read_whole,
    read_with_current,
    write_current_seasons,
)

log = logging.getLogger(__name__)
RANKERS = (DeepSetRanker, XgbRanker, ForestRanker)


def main(stage: Stage) -> None:
    """Read features, final models and stored weights; write current/results."""
    outcomes, as_of = read_table(OUTCOMES, ENDED), read_whole(AS_OF)
    ended, roles = set(outcomes["season"]), stage.params(SeasonsParams)
    seasons = in_progress(roles, as_of["season"], ended)
    write_current_seasons(seasons)
    for season, why in not_ranked(roles, as_of["season"], ended).items():
        log.warning("%s has not ended and is not ranked: %s", season, why)
    if not seasons:
        log.info("no season is in progress")
        return
    log.info("in progress: %s", ", ".join(seasons))
    described, games = read_described_teams(), read_whole(GAMES)
    now = RankerInputs(described, read_whole(ROSTERS)).restrict(frozenset(seasons))
    for kind in RANKERS:
        score_current(kind, now)

    stacking = stage.params(StackingParams)
    inputs = stack_inputs(
        chosen_columns(described, ["season_share", *stacking.passthrough]),
        {model: read_with_current(oof_table(model)) for model in stacking.models},
        stacking,
    )
    blends = newest_blends(read_table(STACK_WEIGHTS), list(inputs.margin.columns))
    stacked = [read_table(STACKED), *(blended(inputs, season, blends) for season in seasons)]
    dates = inputs.teams[["season", "as_of"]].drop_duplicates()
    roster_teams = read_whole(ROSTER_TEAMS)
    strength, _ = calibrate_seasons(
        pd.concat(stacked, ignore_index=True),
        inputs,
        margin_targets(games[games["season"].isin(dates["season"])], dates, None),
        games,
        roster_teams,
        seasons,
        seasons_held_together(stage.params(CvParams).scheme, roles.train),
        stage.params(CalibrationParams),
        stage.params(PlayoffResidualParams),
    )
    write_table(STRENGTH, strength, RESULTS)
    forecast_seasons(
        League(read_whole(SEASONS), read_whole(TEAMS), games, read_whole(SCHEDULE)),
        read_with_current(STRENGTH),
        as_of,
        seasons,
        Evidence(
            outcomes=outcomes,
            ratings=read_whole(RATINGS),
            roster_teams=roster_teams,
            model_scores={kind.name: read_table(oof_table(kind.name), RESULTS) for kind in RANKERS},
        ),
        stage.params(ForecastParams),
        stage.params(ReproParams).seed,
        RESULTS,
    )
    labels = dict.fromkeys(seasons, FINAL)
    explain_seasons(labels, now, as_of, MODELS, stage.params(ExplainParams), RESULTS)


if __name__ == "__main__":
    run_stage("current", main)
