"""Strength of a season's teams as of any day, from stored models; nothing is fitted to its season.

The same code describes, scores and blends a day as the pipeline does for the as-of grid.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.core.params import ReproParams, SeasonsParams
from nbarank.core.sections import load_section
from nbarank.core.seeds import threads_of
from nbarank.core.tables import Table, in_decimals, read_table
from nbarank.ensemble.calibrated_strength import calibrated, stored_calibration
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams, StackingParams
from nbarank.ensemble.playoff_residual import add_playoff_residual
from nbarank.ensemble.season_blends import blended, stored_blends
from nbarank.ensemble.stack_inputs import stack_inputs
from nbarank.features.dates import LEAGUE_TABLES, DateFeatures, describe_dates
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.forecast.inputs import ForecastInputs
from nbarank.forecast.single_day import has_strengths
from nbarank.league.seasons import teams_listed
from nbarank.rankers.training.contract import Ranker, RankerInputs
from nbarank.rankers.training.described_teams import chosen_columns, described_teams
from nbarank.rankers.training.folds import folds_of
from nbarank.rankers.training.out_of_fold import FINAL, MODELS
from nbarank.rankers.training.params import CvParams
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.table import rate
from nbarank.schemas.columns import KEY
from nbarank.schemas.ensemble import CALIBRATIONS, STACK_WEIGHTS, STACKED, STRENGTH
from nbarank.schemas.features import PLAYER_WEIGHTS, ROSTER_TEAMS
from nbarank.schemas.league import AS_OF, PRESEASON
from nbarank.schemas.oof import oof_table
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import (
    by_name,
    current_seasons,
    ended_seasons,
    read_ended,
    read_whole,
)


def describe_day(season: str, day: pd.Timestamp) -> DateFeatures:
    """Describe every team and roster of a season as of a day, from the stored league tables."""
    tables = by_name(LEAGUE_TABLES, read_whole)
    # Of player_games, the longest, rows without a row of team_games are left out later.
    for name in ("games", "team_games"):
        tables[name] = tables[name][tables[name]["game_date"] < day]
    tables["as_of"] = _as_of_row(season, day, tables)
    rated = tables["games"], tables["teams"], tables["as_of"]
    how = load_section(EloParams), load_section(SrsParams), load_section(PythagoreanParams)
    return describe_dates(
        tables,
        partial(rate, *rated, *how),
        load_section(FeatureParams),
        load_section(PlayerParams),
        read_ended(PLAYER_WEIGHTS),
        # A fork has no other thread than its own, but the locks that others held.
        processes=threads_of(load_section(ReproParams)) if threading.active_count() == 1 else 1,
    )


def inputs_of_day(inputs: ForecastInputs, season: str, day: pd.Timestamp) -> ForecastInputs:
    """Return the inputs with strengths of a day: the stored ones, or those of `with_day`.

    Raises
    ------
    ForecastError
        If the day is outside the data, or no stored model may score the season.
    """
    if has_strengths(season, day, inputs.strength):
        return inputs
    inputs.league.state(season, day)  # a day outside the data is refused first
    return with_day(inputs, season, day)


def with_day(inputs: ForecastInputs, season: str, day: pd.Timestamp) -> ForecastInputs:
    """Add the strength of a season's teams as of a day, and the day's facts, to stored tables.

    Stored rows of the season on that day or later are dropped.

    Raises
    ------
    ForecastError
        If no stored model may score the season.
    """
    label, stacking = _model_of(season), load_section(StackingParams)
    facts = inputs.evidence
    assert facts.ratings is not None and facts.roster_teams is not None
    described = describe_day(season, day)
    teams = described_teams(
        [described.ratings, described.teams, described.roster_teams], described.as_of
    )

    def joined(table: Table, rows: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
        past = stored[(stored["season"] != season) | (stored["as_of"] < day)]
        added = in_decimals(table, rows)[stored.columns].astype(stored.dtypes)
        return pd.concat([past, added], ignore_index=True)

    def on_day(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[(rows["season"] == season) & (rows["as_of"] == day)]

    rosters = described.rosters.drop(columns="player_name")
    scores = {}
    for ranker in _rankers(label):
        ranker.with_sd = stacking.use_confidence
        of_model = teams[[*KEY, *(ranker.team_columns or ())]]
        predicted = ranker.predict(RankerInputs(of_model, rosters))
        name = ranker.name
        scores[name] = joined(oof_table(name), predicted, facts.model_scores[name])
    as_of = joined(AS_OF, described.as_of, inputs.as_of)
    ratings = joined(RATINGS, described.ratings, facts.ratings)
    roster_teams = joined(ROSTER_TEAMS, described.roster_teams, facts.roster_teams)
    used = scores
    if stacking.use_confidence:  # the variance of the scores on all dates is used
        teams = described_teams([ratings, roster_teams], as_of)
    else:
        used = {model: on_day(rows) for model, rows in scores.items()}
    day_inputs = stack_inputs(
        chosen_columns(teams, stacking.described_columns), used, stacking, read_whole(PRESEASON)
    )
    columns = list(day_inputs.margin.columns)
    of_season = None if label == FINAL else season
    blends = stored_blends(read_table(STACK_WEIGHTS), columns, of_season)
    own = in_decimals(STACKED, on_day(blended(day_inputs, season, blends)))
    strength = calibrated(
        own,
        day_inputs,
        stored_calibration(read_table(CALIBRATIONS), columns, of_season),
        load_section(CalibrationParams).method,
    )
    residual = load_section(PlayoffResidualParams)
    if residual.use:
        stacked = joined(STACKED, own, read_table(STACKED))
        games = inputs.league.games
        strength = add_playoff_residual(strength, stacked, as_of, roster_teams, games, residual)
    facts = replace(
        facts, as_of=as_of, ratings=ratings, roster_teams=roster_teams, model_scores=scores
    )
    whole = joined(STRENGTH, strength, inputs.strength)
    return ForecastInputs(inputs.league, whole, as_of, facts, described.rosters)


def _rankers(label: str) -> list[Ranker]:
    from nbarank.rankers.base_models import BASE_RANKERS  # XGBoost is slow to import

    return [kind.load(MODELS / kind.name / label) for kind in BASE_RANKERS]


def _model_of(season: str) -> str:
    """Return the name of the models that may score a season: of its fold, or the final ones."""
    ended = sorted(ended_seasons())
    if season > ended[-1]:
        return FINAL
    folds = folds_of(load_section(SeasonsParams), load_section(CvParams), ended)
    labels = {season: fold.score[0] for fold in folds for season in fold.score}
    known = sorted(set(read_table(CALIBRATIONS)["season"]) & set(labels))
    if season not in known:
        raise ForecastError(
            f"No stored model may score {season}: models, blend and calibration need earlier ones.",
            where="seasons in params.yaml",
            allowed=", ".join([*known, *current_seasons()]),
            next_command=f"nbarank forecast --as-of {int(known[-1][:4]) + 1}-01-15",
        )
    return labels[season]


def _as_of_row(season: str, day: pd.Timestamp, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the row of league/as_of of any day; `games` are those before it."""
    seasons, games = tables["seasons"], tables["games"]
    expected = int(seasons.set_index("season")["games_expected"][season])
    played = int(((games["season"] == season) & (games["kind"] == "regular")).sum())
    row = {"season": season, "as_of": day, "weekly": False, "checkpoint": np.nan}
    frame = pd.DataFrame([{**row, "season_share": min(played / expected, 1.0)}])
    frame = frame.astype({"as_of": "datetime64[us]"})
    return frame.assign(teams_listed=teams_listed(frame, tables["team_lists"], seasons))
