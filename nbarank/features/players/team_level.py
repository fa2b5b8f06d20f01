"""What a roster adds up to: strength by several kinds of minutes, and what it depends on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.features.players.impact import Impact
from nbarank.features.players.log import Floats, Ints, PlayerLog, Snapshots
from nbarank.features.players.members import Members
from nbarank.features.players.minutes import TEAM_MINUTES


class TeamSums:
    """Sums over the members of each team at each snapshot.

    Parameters
    ----------
    members
        Rosters.
    n_snapshots, n_teams
        Shape of the result.
    """

    def __init__(self, members: Members, n_snapshots: int, n_teams: int) -> None:
        self._place = members.snapshot * n_teams + members.team
        self._shape = (n_snapshots, n_teams)

    def sum(self, values: Floats) -> Floats:
        """Return (n_snapshots, n_teams) sums of one value a member."""
        cells = self._shape[0] * self._shape[1]
        sums = np.bincount(self._place, values, minlength=cells).astype(np.float64)
        return sums.reshape(self._shape)

    def most(self, values: Floats) -> Floats:
        """Return (n_snapshots, n_teams) largest value, at least 0."""
        best = np.zeros(self._shape)
        np.maximum.at(best.reshape(-1), self._place, values)
        return best

    def spread(self, team_values: Floats) -> Floats:
        """Return each member's team's value, (n_rows,)."""
        return np.asarray(team_values.reshape(-1)[self._place], np.float64)

    def scaled(self, minutes: Floats) -> Floats:
        """Scale members' minutes so that every team with any has 240 in all."""
        total = self.spread(self.sum(minutes))
        return np.asarray(minutes * TEAM_MINUTES / np.maximum(total, 1e-9))

    def strength(self, minutes: Floats, impact: Floats, newcomers: float | None = None) -> Floats:
        """Return points per game against an average team.

        Parameters
        ----------
        minutes
            (n_rows,) expected, unscaled.
        impact
            (n_rows,) points per 48 minutes.
        newcomers
            Impact of those who play the minutes that the roster is not expected to play; None:
            the roster plays all of them.
        """
        total = self.sum(minutes)
        points = self.sum(minutes * impact) / 48.0
        if newcomers is None:
            return np.asarray(points * TEAM_MINUTES / np.maximum(total, 1e-9))
        filled = np.asarray(points + newcomers * (TEAM_MINUTES - total) / 48.0)
        return np.where(total > 0, filled, 0.0)


def record_lineups(
    log: PlayerLog, snapshots: Snapshots, impact: Impact, members: Members, minutes: Floats
) -> tuple[Floats, Floats]:
    """Compare the roster with the line-ups that produced the season's results.

    Parameters
    ----------
    log, snapshots, impact, members
        Players' past, as-of dates, impact at each, rosters.
    minutes
        (n_rows,) expected minutes, scaled to 240 a team.

    Returns
    -------
    tuple
        (n_snapshots, n_teams) strength of the line-ups of the season to date at today's
        impact; and the overlap of their minutes with the expected ones, 0 to 1. Before a
        team's first game of the season: the line-ups of last season; before any game: 0, 0.
    """
    n_teams, n_players = len(log.teams), len(log.players)
    bounds = log.bounds(len(snapshots))
    strength = np.zeros((len(snapshots), n_teams))
    overlap = np.zeros_like(strength)
    played, before = np.zeros((n_teams, n_players)), np.zeros((n_teams, n_players))
    first = np.searchsorted(members.snapshot, np.arange(len(snapshots) + 1))
    for now in range(len(snapshots)):
        rows = slice(int(bounds[now]), int(bounds[now + 1]))
        regular = np.flatnonzero(log.regular[rows]) + rows.start
        season = log.season_number[regular]
        if now and snapshots.season_number[now] != snapshots.season_number[now - 1]:
            past = regular[season < snapshots.season_number[now]]
            np.add.at(played, (log.team[past], log.player[past]), log.minutes[past])
            before, played = played, np.zeros_like(played)
            regular = regular[season == snapshots.season_number[now]]
        np.add.at(played, (log.team[regular], log.player[regular]), log.minutes[regular])
        started = played.any(axis=1, keepdims=True)
        used = np.where(started, played, before)
        # Summed over those who played: the bits must not depend on players still to come.
        at_team, who = np.nonzero(used)
        total = np.bincount(at_team, used[at_team, who], minlength=n_teams)
        shares = used / np.maximum(total, 1e-9)[:, None]
        worth = shares[at_team, who] * impact.impact[now, who]
        strength[now] = 5.0 * np.bincount(at_team, worth, minlength=n_teams)
        his = slice(int(first[now]), int(first[now + 1]))
        team, player = members.team[his], members.player[his]
        common = np.minimum(shares[team, player], minutes[his] / TEAM_MINUTES)
        np.add.at(overlap[now], team, common)
    return strength, np.minimum(overlap, 1.0)


def team_rows(
    teams: pd.DataFrame, snapshots: Snapshots, team_ids: Ints, columns: dict[str, Floats]
) -> pd.DataFrame:
    """Lay (n_snapshots, n_teams) columns out as one row a team of the season and as-of date.

    Parameters
    ----------
    teams
        Table league/teams: which teams a season has.
    snapshots
        As-of dates.
    team_ids
        (n_teams,) ids of the columns' teams.
    columns
        Name to values.
    """
    now = pd.DataFrame(
        {
            "season": snapshots.season.astype(object),
            "as_of": snapshots.day.astype("datetime64[D]").astype("datetime64[us]"),
            "now": np.arange(len(snapshots)),
        }
    )
    frame = now.merge(teams[["season", "team_id"]], on="season")
    place = np.searchsorted(team_ids, frame["team_id"].to_numpy(np.int64))
    when = frame["now"].to_numpy(np.int64)
    frame = frame.drop(columns="now").astype({"season": str})
    return frame.assign(**{name: values[when, place] for name, values in columns.items()})
