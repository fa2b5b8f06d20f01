"""Play-in and playoffs of the simulated league."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.core.arrays import Ints
from nbarank.sources.simulated.games import Played, play
from nbarank.sources.simulated.standings import Standings
from nbarank.sources.simulated.state import SeasonState

HOME_PATTERN = np.array([True, True, False, False, True, False, True])
"""Whether the better-placed team hosts games 1 to 7 of a series."""
ROUND_STARTS = (6, 21, 36, 52)
"""Days from the day after the regular season to the first day of each round."""
FINALS_LENGTH = 14
FIRST_SEASON_WITH_PLAY_IN = 2020
FEWEST_FOR_PLAY_IN = 10


@dataclass(frozen=True)
class Postseason:
    """Games of the play-in and the playoffs, with the last five digits of their ids."""

    play_in: Played | None
    play_in_ids: tuple[str, ...]
    playoffs: Played
    playoff_ids: tuple[str, ...]


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
) -> Postseason:
    """Play the play-in, if there is one (7 to 10 for the last two seeds), and the bracket."""
    seeds = [standings.seeds(0), standings.seeds(1)]
    # Home court goes by record: a play-in may reverse the order of the last two seeds.
    place = {team: i for side in seeds for i, team in enumerate(side)}
    extra: Played | None = None
    ids: tuple[str, ...] = ()
    if with_play_in:
        extra, ids, seeds = _play_in(state, seeds, rng)
    # Pairs in bracket order: 1-8, 2-7, 3-6, 4-5; the winner of 1-8 meets that of 4-5.
    pairs = [(side[i], side[7 - i]) for side in seeds for i in range(4)]
    parts, labels = [], []
    for number in range(4):
        first = state.regular_days + ROUND_STARTS[number]
        games, series, winners = _round(state, pairs, first, rng)
        parts.append(games)
        labels += [f"00{number + 1}{s}{g + 1}" for s, g in series]
        if number == 0:
            winners = [winners[i] for i in (0, 3, 1, 2, 4, 7, 5, 6)]
        if number < 2:
            met = zip(winners[::2], winners[1::2], strict=True)
            pairs = [(a, b) if place[a] < place[b] else (b, a) for a, b in met]
        elif number == 2:
            host = standings.better(winners[0], winners[1])
            pairs = [(host, winners[1] if host == winners[0] else winners[0])]
    return Postseason(extra, ids, _join(parts), tuple(labels))


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
