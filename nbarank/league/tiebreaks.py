"""Order of teams by record with the NBA's tie-breaks, for many tables at once.

A table is the standings at one moment: an as-of date, or one simulated end of a season. Arrays are
[team, table]; pair arrays [team, opponent, table]. A set of tied teams is split by the first
criterion on which its members differ; teams still tied start again from the first criterion, as
the NBA's rules require. Criteria, computed for tied teams only:

==  ============================  ==================================
    two teams                     three or more
==  ============================  ==================================
1   head to head                  division winner
2   division winner               head to head among all tied
3   division (if the same one)    division (if all in the same one)
4   conference                    conference
5   against the contenders of their own conference (those tied for the last place included)
6   against the contenders of the other conference
7   point difference
8   smaller team id, in place of drawing lots
==  ============================  ==================================

Until 2014-15 the first two criteria of two teams were in the opposite order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbarank.league.rules import SeasonRules

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]
Counts = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Tied:
    """Sets of tied teams: [m] numbers of team and table, the rows of a set adjacent.

    `first` [m] marks the first row of each set.
    """

    team: Whole
    table: Whole
    first: Flags

    @cached_property
    def number(self) -> Whole:
        """[m] number of the row's set."""
        return np.asarray(np.cumsum(self.first) - 1)

    @cached_property
    def size(self) -> Whole:
        """[m] number of teams in the row's set."""
        return np.bincount(self.number)[self.number]

    def differ(self, value: Floats | Whole) -> Flags:
        """Return [m] whether the members of the row's set differ in a value [m]."""
        start = np.flatnonzero(self.first)
        apart = value != value[start][self.number]
        return np.asarray(np.logical_or.reduceat(apart, start)[self.number])


Criterion = Callable[[Tied], Floats]
"""Returns [m] values of the rows; a larger value ranks higher."""


@dataclass(frozen=True)
class Criteria:
    """Criteria that break ties among K teams (ascending by id) in n tables.

    Parameters
    ----------
    won, played
        [K, K, n] wins of row over column, and games between them.
    share, point_difference
        [K, n] share of games won; points scored minus points allowed, over the season.
    conference, division
        [K] numbers; divisions are numbered across the league.
    division_winner
        [K, n]; all False where it does not count.
    """

    won: Counts
    played: Counts
    share: Floats
    point_difference: Floats
    conference: Whole
    division: Whole
    division_winner: Flags
    rules: SeasonRules

    def in_order(self) -> tuple[Criterion, ...]:
        """Return criteria 1 to 7."""
        return (
            lambda tied: self._winner_and_head(tied)[0],
            lambda tied: self._winner_and_head(tied)[1],
            self._in_division,
            lambda tied: self._against(tied, self._conference_of(tied)),
            lambda tied: self._against(tied, self._conference_of(tied) & self._contender(tied)),
            lambda tied: self._against(tied, ~self._conference_of(tied) & self._contender(tied)),
            self.points,
        )

    def head_to_head(self, tied: Tied) -> Floats:
        """Return the share of games won against the other members of the set."""
        size, start = tied.size, np.flatnonzero(tied.first)[tied.number]
        row = np.repeat(np.arange(len(size)), size)
        # Each row is paired with every row from the start of its set on, itself included.
        rival = np.arange(len(row)) + np.repeat(start - np.cumsum(size) + size, size)
        pair = tied.team[row], tied.team[rival], tied.table[row]
        return win_share(np.bincount(row, self.won[pair]), np.bincount(row, self.played[pair]))

    def points(self, tied: Tied) -> Floats:
        """Return the point difference."""
        return self.point_difference[tied.team, tied.table]

    def _winner_and_head(self, tied: Tied) -> tuple[Floats, Floats]:
        """Return the first two criteria, in the order that applies to the set."""
        winner, head = self.division_winner[tied.team, tied.table], self.head_to_head(tied)
        head_first = (tied.size == 2) & self.rules.head_to_head_first
        return np.where(head_first, head, winner), np.where(head_first, winner, head)

    def _in_division(self, tied: Tied) -> Floats:
        """Return the share won in the division, 0 for teams of different divisions."""
        division = self.division[tied.team]
        share = self._against(tied, division[:, None] == self.division)
        return np.where(tied.differ(division), 0.0, share)

    def _conference_of(self, tied: Tied) -> Flags:
        """Return [m, K] the teams of the row's conference."""
        return np.asarray(self.conference[tied.team][:, None] == self.conference)

    def _contender(self, tied: Tied) -> Flags:
        """Return [m, K] the teams in, or tied for, the first places of their conference."""
        share = self.share.T[tied.table]
        contender = np.zeros(share.shape, dtype=bool)
        for number in np.unique(self.conference):
            teams = self.conference == number
            place = max(int(teams.sum()) - self.rules.contenders, 0)
            contender[:, teams] = share[:, teams] >= np.sort(share[:, teams])[:, [place]]
        return contender

    def _against(self, tied: Tied, rivals: Flags) -> Floats:
        """Return the share of games won against the [m, K] rivals."""
        pair = tied.team[:, None], np.arange(rivals.shape[1]), tied.table[:, None]
        games = (self.played[pair] * rivals).sum(axis=1)
        return win_share((self.won[pair] * rivals).sum(axis=1), games)


def win_share(wins: Counts | Floats, games: Counts | Floats) -> Floats:
    """Return the share of games won; 0.5 where none was played."""
    return np.where(games > 0, wins / np.maximum(games, 1), 0.5)


def places(key: Floats | Whole, group: Whole, criteria: tuple[Criterion, ...] = ()) -> Whole:
    """Return [K, n] places in each group (conference or division), 1 = best and all different.

    The largest [K, n] key comes first; the criteria, then the smaller id, break ties.
    """
    teams, tables = key.shape
    # The offset puts all teams of a group before those of the next.
    behind = (group[:, None] * (np.ptp(key) + 1.0) - key).T
    order = np.argsort(behind, axis=1, kind="stable")
    first = np.diff(np.take_along_axis(behind, order, axis=1), prepend=-np.inf) > 0
    order, first = order.ravel(), first.ravel()
    while not first.all():
        rows = np.flatnonzero(~first | ~np.append(first[1:], True))
        tied = Tied(order[rows], rows // teams, first[rows])
        value = _first_difference(tied, criteria)
        by_value = np.lexsort((-value, tied.number))
        order[rows], value = tied.team[by_value], value[by_value]
        first[rows[1:]] |= value[1:] != value[:-1]
    place = np.concatenate([np.arange(1, n + 1) for n in np.unique(group, return_counts=True)[1]])
    result = np.empty((teams, tables), dtype=np.int64)
    result[order.reshape(tables, teams).T, np.arange(tables)] = place[:, None]
    return result


def _first_difference(tied: Tied, criteria: tuple[Criterion, ...]) -> Floats:
    """Return each row's value on the first criterion that splits its set, else minus its team."""
    value = -tied.team.astype(np.float64)
    undecided = np.arange(len(value))
    for criterion in criteria:
        found = criterion(tied)
        splits = tied.differ(found)
        value[undecided[splits]] = found[splits]
        undecided = undecided[~splits]
        if not undecided.size:
            break
        tied = Tied(tied.team[~splits], tied.table[~splits], tied.first[~splits])
    return value
