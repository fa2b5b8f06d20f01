"""Members of each team's roster at each snapshot, in the order of recent minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.features.params import PlayerParams
from nbarank.features.players.past_sums import DecayedSums
from nbarank.features.players.player_log import Floats, Ints, PlayerLog, Snapshots
from nbarank.features.players.team_lists import Belonging, TeamLists

SEASONS_BACK = 1
"""Seasons before the current one in which a player must have played or been listed."""
DEBUT_MINUTES = 10.0
"""Minutes per game assumed of a player before his first game."""


@dataclass(frozen=True)
class Members:
    """One row per filled roster slot, ordered by snapshot, team, slot; arrays are (n_rows,).

    Attributes
    ----------
    snapshot, team, slot, player
        The slot; team and player are positions in the log's ids.
    last_row
        Row of the log of the player's latest game before the day; -1: none.
    since
        First day whose games of the team he missed if he did not play: the day after his latest
        game, or the day of the list that moved him to the team.
    listed
        1 if a list of the season has him in the team.
    age
        Years; NaN where unknown.
    recent_minutes, recent_minutes_short
        Decayed minutes per game of the team, absences counting as zero.
    played_minutes, played_minutes_short
        Decayed minutes per game played.
    """

    snapshot: Ints
    team: Ints
    slot: Ints
    player: Ints
    last_row: Ints
    since: Ints
    listed: Ints
    age: Floats
    recent_minutes: Floats
    recent_minutes_short: Floats
    played_minutes: Floats
    played_minutes_short: Floats

    def __len__(self) -> int:
        """Return the number of filled slots."""
        return len(self.player)


def roster_members(
    log: PlayerLog,
    lists: TeamLists,
    ages: Floats,
    snapshots: Snapshots,
    roster_size: int,
    params: PlayerParams,
) -> Members:
    """Return the rosters at every snapshot.

    A player belongs to the team of the latest list that has him, or of his latest game before the
    day if that is later. Without lists a trade moves him with his first game for the new team, and
    until the first game of a season the rosters are those that ended the last one. The
    `roster_size` players with the most decayed minutes per team game are kept; a player without a
    game counts as `DEBUT_MINUTES`.
    """
    bounds = log.bounds(len(snapshots))
    n_players, n_teams = len(log.players), len(log.teams)
    memories = (params.minutes_memory, params.minutes_memory_short)
    own = [DecayedSums(n_players, 2, memory) for memory in memories]
    theirs = [DecayedSums(n_teams, 1, memory) for memory in memories]
    played = np.stack([log.minutes * 48.0 / log.length, np.ones(len(log.minutes))])
    last_row = np.full(n_players, -1, np.int64)
    last_team, last_day = np.r_[log.team, -1], np.r_[log.day, -1]
    belonging = Belonging(n_players, n_teams)
    listed = np.searchsorted(lists.known, np.append(-(2**40), snapshots.day), side="right")
    pieces: list[tuple[Floats | Ints, ...]] = []
    for now in range(len(snapshots)):
        rows = slice(int(bounds[now]), int(bounds[now + 1]))
        clock = float(snapshots.clock[now])
        last_row[log.player[rows]] = np.arange(rows.start, rows.stop)
        first = _first_of_team_game(log, rows)
        per_team, per_game = [], []
        belonging.advance(log, rows, lists, slice(int(listed[now]), int(listed[now + 1])))
        season = int(snapshots.season_number[now])
        seen = np.flatnonzero(
            (belonging.team >= 0) & (belonging.season_number >= season - SEASONS_BACK)
        )
        team, played_last = belonging.team[seen], last_row[seen]
        debut = played_last < 0
        for player_sums, team_sums in zip(own, theirs, strict=True):
            sums = player_sums.advance(clock, log.player[rows], played[:, rows], log.clock[rows])
            games = team_sums.advance(
                clock, log.team[first], np.ones((1, len(first))), log.clock[first]
            )
            minutes, appearances = sums[seen, 0], sums[seen, 1]
            team_games = np.maximum(games[team, 0], appearances)
            per_team.append(minutes / np.maximum(team_games, 1e-12))
            per_game.append(minutes / np.maximum(appearances, 1e-12))
        order = np.lexsort((seen, -np.where(debut, DEBUT_MINUTES, per_team[0]), team))
        slot = _count_within(team[order])
        # A list that confirms the team of his latest game does not end his absence.
        by_game = ~debut & (last_team[played_last] == team)
        since = np.where(by_game, last_day[played_last] + 1, belonging.day[seen])
        kept = order[slot < roster_size]
        pieces.append(
            (
                np.full(len(kept), now, np.int64),
                team[kept],
                slot[slot < roster_size],
                seen[kept],
                played_last[kept],
                since[kept],
                (belonging.listed[seen] == season)[kept].astype(np.int64),
                ages[now, seen[kept]],
                *(values[kept] for values in (*per_team, *per_game)),
            )
        )
    columns = [np.concatenate(column) for column in zip(*pieces, strict=True)]
    return Members(*columns[:7], *(column.astype(np.float64) for column in columns[7:]))


def _first_of_team_game(log: PlayerLog, rows: slice) -> Ints:
    """Return one row of the log for every team in every game of some rows."""
    game, team = log.game[rows], log.team[rows]
    if len(game) == 0:
        return np.zeros(0, np.int64)
    starts = np.r_[True, (game[1:] != game[:-1]) | (team[1:] != team[:-1])]
    return np.asarray(np.flatnonzero(starts) + rows.start, np.int64)


def _count_within(groups: Ints) -> Ints:
    """Number the rows of sorted groups from 0."""
    if len(groups) == 0:
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    lengths = np.diff(np.r_[starts, len(groups)])
    return np.asarray(np.arange(len(groups)) - np.repeat(starts, lengths), np.int64)
