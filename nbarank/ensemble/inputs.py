"""One frame of everything that describes a team as of a date, and which seasons play which part."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import pandas as pd

from nbarank.ensemble.folds import Fold, season_kfold, walk_forward
from nbarank.errors import RankerError
from nbarank.params.ensemble import CvParams
from nbarank.params.seasons import SeasonsParams
from nbarank.schemas.features import RATINGS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF
from nbarank.schemas.rosters import ROSTER_TEAMS
from nbarank.tables import DATA, read_table

KEY = ["season", "as_of", "team_id"]
RANK_COLUMNS = {
    ("final_rank", "performance"): "final_rank",
    ("final_rank", "eos_final"): "final_rank",
    ("playoff_outcome", "performance"): "playoff_rank_performance",
    ("playoff_outcome", "eos_final"): "playoff_rank_eos_final",
}
"""Column of league/outcomes by target and by definition of the playoff rank."""


def described_teams(tables: Sequence[pd.DataFrame], dates: pd.DataFrame) -> pd.DataFrame:
    """Join tables of one row a team as of a date, and add how far the season has gone.

    Parameters
    ----------
    tables
        features/ratings, features/teams, features/roster_teams, in any order; the same rows.
    dates
        Table league/as_of.

    Returns
    -------
    pandas.DataFrame
        season, as_of, team_id, season_share, then every other column of the tables.

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
                "Feature tables do not fit together.",
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


def read_described_teams(root: Path = DATA) -> pd.DataFrame:
    """Read the three tables that describe a team as of a date, joined by `described_teams`.

    Parameters
    ----------
    root
        `data` for all seasons, `nbarank.in_progress.HISTORY` for those that have ended.
    """
    tables = [read_table(table, root) for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)]
    return described_teams(tables, read_table(AS_OF, root))


def chosen_columns(teams: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the key and the named columns.

    Raises
    ------
    RankerError
        If a column does not exist, naming the nearest one that does.
    """
    for column in columns:
        if column not in teams.columns:
            near = difflib.get_close_matches(column, teams.columns, n=3)
            raise RankerError(
                f"'{column}' is not a column of the feature tables.",
                where="model_b.inputs.columns or stacking.passthrough in params.yaml",
                allowed=f"near it: {', '.join(near) or 'nothing'}; all: docs/data-dictionary.md",
                next_command="edit params.yaml",
            )
    return teams[[*KEY, *columns]]


def folds_of(seasons: SeasonsParams, cv: CvParams, ended: Sequence[str]) -> list[Fold]:
    """Return the folds for the seasons that have a role and have ended.

    Parameters
    ----------
    seasons, cv
        Sections `seasons` and `cv`.
    ended
        Seasons whose outcome is known, as `data/history` holds them.
    """
    train = [season for season in seasons.train if season in ended]
    later = [season for season in (*seasons.test, *seasons.holdout) if season in ended]
    if cv.scheme == "season_kfold":
        return season_kfold(train, later, cv.n_folds)
    return walk_forward(train, later)
