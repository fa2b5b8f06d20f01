"""Rank, forecast and explain the season in progress by what the ended ones have taught."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd

from nbarank.ensemble.inputs import read_described_teams
from nbarank.ensemble.stacking import blended, newest_blends
from nbarank.explain.season import explain_seasons
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.run import League
from nbarank.forecast.seasons import forecast_seasons
from nbarank.in_progress import (
    CURRENT,
    in_progress,
    not_ranked,
    read_with_current,
    write_current_seasons,
)
from nbarank.params.explain import ExplainParams
from nbarank.params.forecast import ForecastParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.rankers.contract import KEY, RankerInputs
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.trees import ForestRanker, XgbRanker
from nbarank.schemas.features import RATINGS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SCHEDULE, SEASONS, TEAMS
from nbarank.schemas.rosters import ROSTER_TEAMS, ROSTERS
from nbarank.schemas.scores import BASE_MODELS, STACK_WEIGHTS, STACKED, STRENGTH, oof_table
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table
from stages.calibrate import calibrate_seasons
from stages.stack_inputs import inputs_of_stack

log = logging.getLogger(__name__)
MODELS, FINAL = Path("models"), "final"


def main(stage: Stage) -> None:
    """Read features, final models and what was learnt of ended seasons; write current/."""
    ended, as_of = set(read_table(OUTCOMES)["season"]), read_table(AS_OF)
    roles = stage.params(SeasonsParams)
    seasons = in_progress(roles, as_of["season"], ended)
    write_current_seasons(seasons)
    for season, why in not_ranked(roles, as_of["season"], ended).items():
        log.warning("%s has not ended and is not ranked: %s", season, why)
    if not seasons:
        log.info("no season is in progress")
        return
    log.info("in progress: %s", ", ".join(seasons))
    teams, rosters = read_described_teams(), read_table(ROSTERS)
    now = RankerInputs(teams, rosters).restrict(frozenset(seasons))
    _score(now)
    _blend(stage, teams, seasons)
    forecast_seasons(
        League(*(read_table(table) for table in (SEASONS, TEAMS, GAMES, SCHEDULE))),
        read_with_current(STRENGTH),
        as_of,
        seasons,
        Evidence(
            outcomes=read_table(OUTCOMES),
            ratings=read_table(RATINGS),
            roster_teams=read_table(ROSTER_TEAMS),
            model_scores={model: read_table(oof_table(model), CURRENT) for model in BASE_MODELS},
        ),
        stage.params(ForecastParams),
        stage.params(ReproParams).seed,
        CURRENT,
    )
    labels = dict.fromkeys(seasons, FINAL)
    explain_seasons(labels, now, as_of, MODELS, stage.params(ExplainParams), CURRENT)


def _score(now: RankerInputs) -> None:
    """Write current/oof/*: scores of the models that have learnt from every ended season."""
    assert now.rosters is not None
    rosters = now.rosters.drop(columns="player_name")
    for kind in (DeepSetRanker, XgbRanker, ForestRanker):
        ranker = kind.load(MODELS / kind.name / FINAL)
        columns = [*KEY, *(ranker.team_columns or ())]
        scores = ranker.predict(RankerInputs(now.teams[columns], rosters))
        write_table(oof_table(kind.name), scores, CURRENT)


def _blend(stage: Stage, teams: pd.DataFrame, seasons: list[str]) -> None:
    """Write current/ensemble/strength: stacked and calibrated by the ended seasons."""
    scores = {model: read_with_current(oof_table(model)) for model in BASE_MODELS}
    inputs = inputs_of_stack(stage, teams, scores)
    blends = newest_blends(read_table(STACK_WEIGHTS), list(inputs.margin.columns))
    stacked = [blended(inputs, season, blends) for season in seasons]
    whole = pd.concat([read_table(STACKED), *stacked], ignore_index=True)
    strength, _ = calibrate_seasons(
        stage, seasons, whole, inputs, read_table(GAMES), read_table(ROSTER_TEAMS)
    )
    write_table(STRENGTH, strength, CURRENT)


if __name__ == "__main__":
    run_stage("current", main)
