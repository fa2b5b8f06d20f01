"""Team features of a tiny league, and how the tests pick rows out of them."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from nbarank.core.tables import validate
from nbarank.features.params import FeatureParams
from nbarank.features.team import describe_teams
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.table import rate
from nbarank.schemas.features import TEAM_FEATURES
from tests.as_of_league import Tables, section

PARAMS = section(FeatureParams).model_copy(update={"rolling_windows": [4, 9]})
UNSHRUNK = PARAMS.model_copy(update={"shrink_games": 0.0})


def rated(tables: Tables) -> pd.DataFrame:
    sections = (section(EloParams), section(SrsParams), section(PythagoreanParams))
    return rate(tables["games"], tables["teams"], tables["as_of"], *sections)


def described(tables: Tables, params: FeatureParams = PARAMS) -> pd.DataFrame:
    return validate(TEAM_FEATURES, describe_teams(tables, rated(tables), params))


def with_features(*names: str, params: FeatureParams = PARAMS) -> FeatureParams:
    return params.model_copy(update={"include_features": list(names)})


def filtered(
    tables: Tables, names: Iterable[str], keep: Callable[[pd.DataFrame], pd.Series]
) -> Tables:
    """Return tables of which some keep only some rows."""
    return {**tables, **{name: tables[name][keep(tables[name])] for name in names}}


def at(frame: pd.DataFrame, season: str, day: int, team: int) -> pd.Series:
    """The row of one team on a season's n-th as-of date."""
    own = frame[frame["season"] == season]
    return own[own["as_of"] == np.sort(own["as_of"].unique())[day]].set_index("team_id").loc[team]


def games_before(tables: Tables, row: pd.Series, team: int) -> pd.DataFrame:
    """A team's regular-season games before a row's date, in order."""
    games = tables["team_games"]
    chosen = (
        (games["season"] == row["season"])
        & (games["kind"] == "regular")
        & (games["team_id"] == team)
        & (games["game_date"] < row["as_of"])
    )
    return games[chosen].sort_values("game_date")
