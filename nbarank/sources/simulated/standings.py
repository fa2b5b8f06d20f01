"""Seeds of the simulated playoffs: records, with ties broken by the NBA's rules.

Two tied teams: head to head, division winner, division record (same division only), conference
record, record against contenders of the own and then of the other conference, point difference.
Three or more: division winners first, then the same list from head to head. If a criterion splits
a group, each part starts from the top. Contenders reach the playoffs or the play-in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nbarank.core.arrays import Bools, Floats, Ints
from nbarank.sources.simulated.teams import Structure


class Standings:
    """Final standings of one regular season.

    Parameters
    ----------
    winner, loser
        Teams of each game, shape (games,).
    margin
        Point difference of each game, shape (games,).
    depth
        Teams of a conference in the postseason: 8, with a play-in 10.
    """

    def __init__(
        self, structure: Structure, winner: Ints, loser: Ints, margin: Ints, depth: int
    ) -> None:
        n = structure.n_teams
        self.structure = structure
        self.won = np.zeros((n, n), dtype=np.int64)
        np.add.at(self.won, (winner, loser), 1)
        self.played = self.won + self.won.T
        self.share: Floats = self.won.sum(axis=1) / np.maximum(self.played.sum(axis=1), 1)
        self.difference = np.bincount(winner, margin, n) - np.bincount(loser, margin, n)
        self._same_conference = structure.conference[:, None] == structure.conference
        self._same_division = structure.division[:, None] == structure.division
        self._contender = self._contenders(depth)
        self._division_winner = np.zeros(n, dtype=np.bool_)
        for division in np.unique(structure.division):
            members = np.flatnonzero(structure.division == division).tolist()
            self._division_winner[self._order(members)[0]] = True

    def seeds(self, conference: int) -> list[int]:
        """Return the teams of a conference, best first."""
        return self._order(self.structure.members(conference).tolist())

    def better(self, one: int, other: int) -> int:
        """Return which of two teams has home court in the finals."""
        return self._order([one, other])[0]

    def _contenders(self, depth: int) -> Bools:
        """Mark the best teams of each conference, including ties for the last place."""
        marked = np.zeros(self.structure.n_teams, dtype=np.bool_)
        for conference in range(2):
            members = self.structure.members(conference)
            last = np.sort(self.share[members])[::-1][min(depth, len(members)) - 1]
            marked[members] = self.share[members] >= last
        return marked

    def _order(self, teams: list[int]) -> list[int]:
        return self._split(teams, [lambda group: self.share[group]])

    def _split(self, group: list[int], criteria: list[Callable[[list[int]], Floats]]) -> list[int]:
        """Order a group by the first criterion that splits it, then each of its parts."""
        if len(group) == 1:
            return group
        for criterion in criteria:
            value = np.round(criterion(group), 9)
            levels = np.unique(value)[::-1]
            if len(levels) > 1:
                parts = [[t for t, v in zip(group, value, strict=True) if v == x] for x in levels]
                return [team for part in parts for team in self._split(part, self._ties(part))]
        if len(criteria) == 1:
            return self._split(group, self._ties(group))
        return sorted(group)

    def _ties(self, group: list[int]) -> list[Callable[[list[int]], Floats]]:
        def against(opponents: Bools) -> Callable[[list[int]], Floats]:
            return lambda teams: self._share_against(teams, opponents)

        n = self.structure.n_teams
        tied = np.zeros(n, dtype=np.bool_)
        tied[group] = True
        head_to_head = against(np.tile(tied, (n, 1)))
        leader = [lambda teams: self._division_winner[teams].astype(np.float64)]
        start = [head_to_head, *leader] if len(group) == 2 else [*leader, head_to_head]
        if len(set(self.structure.division[group].tolist())) == 1:
            start.append(against(self._same_division))
        return [
            *start,
            against(self._same_conference),
            against(self._same_conference & self._contender),
            against(~self._same_conference & self._contender),
            lambda teams: self.difference[teams].astype(np.float64),
        ]

    def _share_against(self, teams: list[int], opponents: Bools) -> Floats:
        """Return each team's share of games won against its row of opponents."""
        won = (self.won * opponents)[teams].sum(axis=1)
        played = (self.played * opponents)[teams].sum(axis=1)
        share: Floats = won / np.maximum(played, 1)
        return share
