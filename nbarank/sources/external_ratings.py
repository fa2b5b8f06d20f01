"""Published player ratings of whole seasons, matched by name; features use them a season later."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.core.names import normal_name
from nbarank.core.params import season_label
from nbarank.sources.layout import list_nearest, read_any, require_columns

FILE = "modern_RAPTOR_by_team.csv"
SHRINKAGE_MINUTES = 600.0
"""Minutes at the replacement level added to each rating: ratings from few minutes are noisy."""
REPLACEMENT = -2.0
_YEARS = range(1947, 2101)
_NUMBERS = ("season", "mp", "raptor_total")
_COLUMNS = ("player_name", "season", "mp", "raptor_total")


def collect_external_ratings(location: Path, raw: Path) -> None:
    """Copy a user's file of player ratings into the raw layout and check it.

    Raises
    ------
    SourceError
        If the file is missing or has no such ratings.
    """
    if not location.is_file():
        raise SourceError(
            f"The file of player ratings {location} does not exist.",
            where="params.yaml: data.external_ratings.path",
            allowed=f"a CSV file such as FiveThirtyEight's {FILE}, or null",
            next_command=list_nearest(location),
        )
    shutil.copyfile(location, raw / FILE)
    read_external_ratings(raw)


def read_external_ratings(raw: Path) -> pd.DataFrame:
    """Read raw/modern_RAPTOR_by_team.csv; without the file, return an empty frame.

    Returns
    -------
    pandas.DataFrame
        season ('2015-16', the season the rating is FOR), name (normal form), rating (points per
        100 possessions against an average player, shrunk by minutes); key: season, name. Names
        that two players of a season share are left out.

    Raises
    ------
    SourceError
        If a column is missing or has an invalid value.
    """
    path = raw / FILE
    if not path.is_file():
        return pd.DataFrame({"season": pd.Series(dtype=str), "name": pd.Series(dtype=str),
                             "rating": pd.Series(dtype=float)})  # fmt: skip
    remedy = f"correct or remove {path}, or set features.external_ratings: false in params.yaml"
    table = read_any(path).rename(columns=str.lower)
    require_columns(FILE, table, _COLUMNS, str(path), remedy)
    table = table.assign(
        **{name: pd.to_numeric(table[name], errors="coerce").astype("float64") for name in _NUMBERS}
    )
    years = table["season"].isin(_YEARS)
    finite = np.isfinite(table[["mp", "raptor_total"]].to_numpy(float)).all(axis=1)
    bad = ~(years & (table["mp"] >= 0) & finite)
    if bad.any():
        rows = np.flatnonzero(bad)
        shown = ", ".join(
            f"row {row + 1}: {table.iloc[row][list(_COLUMNS)].to_dict()}" for row in rows[:3]
        )
        raise SourceError(
            f"{FILE} has {len(rows)} row(s) with an empty or invalid value.",
            where=f"{path}, {shown}",
            allowed="season as last year (2016 is 2015-16), mp 0 or more, raptor_total a number",
            next_command=remedy,
        )
    table["season"] = [season_label(int(year) - 1) for year in table["season"]]
    table["points"] = table["raptor_total"] * table["mp"]
    table["name"] = [normal_name(str(name)) for name in table["player_name"]]
    if "player_id" in table:
        namesakes = table.groupby(["season", "name"])["player_id"].transform("nunique")
        table = table[namesakes == 1]
    sums = table.groupby(["season", "name"])[["points", "mp"]].sum().reset_index()
    rating = (sums["points"] + REPLACEMENT * SHRINKAGE_MINUTES) / (sums["mp"] + SHRINKAGE_MINUTES)
    return sums.assign(rating=np.asarray(rating, float))[["season", "name", "rating"]]
