"""Order of teams by record with the NBA's tie-breaks, for many tables at once.

A table is the standings at one moment: an as-of date, or one simulated end of a season. Arrays are
[team, table]; pair arrays [team, opponent, table]. A group of tied teams is split by the first
criterion on which its members differ; teams still tied start again from the first criterion, as
the NBA's rules require. Criteria:

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

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Criteria:
    """Criteria that break ties among K teams (ascending by id) in n tables.

    Parameters
    ----------
    won
        [K, K, n] wins of row over column.
    played
        [K, K, n] games between them (n may be 1 where it is the same in every table).
    division
        [K] division number.
    division_winner
        [K, n]; all False where it does not count.
    division_share, conference_share, own_share, other_share
        [K, n] share of games won in the division, in the conference, against contenders of the
        own and of the other conference.
    point_difference
        [K, n] points scored minus points allowed, over the season.
    head_to_head_first
        For two teams: head to head before winning the division.
    """

    won: Whole
    played: Whole
    division: Whole
    division_winner: Flags
    division_share: Floats
    conference_share: Floats
    own_share: Floats
    other_share: Floats
    point_difference: Floats
    head_to_head_first: bool

    def part(self, rows: Whole) -> Criteria:
        """Return the criteria of some of the teams."""
        taken = {
            field.name: getattr(self, field.name)[rows]
            for field in fields(self)
            if field.name not in ("won", "played", "head_to_head_first")
        }
        pairs = np.ix_(rows, rows)
        return Criteria(
            won=self.won[pairs],
            played=self.played[pairs],
            head_to_head_first=self.head_to_head_first,
            **taken,
        )


def order(share: Floats, criteria: Criteria) -> Whole:
    """Return [K, n] ranks, 1 = best and all different, from the [K, n] share of games won."""
    ahead_of = (share[:, None] > share[None]).sum(axis=1)
    tied = share[:, None] == share[None]
    tied[np.arange(len(share)), np.arange(len(share))] = False
    columns = np.flatnonzero(tied.any(axis=(0, 1)))
    tied = tied[:, :, columns]
    while columns.size:
        value = _first_difference(tied, criteria, columns)
        ahead_of[:, columns] += (tied & (value[:, None] > value[None])).sum(axis=1)
        tied &= value[:, None] == value[None]
        still = tied.any(axis=(0, 1))
        tied, columns = tied[:, :, still], columns[still]
    return np.asarray(len(share) - ahead_of, dtype=np.int64)


def _first_difference(tied: Flags, criteria: Criteria, columns: Whole) -> Floats:
    """Return [K, m]: each team's value on the first criterion that splits its tied group."""
    many = tied.sum(axis=1) > 1
    played = np.broadcast_to(criteria.played, criteria.won.shape)[:, :, columns]
    games = (tied * played).sum(axis=1)
    wins = (tied * criteria.won[:, :, columns]).sum(axis=1)
    head = np.where(games > 0, wins / np.maximum(games, 1), 0.5)
    winner = criteria.division_winner[:, columns].astype(np.float64)
    apart = criteria.division[:, None] != criteria.division[None]
    together = ~(tied & apart[:, :, None]).any(axis=1)
    winner_first = many if criteria.head_to_head_first else np.ones_like(many)
    candidates = (
        np.where(winner_first, winner, head),
        np.where(winner_first, head, winner),
        np.where(together, criteria.division_share[:, columns], 0.0),
        criteria.conference_share[:, columns],
        criteria.own_share[:, columns],
        criteria.other_share[:, columns],
        criteria.point_difference[:, columns],
    )
    by_id = -np.arange(len(tied), dtype=np.float64)[:, None]
    chosen = np.broadcast_to(by_id, many.shape).copy()
    undecided = tied.any(axis=1)
    for value in candidates:
        # If any two teams of a group differ, each member differs from some other.
        splits = undecided & (tied & (value[:, None] != value[None])).any(axis=1)
        chosen[splits] = value[splits]
        undecided &= ~splits
        if not undecided.any():
            break
    return chosen
