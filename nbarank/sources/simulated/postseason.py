"""Final standings, play-in and playoffs of the simulated league."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nbarank.core.arrays import Bools, Floats, Ints
from nbarank.sources.simulated.games import Played, play
from nbarank.sources.simulated.state import SeasonState
from nbarank.sources.simulated.teams import Structure

HOME_PATTERN = np.array([True, True, False, False, True, False, True])
"""Whether the better-placed team hosts games 1 to 7 of a series."""
ROUND_STARTS = (6, 21, 36, 52)
"""Days from the day after the regular season to the first day of each round."""
FINALS_LENGTH = 14
FIRST_SEASON_WITH_PLAY_IN = 2020
FEWEST_FOR_PLAY_IN = 10


class Standings:
    """Final standings of one regular season, with ties broken by the NBA's rules.

    Two tied teams: head to head, division winner, division record (same division only), conference
    record, record against contenders of the own and then of the other conference, point difference.
    Three or more: division winners first, then the same list from head to head. If a criterion
    splits a group, each part starts from the top. Contenders reach the playoffs or the play-in.

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
            self._division_winner[self.order(members)[0]] = True

    def _contenders(self, depth: int) -> Bools:
        """Mark the best teams of each conference, including ties for the last place."""
        marked = np.zeros(self.structure.n_teams, dtype=np.bool_)
        for conference in range(2):
            members = self.structure.members(conference)
            last = np.sort(self.share[members])[::-1][min(depth, len(members)) - 1]
            marked[members] = self.share[members] >= last
        return marked

    def order(self, teams: list[int]) -> list[int]:
        """Return teams, best first."""
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


def play_in_format(season: str, teams_in_conference: int) -> str:
    """Return 'standard' from 2020-21 on where both conferences have ten teams, else 'none'."""
    enough = teams_in_conference >= FEWEST_FOR_PLAY_IN
    late = int(season[:4]) >= FIRST_SEASON_WITH_PLAY_IN
    return "standard" if enough and late else "none"


def last_day(regular_days: int) -> int:
    """Return the last day on which the finals can be played, counted from the season's start."""
    return regular_days + ROUND_STARTS[-1] + FINALS_LENGTH


def play_postseason(
    state: SeasonState, standings: Standings, with_play_in: bool, rng: np.random.Generator
) -> list[tuple[str, Played, Sequence[str]]]:
    """Play the play-in (7 to 10 for the last two seeds), if there is one, and the bracket.

    Returns
    -------
    Season type, games and the last five digits of their ids.
    """
    seeds = [standings.order(standings.structure.members(side).tolist()) for side in range(2)]
    # Home court goes by record: a play-in may reverse the order of the last two seeds.
    place = {team: i for side in seeds for i, team in enumerate(side)}
    played: list[tuple[str, Played, Sequence[str]]] = []
    if with_play_in:
        extra, ids, seeds = _play_in(state, seeds, rng)
        played.append(("playin", extra, ids))
    # Pairs in bracket order: 1-8, 2-7, 3-6, 4-5; the winner of 1-8 meets that of 4-5.
    pairs = [(side[i], side[7 - i]) for side in seeds for i in range(4)]
    parts, labels = [], []
    for number, start in enumerate(ROUND_STARTS):
        games, series, winners = _round(state, pairs, state.regular_days + start, rng)
        parts.append(games)
        labels += [f"00{number + 1}{s}{g + 1}" for s, g in series]
        if number == 0:
            winners = [winners[i] for i in (0, 3, 1, 2, 4, 7, 5, 6)]
        if number < 2:
            met = zip(winners[::2], winners[1::2], strict=True)
            pairs = [(a, b) if place[a] < place[b] else (b, a) for a, b in met]
        elif number == 2:
            home, away = standings.order(winners)
            pairs = [(home, away)]
    return [*played, ("playoffs", _join(parts), labels)]


def _play_in(
    state: SeasonState, seeds: list[list[int]], rng: np.random.Generator
) -> tuple[Played, tuple[str, ...], list[list[int]]]:
    """Play 7-8 and 9-10, then the loser of the first against the winner of the second."""
    first = state.regular_days + 1
    fixtures = [(side[i], side[i + 1]) for side in seeds for i in (6, 8)]
    days = np.array([first, first, first + 1, first + 1])
    opening = play(state, np.array(fixtures), days, True, rng)
    won = opening.points[:, 0] > opening.points[:, 1]
    winner = np.where(won, opening.team[:, 0], opening.team[:, 1])
    loser = np.where(won, opening.team[:, 1], opening.team[:, 0])
    last = np.array([[loser[0], winner[1]], [loser[2], winner[3]]])
    closing = play(state, last, np.array([first + 3, first + 3]), True, rng)
    last_winner = np.where(closing.points[:, 0] > closing.points[:, 1], last[:, 0], last[:, 1])
    final = [[*side[:6], int(winner[2 * i]), int(last_winner[i])] for i, side in enumerate(seeds)]
    ids = ("00101", "00111", "00121", "00131", "00201", "00211")
    return _join([opening, closing]), ids, final


def _round(
    state: SeasonState, pairs: list[tuple[int, int]], first: int, rng: np.random.Generator
) -> tuple[Played, list[tuple[int, int]], list[int]]:
    """Play one round: all seven games of every series, of which unneeded ones are dropped."""
    n = len(pairs)
    better, worse = (np.repeat([pair[i] for pair in pairs], 7) for i in range(2))
    number = np.tile(np.arange(7), n)
    series = np.repeat(np.arange(n), 7)
    at_better = HOME_PATTERN[number]
    team = np.stack([np.where(at_better, better, worse), np.where(at_better, worse, better)], 1)
    games = play(state, team, first + 2 * number + series % 2, True, rng)
    home_won = games.points[:, 0] > games.points[:, 1]
    better_won = (home_won == at_better).reshape(n, 7)
    wins: Ints = better_won.cumsum(axis=1)
    losses: Ints = (~better_won).cumsum(axis=1)
    needed = np.concatenate([np.ones((n, 1), bool), np.maximum(wins, losses)[:, :-1] < 4], axis=1)
    winners = [pairs[i][0] if wins[i, needed[i]][-1] == 4 else pairs[i][1] for i in range(n)]
    rows = np.flatnonzero(needed.reshape(-1))
    rows = rows[np.lexsort((series[rows], games.day[rows]))]
    kept = list(zip(series[rows].tolist(), number[rows].tolist(), strict=True))
    return games.take(rows), kept, winners


def _join(parts: list[Played]) -> Played:
    """Concatenate games."""
    names = list(Played.__dataclass_fields__)
    return Played(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
