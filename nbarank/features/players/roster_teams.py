"""The table features/roster_teams: strengths of rosters, and what they depend on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.features.players.impact import Impact
from nbarank.features.players.members import Members
from nbarank.features.players.player_log import Floats, Ints, PlayerLog, Snapshots
from nbarank.schemas.league import TEAM_MINUTES

LONG_ABSENT_GAMES = 40
"""Games missed in a row after which a player no longer counts in the rotation."""


class TeamSums:
    """Sums over the members of each team at each snapshot."""

    def __init__(self, members: Members, n_snapshots: int, n_teams: int) -> None:
        self._place = members.snapshot * n_teams + members.team
        self._shape = (n_snapshots, n_teams)

    def sum(self, values: Floats) -> Floats:
        """Return (n_snapshots, n_teams) sums of one value per member."""
        cells = self._shape[0] * self._shape[1]
        sums = np.bincount(self._place, values, minlength=cells).astype(np.float64)
        return sums.reshape(self._shape)

    def most(self, values: Floats) -> Floats:
        """Return (n_snapshots, n_teams) largest value, at least 0."""
        best = np.zeros(self._shape)
        np.maximum.at(best.reshape(-1), self._place, values)
        return best

    def by_member(self, team_values: Floats) -> Floats:
        """Return the value of each member's team, (n_rows,)."""
        return np.asarray(team_values.reshape(-1)[self._place], np.float64)

    def scaled(self, minutes: Floats) -> Floats:
        """Scale members' minutes to a total of 240 per team, where it has any."""
        total = self.by_member(self.sum(minutes))
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
            Impact of newcomers, who play the minutes that the roster is not expected to play;
            None: the roster plays all minutes.
        """
        total = self.sum(minutes)
        points = self.sum(minutes * impact) / 48.0
        if newcomers is None:
            return np.asarray(points * TEAM_MINUTES / np.maximum(total, 1e-9))
        filled = np.asarray(points + newcomers * (TEAM_MINUTES - total) / 48.0)
        return np.where(total > 0, filled, 0.0)


def team_columns(
    sums: TeamSums,
    slots: dict[str, Floats],
    raw: dict[str, Floats],
    log: PlayerLog,
    snapshots: Snapshots,
    members: Members,
    impact: Impact,
    rotation_minutes: float,
    newcomers: float,
) -> dict[str, Floats]:
    """Return the columns of features/roster_teams, each (n_snapshots, n_teams)."""
    own, minutes = slots["impact"], slots["expected_minutes"]
    away = np.maximum(slots["is_absent"], slots["listed_out"])
    regular = np.where(slots["games_missed"] <= LONG_ABSENT_GAMES, slots["played_minutes"], 0.0)
    in_rotation = (slots["played_minutes"] >= rotation_minutes) & (regular > 0)
    available = sums.strength(raw["next"], own, newcomers)
    record, overlap = record_lineups(log, snapshots, impact, members, minutes)
    value = minutes / 48.0 * np.maximum(own, 0.0)
    around = sums.by_member(sums.sum(minutes * own) / np.maximum(sums.sum(minutes), 1e-9))
    lost = np.where(in_rotation & (away > 0), np.maximum(regular - raw["next"], 0.0), 0.0)
    return {
        "player_strength": sums.strength(regular, own),
        "available_strength": available,
        "rest_strength": sums.strength(raw["rest"], own, newcomers),
        "playoff_strength": sums.strength(raw["playoffs"], own),
        "rapm_strength": sums.strength(raw["next"], slots["rapm"], newcomers),
        "box_strength": sums.strength(raw["next"], slots["box_plus_minus"], newcomers),
        "external_strength": sums.strength(raw["next"], slots["external_rating"], 0.0),
        "record_strength": record,
        "lineup_drift": available - record,
        "missing_strength": sums.sum(lost * (own - around) / 48.0),
        "star_reliance": np.minimum(sums.most(value) / np.maximum(sums.sum(value), 1e-9), 1.0),
        "minutes_continuity": overlap,
        "known_minutes": np.minimum(sums.sum(raw["next"]) / TEAM_MINUTES, 1.0),
        "expected_rotation_players": sums.sum((minutes >= rotation_minutes).astype(np.float64)),
        "absent_rotation_players": sums.sum((in_rotation & (away > 0)).astype(np.float64)),
        "new_rotation_players": sums.sum(
            ((minutes >= rotation_minutes) & (slots["is_new"] > 0)).astype(np.float64)
        ),
        "playoff_experience": sums.sum(minutes / TEAM_MINUTES * slots["playoff_minutes_career"]),
        "listed_players": sums.sum(members.listed.astype(np.float64)),
        "roster_players": sums.sum(np.ones(len(own))),
    }


def record_lineups(
    log: PlayerLog, snapshots: Snapshots, impact: Impact, members: Members, minutes: Floats
) -> tuple[Floats, Floats]:
    """Compare the roster with the line-ups that produced the season's results.

    `minutes` are the (n_rows,) expected minutes, scaled to 240 a team.

    Returns
    -------
    tuple
        (n_snapshots, n_teams) strength of the line-ups of the season to date at current
        impact; and the overlap of their minutes with the expected ones, 0 to 1. Before a
        team's first game of the season: the line-ups of last season; before any game: 0, 0.
    """
    n_teams, n_players = len(log.teams), len(log.players)
    bounds = log.bounds(len(snapshots))
    strength = np.zeros((len(snapshots), n_teams))
    overlap = np.zeros_like(strength)
    first = np.searchsorted(members.snapshot, np.arange(len(snapshots) + 1))
    for now in range(len(snapshots)):
        rows = slice(int(bounds[now]), int(bounds[now + 1]))
        season = snapshots.season_number[now]
        if not now or season != snapshots.season_number[now - 1]:
            before, played = np.zeros((2, n_teams, n_players))
            _add_minutes(before, log, np.flatnonzero(log.season_number == season - 1))
        _add_minutes(played, log, np.flatnonzero(log.season_number[rows] == season) + rows.start)
        started = played.any(axis=1, keepdims=True)
        used = np.where(started, played, before)
        # Summed over players who played: the bits must not depend on future players.
        at_team, who = np.nonzero(used)
        total = np.bincount(at_team, used[at_team, who], minlength=n_teams)
        shares = used / np.maximum(total, 1e-9)[:, None]
        worth = shares[at_team, who] * impact.impact[now, who]
        strength[now] = 5.0 * np.bincount(at_team, worth, minlength=n_teams)
        now_rows = slice(int(first[now]), int(first[now + 1]))
        team, player = members.team[now_rows], members.player[now_rows]
        common = np.minimum(shares[team, player], minutes[now_rows] / TEAM_MINUTES)
        np.add.at(overlap[now], team, common)
    return strength, np.minimum(overlap, 1.0)


def _add_minutes(minutes: Floats, log: PlayerLog, rows: Ints) -> None:
    """Add the minutes of the regular-season games among some rows to (n_teams, n_players)."""
    regular = rows[log.regular[rows]]
    np.add.at(minutes, (log.team[regular], log.player[regular]), log.minutes[regular])


def team_rows(
    teams: pd.DataFrame, snapshots: Snapshots, team_ids: Ints, columns: dict[str, Floats]
) -> pd.DataFrame:
    """Return (n_snapshots, n_teams) columns as rows: each team of league/teams, each as-of date."""
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
