"""Targets of the base models: a team's results after a date.

Targets look forward. They are built for seasons that a model is fitted on, never for rows it
scores; the folds separate the two by season.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import RankerError
from nbarank.core.ordering import scores_from_ranks
from nbarank.core.rounding import rounded
from nbarank.schemas.columns import KEY

RIDGE_GAMES = 8.0
"""Shrinkage of an opponent's season rating, in games of an average team."""
RANK_COLUMNS = {
    ("final_rank", "performance"): "final_rank",
    ("final_rank", "eos_final"): "final_rank",
    ("playoff_outcome", "performance"): "playoff_rank_performance",
    ("playoff_outcome", "eos_final"): "playoff_rank_eos_final",
}
"""Column of league/outcomes by ranking and `targets.playoff_definition`."""


def season_ratings(games: pd.DataFrame) -> tuple[pd.Series, float]:
    """Return each team's ridge rating over one whole season, and the home court, in points.

    Least squares of the home margin on home court and the two teams (Massey, 1997), shrunk to the
    average as if by `RIDGE_GAMES` games. It sees the whole season: for targets only.
    """
    regular = games[games["kind"] == "regular"]
    teams = np.unique(regular[["home_id", "away_id"]].to_numpy())
    design = np.zeros((len(regular), len(teams) + 1))
    rows = np.arange(len(regular))
    design[rows, np.searchsorted(teams, regular["home_id"])] = 1.0
    design[rows, np.searchsorted(teams, regular["away_id"])] = -1.0
    design[:, -1] = ~regular["neutral"].to_numpy(dtype=bool)
    margin = (regular["home_pts"] - regular["away_pts"]).to_numpy(dtype=float)
    penalty = np.diag([*[RIDGE_GAMES] * len(teams), 1e-9])
    solution = rounded(np.linalg.solve(design.T @ design + penalty, design.T @ margin))
    return pd.Series(solution[:-1], index=teams), float(solution[-1])


def _adjusted(games: pd.DataFrame) -> pd.DataFrame:
    """Return one row per team and game of one season: game_date, team_id, adjusted margin."""
    rating, home_court = season_ratings(games)
    court = home_court * (~games["neutral"].to_numpy(dtype=bool))
    margin = (games["home_pts"] - games["away_pts"]).to_numpy(dtype=float) - court
    home, away = games["home_id"].to_numpy(), games["away_id"].to_numpy()
    opponent_of_home = rating.reindex(away).fillna(0.0).to_numpy()
    opponent_of_away = rating.reindex(home).fillna(0.0).to_numpy()
    return pd.DataFrame(
        {
            "game_date": np.concatenate([games["game_date"].to_numpy()] * 2),
            "team_id": np.concatenate([home, away]),
            "margin": np.concatenate([margin + opponent_of_home, -margin + opponent_of_away]),
        }
    )


