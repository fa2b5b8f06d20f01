"""Published player ratings of whole seasons, matched by name; features use them a season later."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.core.names import normal_name
from nbarank.core.params import season_label
from nbarank.sources.layout import require_columns

FILE = "modern_RAPTOR_by_team.csv"
SHRINKAGE_MINUTES = 600.0
"""Minutes at the replacement level added to each rating: ratings from few minutes are noisy."""
REPLACEMENT = -2.0
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
            next_command="dvc exp run -S data.external_ratings.path=PATH",
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
    try:
        table = pd.read_csv(path)
        require_columns(FILE, table, _COLUMNS, str(path), remedy)
        table["season"] = [season_label(int(year) - 1) for year in table["season"]]
        table["mp"] = table["mp"].astype(float)
        table["points"] = table["raptor_total"].astype(float) * table["mp"]
    except (OSError, ValueError, TypeError) as error:
        raise SourceError(
            f"{FILE} cannot be used: {error}.",
            where=str(path),
            allowed=f"a CSV file with the columns {', '.join(_COLUMNS)}",
            next_command=remedy,
        ) from error
    table["name"] = [normal_name(str(name)) for name in table["player_name"]]
    if "player_id" in table:
        namesakes = table.groupby(["season", "name"])["player_id"].transform("nunique")
        table = table[namesakes == 1]
    sums = table.groupby(["season", "name"])[["points", "mp"]].sum().reset_index()
    rating = (sums["points"] + REPLACEMENT * SHRINKAGE_MINUTES) / (sums["mp"] + SHRINKAGE_MINUTES)
    return sums.assign(rating=np.asarray(rating, float))[["season", "name", "rating"]]
