"""Published player ratings of whole seasons, matched by name; of use for the next season only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.core.names import normal_name
from nbarank.core.params import season_label

FILE = "modern_RAPTOR_by_team.csv"
STEADY_MINUTES = 600.0
"""Minutes at the replacement level added to each rating: a whole season's figure over few
minutes says little."""
REPLACEMENT = -2.0
_COLUMNS = ("player_name", "season", "mp", "raptor_total")


def read_external_ratings(raw: Path) -> pd.DataFrame:
    """Read raw/modern_RAPTOR_by_team.csv.

    Parameters
    ----------
    raw
        Folder of raw data. Without the file there are no ratings: an empty frame.

    Returns
    -------
    pandas.DataFrame
        season ('2015-16', the season the rating was EARNED in), name (normal form), rating
        (points per 100 possessions against an average player, shrunk by minutes); key: season,
        name. Names borne by two players of a season are left out.

    Raises
    ------
    SourceError
        If the file lacks a column.
    """
    path = raw / FILE
    if not path.is_file():
        return pd.DataFrame({"season": pd.Series(dtype=str), "name": pd.Series(dtype=str),
                             "rating": pd.Series(dtype=float)})  # fmt: skip
    try:
        table = pd.read_csv(path)
        missing = [name for name in _COLUMNS if name not in table]
        if missing:
            raise ValueError(f"it lacks {', '.join(missing)}")
        table["season"] = [season_label(int(year) - 1) for year in table["season"]]
        table["mp"] = table["mp"].astype(float)
        table["points"] = table["raptor_total"].astype(float) * table["mp"]
    except (OSError, ValueError, TypeError) as error:
        raise SourceError(
            f"{FILE} cannot be used: {error}.",
            where=str(path),
            allowed=f"a CSV with the columns {', '.join(_COLUMNS)}",
            next_command=f"remove {path}, or set features.external_ratings: false in params.yaml",
        ) from error
    table["name"] = [normal_name(str(name)) for name in table["player_name"]]
    if "player_id" in table:
        bearers = table.groupby(["season", "name"])["player_id"].transform("nunique")
        table = table[bearers == 1]
    sums = table.groupby(["season", "name"])[["points", "mp"]].sum().reset_index()
    rating = (sums["points"] + REPLACEMENT * STEADY_MINUTES) / (sums["mp"] + STEADY_MINUTES)
    return sums.assign(rating=np.asarray(rating, float))[["season", "name", "rating"]]
