"""The as-of join: all columns that describe a team as of a date, in one frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import pandas as pd

from nbarank.core.errors import RankerError, did_you_mean
from nbarank.core.tables import Table, read_table
from nbarank.schemas.columns import KEY
from nbarank.schemas.features import ROSTER_TEAMS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import read_whole


def described_teams(tables: Sequence[pd.DataFrame], dates: pd.DataFrame) -> pd.DataFrame:
    """Join tables with one row per team and as-of date, and add `season_share`.

    Parameters
    ----------
    tables
        features/ratings, features/teams, features/roster_teams, in any order; their numeric columns
        are kept.
    dates
        Table league/as_of.

    Raises
    ------
    RankerError
        If the tables do not describe the same teams and dates, or share a column.
    """

    def join(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
        shared = sorted((set(left.columns) & set(right.columns)) - set(KEY))
        both = left.merge(right, on=KEY, how="outer", validate="one_to_one", indicator=True)
        unmatched = int((both["_merge"] != "both").sum())
        if shared or unmatched:
            raise RankerError(
                "The feature tables do not match.",
                where=f"shared columns: {shared or 'none'}; unmatched rows: {unmatched}",
                allowed="the same season, as_of and team_id in all, each column in one",
                next_command="dvc repro ratings team_features roster_features",
            )
        return both.drop(columns="_merge")

    teams = reduce(join, tables)
    share = dates[["season", "as_of", "season_share"]]
    teams = teams.merge(share, on=["season", "as_of"], how="left", validate="many_to_one")
    numeric = teams.select_dtypes(["number", "bool"]).columns.difference(KEY, sort=False)
    return teams[[*KEY, *numeric]].sort_values(KEY, ignore_index=True)


def read_described_teams(
    root: Path | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read and join the three feature tables.

    Parameters
    ----------
    root
        `ENDED` for ended seasons; None for all seasons.
    columns
        Columns to return besides the key; None for all.
    """

    def read(table: Table) -> pd.DataFrame:
        return read_whole(table) if root is None else read_table(table, root)

    tables = [read(table) for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)]
    teams = described_teams(tables, read(AS_OF))
    return teams if columns is None else chosen_columns(teams, columns)


def chosen_columns(teams: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the key and the named columns.

    Raises
    ------
    RankerError
        If a column does not exist, naming the nearest ones that do.
    """
    for column in columns:
        if column not in teams.columns:
            raise RankerError(
                f"'{column}' is not a column of the feature tables"
                f"{did_you_mean(column, teams.columns)}",
                where="params.yaml: trees.columns, playoff_classifier.columns or "
                "stacking.passthrough",
                allowed="the columns in docs/data-dictionary.md",
                next_command="edit params.yaml",
            )
    return teams[[*KEY, *columns]]
