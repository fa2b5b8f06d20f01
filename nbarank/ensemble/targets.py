"""What the base models learn from: how a season ended, and the margins of the games to come.

Targets look past the as-of date by design. They exist for training folds only; nothing here is
ever an input of a prediction.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.ordering import scores_from_ranks
from nbarank.rankers.contract import KEY

_DAY = np.timedelta64(1, "D")


def rank_column(listmle_target: str, target_rank: str) -> str:
    """Return the column of league/outcomes that the ranking target is taken from.

    Parameters
    ----------
    listmle_target
        'final_rank' or 'playoff_outcome'.
    target_rank
        Definition of the playoff rank: 'performance' or 'eos_final'.
    """
    return "final_rank" if listmle_target == "final_rank" else f"playoff_rank_{target_rank}"


def home_court(team_games: pd.DataFrame) -> float:
    """Return the mean home margin in points over games that were not on neutral ground."""
    home = team_games[team_games["is_home"] & ~team_games["neutral"]]
    return float(home["margin"].mean()) if len(home) else 0.0


def _adjusted(team_games: pd.DataFrame) -> pd.DataFrame:
    """Add the margin with home court taken off and the opponent's full-season strength added.

    The opponent's strength is its mean margin over the season's regular games, home court taken
    off: close enough to SRS here, since only a mean over many opponents is used.
    """
    side = np.where(team_games["neutral"], 0.0, np.where(team_games["is_home"], 1.0, -1.0))
    level = team_games["margin"] - side * home_court(team_games)
    regular = team_games["kind"] == "regular"
    strength = level[regular].groupby(team_games.loc[regular, "team_id"]).mean()
    opponent = team_games["opponent_id"].map(strength).fillna(0.0)
    return team_games.assign(level=level, adjusted=level + opponent)


def margin_targets(
    team_games: pd.DataFrame, as_of: pd.DataFrame, horizon_days: int | None
) -> pd.DataFrame:
    """Return the mean adjusted margin of every team's games to come, as of each date.

    Parameters
    ----------
    team_games
        Table league/team_games.
    as_of
        season and as_of, one row a date.
    horizon_days
        Only games on the as-of day and the `horizon_days - 1` days after it; None: all games to
        come in the season, playoffs included.

    Returns
    -------
    pandas.DataFrame
        season, as_of, team_id, margin_target (points against an average team; missing where no
        game comes) and margin_games.
    """
    frames = []
    for season, games in team_games.groupby("season", sort=True):
        dates = as_of.loc[as_of["season"] == season, "as_of"].to_numpy("datetime64[D]")
        games = _adjusted(games)
        teams, column = np.unique(games["team_id"].to_numpy(), return_inverse=True)
        day = games["game_date"].to_numpy("datetime64[D]")
        days, row = np.unique(day, return_inverse=True)
        total: NDArray[np.float64] = np.zeros((len(days) + 1, len(teams)))
        count: NDArray[np.float64] = np.zeros_like(total)
        np.add.at(total, (row + 1, column), games["adjusted"].to_numpy(float))
        np.add.at(count, (row + 1, column), 1.0)
        total, count = total.cumsum(axis=0), count.cumsum(axis=0)
        start = np.searchsorted(days, dates, side="left")
        if horizon_days is None:
            end = np.full(len(dates), len(days))
        else:
            end = np.searchsorted(days, dates + horizon_days * _DAY, side="left")
        played = count[end] - count[start]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(played > 0, (total[end] - total[start]) / played, np.nan)
        frames.append(
            pd.DataFrame(
                {
                    "season": season,
                    "as_of": np.repeat(dates, len(teams)).astype("datetime64[us]"),
                    "team_id": np.tile(teams, len(dates)),
                    "margin_target": mean.ravel(),
                    "margin_games": played.ravel().astype("int64"),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def games_to_come(
    team_games: pd.DataFrame, as_of: pd.DataFrame, horizon_days: int | None
) -> pd.DataFrame:
    """Return one row a game to come as of a date: the pairs that game losses learn from.

    Returns
    -------
    pandas.DataFrame
        season, as_of, home_id, away_id, home_margin (points, home court taken off), game_id,
        kind, neutral.
    """
    home = team_games[team_games["is_home"]]
    frames = []
    for season, games in home.groupby("season", sort=True):
        games = _adjusted(games).rename(columns={"team_id": "home_id", "opponent_id": "away_id"})
        dates = as_of.loc[as_of["season"] == season, ["season", "as_of"]]
        pairs = dates.merge(
            games[["game_id", "game_date", "kind", "neutral", "home_id", "away_id", "level"]],
            how="cross",
        )
        ahead = pairs["game_date"] >= pairs["as_of"]
        if horizon_days is not None:
            ahead &= pairs["game_date"] < pairs["as_of"] + pd.Timedelta(days=horizon_days)
        frames.append(pairs[ahead].rename(columns={"level": "home_margin"}))
    return pd.concat(frames, ignore_index=True).drop(columns="game_date")


def rank_targets(
    outcomes: pd.DataFrame, as_of: pd.DataFrame, listmle_target: str, target_rank: str
) -> pd.DataFrame:
    """Return how each team ended, repeated for every as-of date of its season.

    Returns
    -------
    pandas.DataFrame
        season, as_of, team_id, conference, rank_target (number of teams minus rank).
    """
    column = rank_column(listmle_target, target_rank)
    teams_in_season = outcomes.groupby("season")["team_id"].transform("size").to_numpy()
    ends = outcomes[["season", "team_id", "conference"]].assign(
        rank_target=scores_from_ranks(outcomes[column].to_numpy(float), 0) + teams_in_season
    )
    return as_of[["season", "as_of"]].merge(ends, on="season")[[*KEY, "conference", "rank_target"]]
