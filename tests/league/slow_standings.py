"""Standings of one table in plain Python, one team after the other: slow, but easy to check."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from nbarank.league.rules import SeasonRules


@dataclass
class SlowStandings:
    """Wins [K, K] of row over column, points [K], conference and division [K]."""

    won: np.ndarray
    points: np.ndarray
    conference: np.ndarray
    division: np.ndarray
    rules: SeasonRules

    def __post_init__(self) -> None:
        self.teams = range(len(self.won))
        self.winners: set[int] = set()
        self.winners = {self.ordered(self.members(self.division, d))[0] for d in self.division}
        self.conferences = [self.ordered(self.members(self.conference, c)) for c in (0, 1)]

    def members(self, of: np.ndarray, number: int) -> list[int]:
        return [team for team in self.teams if of[team] == number]

    def share(self, team: int, rivals: Iterable[int]) -> Fraction:
        wins = sum(int(self.won[team, rival]) for rival in rivals)
        games = wins + sum(int(self.won[rival, team]) for rival in rivals)
        return Fraction(wins, games) if games else Fraction(1, 2)

    def record(self, team: int) -> Fraction:
        return self.share(team, self.teams)

    def contenders(self, conference: int) -> list[int]:
        members = self.members(self.conference, conference)
        records = sorted(map(self.record, members), reverse=True)
        last = records[min(self.rules.contenders, len(records)) - 1]
        return [team for team in members if self.record(team) >= last]

    def criteria(self, tied: list[int]) -> list[Callable[[int], float | Fraction]]:
        """Return the criteria for a set of tied teams of one conference, in order."""
        own = int(self.conference[tied[0]])
        one_division = len(set(self.division[tied])) == 1
        first: list[Callable[[int], float | Fraction]] = [
            lambda team: float(team in self.winners),
            lambda team: self.share(team, tied),
        ]
        if len(tied) == 2 and self.rules.head_to_head_first:
            first.reverse()
        return [
            *first,
            lambda team: (
                one_division and self.share(team, self.members(self.division, self.division[team]))
            ),
            lambda team: self.share(team, self.members(self.conference, own)),
            lambda team: self.share(team, self.contenders(own)),
            lambda team: self.share(team, self.contenders(1 - own)),
            lambda team: float(self.points[team]),
        ]

    def ordered(self, teams: list[int]) -> list[int]:
        return self._split(teams, self.record) or teams

    def _split(self, teams: list[int], value: Callable[[int], float | Fraction]) -> list[int]:
        """Order teams by a value, ties broken; empty if it is the same for all of several."""
        values = {team: value(team) for team in teams}
        if len(set(values.values())) == 1 and value != self.record:
            return []
        ordered = []
        for level in sorted(set(values.values()), reverse=True):
            ordered += self._untied([team for team in teams if values[team] == level])
        return ordered

    def _untied(self, tied: list[int]) -> list[int]:
        splits = (self._split(tied, one) for one in self.criteria(tied)) if len(tied) > 1 else ()
        return next(filter(None, splits), sorted(tied))

    def conference_rank(self) -> list[int]:
        return self._ranks(*self.conferences)

    def seed_order(self) -> list[int]:
        if not self.rules.division_winners_first:
            return self.conference_rank()
        orders = []
        for order in self.conferences:
            others = [team for team in order if team not in self.winners]
            ahead = self.winners | set(others[:1])
            orders.append(sorted(order, key=lambda team, ahead=ahead: team not in ahead))
        return self._ranks(*orders)

    def league_rank(self) -> list[int]:
        place = self.conference_rank()
        order = sorted(self.teams, key=lambda team: (-self.record(team), place[team], team))
        for n, (better, other) in enumerate(pairwise(list(order))):
            if self.record(better) == self.record(other) and place[better] == place[other]:
                mine = (self.won[better, other], self.points[better])
                theirs = (self.won[other, better], self.points[other])
                order[n : n + 2] = [other, better] if theirs > mine else [better, other]
        return self._ranks(order)

    def _ranks(self, *orders: list[int]) -> list[int]:
        places = {team: place for order in orders for place, team in enumerate(order, 1)}
        return [places[team] for team in self.teams]
