"""Order of teams by record with the NBA's tie-breaks, for thousands of seasons at once.

Arrays are [team, simulation]; pair arrays [team, opponent, simulation]. A group of tied teams is
split by the first criterion on which its members differ; what is still tied afterwards starts
again from the first criterion, as the rule book says. Criteria:

==  ============================  ==================================
    two teams                     three or more
==  ============================  ==================================
1   head to head                  won its division
2   won its division              head to head among all tied
3   division (if the same one)    division (if all in the same one)
4   conference                    conference
5   against the playoff teams of the own conference (the tied included)
6   against the playoff teams of the other conference
7   point difference
==  ============================  ==================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int16]


@dataclass(frozen=True)
class Criteria:
    """What ties among K teams are broken by.

    Parameters
    ----------
    won
        [K, K, n] wins of row over column.
    played
        [K, K] games between them.
    division
        [K] division number.
    division_winner
        [K, n], all False where it is not yet known or does not count.
    division_share, conference_share, own_share, other_share
        [K, n] share of games won in the division, the conference, against playoff teams of the
        own and the other conference.
    last
        [K, n] point difference, plus chance where games are still to be played.
    """

    won: NDArray[np.uint8]
    played: NDArray[np.int16]
    division: NDArray[np.int64]
    division_winner: Flags
    division_share: Floats
    conference_share: Floats
    own_share: Floats
    other_share: Floats
    last: Floats


def order(share: Floats, criteria: Criteria) -> Whole:
    """Return each team's place, 1 = best, without ties.

    Parameters
    ----------
    share
        [K, n] share of games won.
    criteria
        Of the same teams and simulations.

    Notes
    -----
    Teams equal on everything keep their order in the arrays.
    """
    teams = len(share)
    ahead_of = (share[:, None] > share[None]).sum(axis=1, dtype=np.int16)
    tied = share[:, None] == share[None]
    tied[np.arange(teams), np.arange(teams)] = False
    open_ = np.flatnonzero(tied.any(axis=(0, 1)))
    tied = tied[:, :, open_]
    while open_.size:
        value = _first_difference(tied, criteria, open_)
        wins_tie = tied & (value[:, None] > value[None])
        ahead_of[:, open_] += wins_tie.sum(axis=1, dtype=np.int16)
        tied &= value[:, None] == value[None]
        still = tied.any(axis=(0, 1))
        tied, open_ = tied[:, :, still], open_[still]
    return (teams - ahead_of).astype(np.int16)


def _first_difference(tied: Flags, criteria: Criteria, columns: NDArray[np.int64]) -> Floats:
    """Return [K, m]: each team's value on the first criterion that splits its tied group."""
    teams = len(tied)
    many = tied.sum(axis=1) > 1
    games = (tied * criteria.played[:, :, None]).sum(axis=1)
    wins = (tied * criteria.won[:, :, columns]).sum(axis=1)
    head = np.where(games > 0, wins / np.maximum(games, 1), 0.5).astype(np.float32)
    winner = criteria.division_winner[:, columns].astype(np.float32)
    apart = criteria.division[:, None] != criteria.division[None]
    together = ~(tied & apart[:, :, None]).any(axis=1)
    candidates = (
        np.where(many, winner, head),
        np.where(many, head, winner),
        np.where(together, criteria.division_share[:, columns], np.float32(0)),
        criteria.conference_share[:, columns],
        criteria.own_share[:, columns],
        criteria.other_share[:, columns],
        criteria.last[:, columns],
    )
    chosen = np.broadcast_to(-np.arange(teams, dtype=np.float32)[:, None], many.shape).copy()
    undecided = tied.any(axis=1)
    for value in candidates:
        splits = undecided & (tied & (value[:, None] != value[None])).any(axis=1)
        chosen[splits] = value[splits]
        undecided &= ~splits
        if not undecided.any():
            break
    return chosen
