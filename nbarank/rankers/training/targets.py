"""What became of a team after a date: the labels that every base model learns.

Labels look forward by nature. They are made for seasons a model is trained on, never for rows it
scores; `nbarank.ensemble` keeps the two apart by season.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import RankerError
from nbarank.core.ordering import scores_from_ranks
from nbarank.rankers.training.contract import GAME_TARGETS
from nbarank.schemas.columns import KEY

RIDGE_GAMES = 8.0
"""Shrinkage of an opponent's season rating, in games of an average team."""


def season_ratings(games: pd.DataFrame) -> tuple[pd.Series, float]:
    """Return each team's ridge rating over one whole season, and the home court, in points.

    A label's ingredient: it sees the whole season. Least squares of the home margin on home court
    and the two teams (Massey, 1997), shrunk to the average as if by `RIDGE_GAMES` games.
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
    solution = np.linalg.solve(design.T @ design + penalty, design.T @ margin)
    return pd.Series(solution[:-1], index=teams), float(solution[-1])


def _adjusted(games: pd.DataFrame) -> pd.DataFrame:
    """Return one row a team in a game of one season: game_date, team_id, adjusted margin."""
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
    """Return what each team's margins were in the games that followed each date.

    Parameters
    ----------
    games
        Table league/games (any kinds).
    dates
        season, as_of: one row a date.
    horizon_days
        Games of the days as_of .. as_of + horizon_days - 1 count; None: the rest of the season,
        playoffs included.

    Returns
    -------
    pandas.DataFrame
        season, as_of, team_id, margin_target (points against an average team on neutral ground:
        home court and the opponent's rating of that season taken off; NaN without a game),
        margin_games.
    """
    parts = []
    for season, of_season in games.groupby("season", sort=True):
        grid = np.sort(dates.loc[dates["season"] == season, "as_of"].unique())
        if len(grid) == 0:
            continue
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
    """Return the games that followed each date, home court taken off.

    Returns
    -------
    pandas.DataFrame
        season, as_of, home_id, away_id, home_margin (points); the window is that of
        `margin_targets`.
    """
    parts = []
    for season, unsorted in games.groupby("season", sort=True):
        grid = np.sort(dates.loc[dates["season"] == season, "as_of"].unique())
        of_season = unsorted.sort_values(["game_date", "game_id"])
        if len(grid) == 0:
            continue
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
    return pd.concat(parts, ignore_index=True)[list(GAME_TARGETS)]


def _window(
    days: NDArray[np.datetime64], grid: NDArray[np.datetime64], horizon_days: int | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return, for each date, how many of the sorted days lie before it and before its horizon."""
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
    """Return `TrainingData.targets` for described teams of seasons that have ended.

    Parameters
    ----------
    keys
        season, as_of, team_id of the rows to label (for example features/teams).
    outcomes
        Table league/outcomes.
    games
        Table league/games.
    rank_column
        The rank of league/outcomes to learn: final_rank, playoff_rank_performance or
        playoff_rank_eos_final.
    horizon_days
        See `margin_targets`.

    Raises
    ------
    RankerError
        If a season to be labelled has no outcome.
    """
    rows = keys[list(KEY)].merge(
        outcomes[["season", "team_id", "conference", rank_column]],
        on=["season", "team_id"],
        how="left",
    )
    unknown = sorted(rows.loc[rows[rank_column].isna(), "season"].unique())
    if unknown:
        raise RankerError(
            f"No outcome is known for season(s) {', '.join(unknown)}: nothing to learn from them.",
            where="league/outcomes",
            allowed="training seasons that have ended",
            next_command="see the season roles in params.yaml",
        )
    teams = rows.groupby(["season", "as_of"])["team_id"].transform("size").to_numpy()
    rows["rank_target"] = scores_from_ranks(rows[rank_column].to_numpy(dtype=float), 0) + teams
    rows = rows.drop(columns=rank_column)
    dates = rows[["season", "as_of"]].drop_duplicates()
    margins = margin_targets(games[games["season"].isin(set(rows["season"]))], dates, horizon_days)
    rows = rows.merge(margins, on=list(KEY), how="left")
    rows["margin_games"] = rows["margin_games"].fillna(0.0)
    return rows
