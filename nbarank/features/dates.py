"""Dates of a season that is not used for fitting, described with stored weights.

The same code describes the current season's as-of grid and any single day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from nbarank.core.side_by_side import beside
from nbarank.core.tables import in_decimals
from nbarank.features import team
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.features.players import rosters
from nbarank.features.players.season_weights import SeasonWeights
from nbarank.schemas.features import ROSTER_TEAMS, ROSTERS, TEAM_FEATURES
from nbarank.schemas.league import GAMES
from nbarank.schemas.ratings import RATINGS

_ALL = (GAMES, *team.LEAGUE_TABLES, *rosters.LEAGUE_TABLES)
LEAGUE_TABLES = tuple({table.name: table for table in _ALL}.values())
VIEW_SEASONS = 3
"""Seasons that team features of a date depend on: its own and the two before it."""


class DateFeatures(NamedTuple):
    """The feature tables of some dates, as they are stored, and their rows of league/as_of."""

    as_of: pd.DataFrame
    ratings: pd.DataFrame
    teams: pd.DataFrame
    rosters: pd.DataFrame
    roster_teams: pd.DataFrame


def describe_dates(
    tables: dict[str, pd.DataFrame],
    rate: Callable[[], pd.DataFrame],
    features: FeatureParams,
    players: PlayerParams,
    weights: pd.DataFrame,
    processes: int = 1,
) -> DateFeatures:
    """Describe every team and roster as of the dates of league/as_of; nothing is fitted.

    Parameters
    ----------
    tables
        LEAGUE_TABLES by name; as_of has the dates to describe.
    rate
        Returns features/ratings of these dates.
    weights
        features/player_weights of their seasons.
    processes
        More than one: teams are described in a process of their own, beside the rosters.
    """
    first, last = tables["as_of"]["season"].min(), tables["as_of"]["season"].max()
    labels = sorted(tables["seasons"]["season"])
    seen = labels[max(labels.index(first) - VIEW_SEASONS + 1, 0) : labels.index(last) + 1]
    recent = {name: table[table["season"].isin(seen)] for name, table in tables.items()}

    def describe_teams() -> tuple[pd.DataFrame, pd.DataFrame]:
        ratings = in_decimals(RATINGS, rate())
        return ratings, in_decimals(TEAM_FEATURES, team.describe_teams(recent, ratings, features))

    with beside(describe_teams, processes) as described:
        made = rosters.build_rosters(tables, features, players, SeasonWeights(weights))
        ratings, teams = described()
    return DateFeatures(
        tables["as_of"],
        ratings,
        teams,
        in_decimals(ROSTERS, made.rosters),
        in_decimals(ROSTER_TEAMS, made.roster_teams),
    )
