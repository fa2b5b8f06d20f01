"""Strength of a season's teams as of any day, from stored models; nothing is fitted to its season.

The same code describes, scores and blends a day as the pipeline does for the as-of grid.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.core.params import SeasonsParams
from nbarank.core.sections import load_section
from nbarank.core.tables import Table, in_decimals, read_table
from nbarank.ensemble.calibrated_strength import calibrate
from nbarank.ensemble.params import CalibrationParams, PlayoffResidualParams, StackingParams
from nbarank.ensemble.playoff_residual import add_playoff_residual
from nbarank.ensemble.season_blends import blended, folded_seasons, stored_blends
from nbarank.ensemble.stack_inputs import stack_inputs
from nbarank.features.dates import LEAGUE_TABLES, DateFeatures, describe_dates
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.forecast.inputs import ForecastInputs
from nbarank.league.seasons import teams_listed
from nbarank.rankers.base_models import BASE_RANKERS
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.training.described_teams import chosen_columns, described_teams
from nbarank.rankers.training.folds import folds_of
from nbarank.rankers.training.out_of_fold import FINAL, MODELS
from nbarank.rankers.training.params import CvParams
from nbarank.rankers.training.targets import margin_targets
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.table import rate
from nbarank.schemas.columns import KEY
from nbarank.schemas.ensemble import STACK_WEIGHTS, STACKED, STRENGTH
from nbarank.schemas.features import PLAYER_WEIGHTS, ROSTER_TEAMS
from nbarank.schemas.league import AS_OF, PRESEASON
from nbarank.schemas.oof import oof_table
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import (
    by_name,
    ended_seasons,
    read_ended,
    read_whole,
    read_with_current,
)


def describe_day(season: str, day: pd.Timestamp) -> DateFeatures:
    """Describe every team and roster of a season as of a day, from the stored league tables."""
    tables = by_name(LEAGUE_TABLES, read_whole)
    for name in ("games", "team_games", "player_games"):
        tables[name] = tables[name][tables[name]["game_date"] < day]
    tables["as_of"] = _as_of_row(season, day, tables)
    ratings = rate(
        tables["games"],
        tables["teams"],
        tables["as_of"],
        load_section(EloParams),
        load_section(SrsParams),
        load_section(PythagoreanParams),
    )
    return describe_dates(
        tables,
        ratings,
        load_section(FeatureParams),
        load_section(PlayerParams),
        read_ended(PLAYER_WEIGHTS),
    )


def with_day(inputs: ForecastInputs, season: str, day: pd.Timestamp) -> ForecastInputs:
    """Add the strength of a season's teams as of a day, and the day's facts, to stored tables.

    Stored rows of the season on that day or later are dropped. Earlier seasons calibrate.

    Raises
    ------
    ForecastError
        If no stored model may score the season.
    """
    label, stacking = _model_of(season), load_section(StackingParams)
    described = describe_day(season, day)
    teams = described_teams(
        [described.ratings, described.teams, described.roster_teams], described.as_of
    )

    def joined(table: Table, rows: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
        past = stored[(stored["season"] != season) | (stored["as_of"] < day)]
        added = in_decimals(table, rows)[stored.columns].astype(stored.dtypes)
        return pd.concat([past, added], ignore_index=True)

    rosters = described.rosters.drop(columns="player_name")
    scores = {}
    for kind in BASE_RANKERS:
        ranker = kind.load(MODELS / kind.name / label)
        ranker.with_sd = stacking.use_confidence
        of_model = teams[[*KEY, *(ranker.team_columns or ())]]
        table = oof_table(kind.name)
        scores[kind.name] = joined(
            table, ranker.predict(RankerInputs(of_model, rosters)), read_with_current(table)
        )
    as_of = joined(AS_OF, described.as_of, inputs.as_of)
    ratings = joined(RATINGS, described.ratings, read_whole(RATINGS))
    roster_teams = joined(ROSTER_TEAMS, described.roster_teams, read_whole(ROSTER_TEAMS))
    both = described_teams([ratings, roster_teams], as_of)
    blended_inputs = stack_inputs(
        chosen_columns(both, stacking.described_columns),
        {model: scores[model] for model in stacking.models},
        stacking,
        read_whole(PRESEASON),
    )
    blends = stored_blends(
        read_table(STACK_WEIGHTS),
        list(blended_inputs.margin.columns),
        None if label == FINAL else season,
    )
    own = blended(blended_inputs, season, blends)
    stacked = joined(STACKED, own[own["as_of"] == day], read_with_current(STACKED))
    games = inputs.league.games
    strength, _ = calibrate(
        stacked,
        blended_inputs,
        margin_targets(games, blended_inputs.teams, None),
        games,
        [season],
        folded_seasons(load_section(CvParams).scheme, load_section(SeasonsParams).train),
        load_section(CalibrationParams),
    )
    strength = add_playoff_residual(
        strength,
        stacked,
        blended_inputs.teams,
        roster_teams,
        games,
        load_section(PlayoffResidualParams),
    )
    facts = replace(
        inputs.evidence,
        as_of=as_of,
        ratings=ratings,
        roster_teams=roster_teams,
        model_scores=scores,
    )
    day_rows = strength[strength["as_of"] == day]
    return ForecastInputs(inputs.league, joined(STRENGTH, day_rows, inputs.strength), as_of, facts)


def _model_of(season: str) -> str:
    """Return the name of the models that may score a season: of its fold, or the final ones."""
    ended = sorted(ended_seasons())
    if season > ended[-1]:
        return FINAL
    folds = folds_of(load_section(SeasonsParams), load_section(CvParams), ended)
    labels = {season: fold.score[0] for fold in folds for season in fold.score}
    known = sorted(set(read_table(STACK_WEIGHTS)["season"]) & set(labels))
    if season not in known:
        raise ForecastError(
            f"No stored model may score {season}: models and their blend need earlier seasons.",
            where="seasons in params.yaml",
            allowed=", ".join(known),
            next_command="nbarank forecast --as-of "
            f"{int(known[-1][:4]) + 1}-01-15   (a day of {known[-1]})",
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