def margin_targets(
    games: pd.DataFrame, dates: pd.DataFrame, horizon_days: int | None
) -> pd.DataFrame:
    """Return each team's mean margin in the games after each date.

    Parameters
    ----------
    games
        Table league/games (any kinds).
    dates
        season, as_of; repeated dates count once.
    horizon_days
        Games of the days as_of .. as_of + horizon_days - 1 count; None: the rest of the season,
        playoffs included.

    Returns
    -------
    pandas.DataFrame
        season, as_of, team_id, margin_target (points against an average team on neutral ground,
        opponents by their rating of the whole season; NaN without a game), margin_games.
    """
    parts = []
    for season, of_season, grid in _seasons(games, dates):
        rows = _adjusted(of_season)
        teams = np.unique(rows["team_id"])
        days = np.unique(rows["game_date"])
        shape = (len(days) + 1, len(teams))
        total, count = np.zeros(shape), np.zeros(shape)
        place = (np.searchsorted(days, rows["game_date"]) + 1, np.searchsorted(teams, rows.team_id))
        np.add.at(total, place, rows["margin"])
        np.add.at(count, place, 1.0)
        total, count = total.cumsum(axis=0), count.cumsum(axis=0)
        first, last = _window(days, grid, horizon_days)
        played = count[last] - count[first]
        with np.errstate(invalid="ignore"):
            mean = (total[last] - total[first]) / np.where(played > 0, played, np.nan)
        parts.append(
            pd.DataFrame(
                {
                    "season": season,
                    "as_of": np.repeat(grid, len(teams)),
                    "team_id": np.tile(teams, len(grid)),
                    "margin_target": mean.ravel(),
                    "margin_games": played.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def game_targets(
    games: pd.DataFrame, dates: pd.DataFrame, horizon_days: int | None
) -> pd.DataFrame:
    """Return the games after each date; parameters are those of `margin_targets`.

    Returns
    -------
    pandas.DataFrame
        season, as_of, home_id, away_id, home_margin (points, home court removed).
    """
    parts = []
    for season, unsorted, grid in _seasons(games, dates):
        of_season = unsorted.sort_values(["game_date", "game_id"])
        _, home_court = season_ratings(of_season)
        first, last = _window(of_season["game_date"].to_numpy(), grid, horizon_days)
        row = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
        picked = of_season.iloc[row]
        court = home_court * (~picked["neutral"].to_numpy(dtype=bool))
        parts.append(
            pd.DataFrame(
                {
                    "season": season,
                    "as_of": np.repeat(grid, last - first),
                    "home_id": picked["home_id"].to_numpy(),
                    "away_id": picked["away_id"].to_numpy(),
                    "home_margin": (picked["home_pts"] - picked["away_pts"]).to_numpy() - court,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _seasons(
    games: pd.DataFrame, dates: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame, NDArray[np.datetime64]]]:
    """Yield label, games and sorted dates of each season that has both."""
    for season, of_season in games.groupby("season", sort=True):
        grid = np.sort(dates.loc[dates["season"] == season, "as_of"].unique())
        if len(grid):
            yield str(season), of_season, grid


def _window(
    days: NDArray[np.datetime64], grid: NDArray[np.datetime64], horizon_days: int | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return, for each date, the number of sorted days before it and before its horizon."""
    first = np.searchsorted(days, grid, side="left")
    if horizon_days is None:
        return first, np.full(len(grid), len(days))
    return first, np.searchsorted(days, grid + np.timedelta64(horizon_days, "D"), side="left")


def build_targets(
    keys: pd.DataFrame,
    outcomes: pd.DataFrame,
    games: pd.DataFrame,
    rank_column: str,
    horizon_days: int | None,
) -> pd.DataFrame:
    """Return `TrainingData.targets` for described teams of ended seasons.

    Parameters
    ----------
    keys
        season, as_of, team_id.
    outcomes, games
        Tables league/outcomes and league/games.
    rank_column, horizon_days
        One of `RANK_COLUMNS`; see `margin_targets`.

    Raises
    ------
    RankerError
        If a season of `keys` has no outcome.
    """
    rows = keys[KEY].merge(
        outcomes[["season", "team_id", "conference", rank_column]],
        on=["season", "team_id"],
        how="left",
    )
    unknown = sorted(rows.loc[rows[rank_column].isna(), "season"].unique())
    if unknown:
        raise RankerError(
            f"No outcome is known for season(s) {', '.join(unknown)}, so they have no targets.",
            where="league/outcomes",
            allowed="training seasons that have ended",
            next_command="edit seasons.train in params.yaml",
        )
    teams = rows.groupby(["season", "as_of"])["team_id"].transform("size").to_numpy()
    rows["rank_target"] = scores_from_ranks(rows[rank_column].to_numpy(dtype=float), 0) + teams
    rows = rows.drop(columns=rank_column)
    rows = rows.merge(margin_targets(games, rows, horizon_days), on=KEY, how="left")
    rows["margin_games"] = rows["margin_games"].fillna(0.0)
    return rows
