"""One season as arrays: who played whom before each as-of date.

Every rating works on a `SeasonGames`: teams, as-of dates and the games of the season as indices.
Sums over "all games before the date" are running sums over playing days, looked up at the number
of playing days before the date. Running sums of the past do not depend on later games, so neither
does any rating, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import TableError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SeasonGames:
    """Games of one season, in order of date.

    Attributes
    ----------
    season
        '2015-16'.
    teams
        Team ids in ascending order, shape (teams,).
    conference
        Conference of each team, shape (teams,).
    as_of
        As-of dates, datetime64[us], ascending, shape (dates,).
    days
        Days with games, ascending, shape (days,).
    days_before
        Number of those days before each as-of date, shape (dates,).
    day, home, away
        Index of day, home team and away team of each game, shape (games,).
    home_pts, away_pts, at_home, regular
        Points; 1.0 where the home team played at home (0.0 on neutral ground); whether the game
        is of the regular season. Shape (games,).
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
        fields = {**vars(self), **{name: getattr(self, name)[chosen] for name in per_game}}
        return SeasonGames(**fields)

    def ended(self) -> SeasonGames:
        """Return the same season with one as-of date: the end, after its last game."""
        fields = {
            **vars(self),
            "as_of": np.array(["2262-01-01"], dtype="datetime64[us]"),
            "days_before": np.array([len(self.days)]),
        }
        return SeasonGames(**fields)

    def before(self, day: Ints, place: Ints, values: Floats, size: int) -> Floats:
        """Sum values of all games before each as-of date.

        Parameters
        ----------
        day
            Index of the playing day of each value, shape (values,).
        place
            Where each value is added, in range(size), shape (values,).
        values
            Shape (values,).
        size
            Number of places.

        Returns
        -------
        Shape (dates, size).
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
        """Count the games between each two teams; shape (dates, teams, teams), symmetric."""
        n_teams = len(self.teams)
        pairs = np.concatenate([self.home * n_teams + self.away, self.away * n_teams + self.home])
        counts = self.before(
            np.concatenate([self.day, self.day]), pairs, np.ones(len(pairs)), n_teams * n_teams
        )
        return counts.reshape(-1, n_teams, n_teams)


def split_seasons(
    games: pd.DataFrame, teams: pd.DataFrame, as_of: pd.DataFrame
) -> list[SeasonGames]:
    """Cut league/games into seasons, in time order.

    Parameters
    ----------
    games, teams, as_of
        league/games, league/teams and league/as_of. Seasons are those of league/teams; one
        without games or as-of dates is kept, empty.

    Raises
    ------
    TableError
        If a game is played by a team that the season does not know, or a season has an as-of
        date on or before a game of an earlier season.
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
                f"Season {season} has as-of dates before the season before it has ended.",
                where=f"league/as_of: {one.as_of[0]}; last game before it: {latest}",
                allowed="seasons one after the other",
                next_command="correct the season's dates in params.yaml: data.calendar",
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
            f"Games of {season} name {unknown.size} team(s) that the season does not have.",
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
