"""Games as pairs of described teams, and games with the latest as-of date before them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.schemas.columns import KEY


def pair_rows(
    teams: pd.DataFrame, games: pd.DataFrame
) -> tuple[pd.DataFrame, NDArray[np.intp], NDArray[np.intp]]:
    """Return the games whose two teams are described, with the row number of each in `teams`.

    `games` has one row per game after an as-of date: season, as_of, home_id, away_id and more.
    """
    rows = teams[KEY].assign(row=np.arange(len(teams)))
    both = games.merge(rows.rename(columns={"team_id": "home_id", "row": "home_row"}))
    both = both.merge(rows.rename(columns={"team_id": "away_id", "row": "away_row"}))
    return both, both["home_row"].to_numpy(), both["away_row"].to_numpy()


def games_after_dates(games: pd.DataFrame, dates: pd.DataFrame) -> pd.DataFrame:
    """Return every game of league/games once, with the latest as-of date on or before its day.

    In order of date, with home_won and home_margin (points); games before a season's first as-of
    date are left out. Repeated dates in `dates` (season, as_of) count once.
    """
    margin = games["home_pts"] - games["away_pts"]
    played = games.assign(home_won=margin > 0, home_margin=margin)
    played = played.sort_values(["game_date", "game_id"])
    grid = dates[["season", "as_of"]].drop_duplicates().sort_values("as_of")
    grid["as_of"] = grid["as_of"].astype(played["game_date"].dtype)
    both = pd.merge_asof(
        played, grid, left_on="game_date", right_on="as_of", by="season", direction="backward"
    )
    columns = ["game_id", "season", "game_date", "kind", "home_id", "away_id", "neutral"]
    return both.loc[both["as_of"].notna(), [*columns, "home_won", "home_margin", "as_of"]]
