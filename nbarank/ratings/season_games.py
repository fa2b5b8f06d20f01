"""One season's games as arrays, and sums of them before each as-of date.

Sums are running sums over playing days, looked up at the number of playing days before the date.
Running sums of the past do not depend on later games, so no rating does, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import TableError
from nbarank.schemas.calendar import CALENDAR_FILE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SeasonGames:
    """Games of one season, in order of date.

    Attributes
    ----------
    teams, conference
        Team ids in ascending order and their conferences, shape (teams,).
    as_of
        As-of dates, datetime64[us], ascending, shape (dates,).
    days
        Days with games, ascending, shape (days,).
    days_before
        Number of those days before each as-of date, shape (dates,).
    day, home, away
        Index of day, home team and away team of each game, shape (games,).
    home_pts, away_pts, at_home, regular
        Points; 1.0 at home, 0.0 on neutral ground; whether it is a regular-season game. Shape
        (games,).
    """

    season: str
    teams: Ints
    conference: NDArray[np.str_]
    as_of: NDArray[np.datetime64]
    days: NDArray[np.datetime64]
    days_before: Ints
    day: Ints
    home: Ints
    away: Ints
    home_pts: Floats
    away_pts: Floats
    at_home: Floats
    regular: NDArray[np.bool_]

    def select(self, chosen: NDArray[np.bool_]) -> SeasonGames:
        """Return the same season with only the chosen games (shape (games,))."""
        per_game = ("day", "home", "away", "home_pts", "away_pts", "at_home", "regular")
        return replace(self, **{name: getattr(self, name)[chosen] for name in per_game})

    def ended(self) -> SeasonGames:
        """Return the same season with one as-of date, after its last game."""
        end = np.array(["2262-01-01"], dtype="datetime64[us]")
        return replace(self, as_of=end, days_before=np.array([len(self.days)]))

    def before(self, day: Ints, place: Ints, values: Floats, size: int) -> Floats:
        """Sum values of all games before each as-of date; shape (dates, size).

        Parameters
        ----------
        day, place, values
            Index of the playing day of each value, its column in range(size), the value.
        """
        daily = np.zeros((len(self.days) + 1, size))
        np.add.at(daily, (day + 1, place), values)
        return np.asarray(np.cumsum(daily, axis=0)[self.days_before])

    def per_team(self, home_values: Floats, away_values: Floats) -> Floats:
        """Sum values of each team's games before each as-of date; shape (dates, teams)."""
        return self.before(
            np.concatenate([self.day, self.day]),
            np.concatenate([self.home, self.away]),
            np.concatenate([home_values, away_values]),
            len(self.teams),
        )

    def meetings(self) -> Floats:
        """Count games between each pair of teams; shape (dates, teams, teams), symmetric."""
        n_teams = len(self.teams)
        pairs = np.concatenate([self.home * n_teams + self.away, self.away * n_teams + self.home])
        counts = self.before(
            np.concatenate([self.day, self.day]), pairs, np.ones(len(pairs)), n_teams * n_teams
        )
        return counts.reshape(-1, n_teams, n_teams)

    def rows(self, columns: dict[str, Floats]) -> pd.DataFrame:
        """Return arrays of shape (dates, teams) as rows with their key."""
        dates, n_teams = len(self.as_of), len(self.teams)
        keys = {
            "season": np.full(dates * n_teams, self.season),
            "as_of": np.repeat(self.as_of, n_teams),
            "team_id": np.tile(self.teams, dates),
        }
        return pd.DataFrame({**keys, **{name: values.ravel() for name, values in columns.items()}})


def split_seasons(
    games: pd.DataFrame, teams: pd.DataFrame, as_of: pd.DataFrame
) -> list[SeasonGames]:
    """Split league/games into the seasons of league/teams, in time order.

    A season without games or as-of dates is kept, empty.

    Raises
    ------
    TableError
        If a game has a team that is not in its season, or a season has an as-of date on or before
        a game of an earlier season.
    """
    result = []
    latest = np.datetime64("0001-01-01", "us")
    for season, members in teams.groupby("season", sort=True):
        one = _one_season(
            str(season),
            members.sort_values("team_id"),
            games[games["season"] == season].sort_values(["game_date", "game_id"]),
            as_of.loc[as_of["season"] == season, "as_of"],
        )
        if len(one.as_of) and one.as_of[0] <= latest:
            raise TableError(
                f"Season {season} has as-of dates before the previous season has ended.",
                where=f"league/as_of: {one.as_of[0]}; last earlier game: {latest}",
                allowed="seasons that do not overlap",
                next_command=f"correct the season's dates in {CALENDAR_FILE}",
            )
        if len(one.days):
            latest = max(latest, one.days[-1])
        result.append(one)
    return result


def _one_season(
    season: str, members: pd.DataFrame, games: pd.DataFrame, as_of: pd.Series
) -> SeasonGames:
    ids = members["team_id"].to_numpy(dtype=np.int64)
    sides = games[["home_id", "away_id"]].to_numpy(dtype=np.int64)
    unknown = np.setdiff1d(sides, ids)
    if unknown.size:
        raise TableError(
            f"Games of {season} have {unknown.size} team(s) that are not in the season.",
            where=f"league/games: team {unknown[:3].tolist()}",
            allowed="the teams of league/teams in that season",
            next_command="dvc repro ingest",
        )
    days, day = np.unique(
        games["game_date"].to_numpy().astype("datetime64[us]"), return_inverse=True
    )
    dates = np.unique(as_of.to_numpy().astype("datetime64[us]"))
    return SeasonGames(
        season=season,
        teams=ids,
        conference=members["conference"].to_numpy(dtype=str),
        as_of=dates,
        days=days,
        days_before=np.searchsorted(days, dates, side="left").astype(np.int64),
        day=day.astype(np.int64),
        home=np.searchsorted(ids, sides[:, 0]).astype(np.int64),
        away=np.searchsorted(ids, sides[:, 1]).astype(np.int64),
        home_pts=games["home_pts"].to_numpy(dtype=np.float64),
        away_pts=games["away_pts"].to_numpy(dtype=np.float64),
        at_home=1.0 - games["neutral"].to_numpy(dtype=np.float64),
        regular=(games["kind"] == "regular").to_numpy(dtype=np.bool_),
    )
