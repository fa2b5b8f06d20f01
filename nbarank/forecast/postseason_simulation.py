"""Play-in, best-of-seven series and bracket of many simulated seasons at once.

Series are numbered as on nba.com: in each round East before West; in the first round of a
conference 1-8, 4-5, 2-7, 3-6, so that neighbours meet in the next round. The first team of a
series comes from the upper slot; home court follows the record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbarank.core.errors import ForecastError
from nbarank.league.rules import BUBBLE_GAMES_BEHIND, FIRST_ROUND, ROUNDS, SERIES_WINS, SeasonRules

Floats = NDArray[np.float32]
Whole = NDArray[np.int16]
Index = NDArray[np.intp]
Flags = NDArray[np.bool_]

PLAY_IN_GAMES = 3
"""Maximum number of play-in games in a conference."""
SERIES = 15
ROUND_OF_SERIES = np.repeat(np.arange(ROUNDS), (8, 4, 2, 1))
GAMES = 2 * SERIES_WINS - 1


@dataclass(frozen=True)
class Playoffs:
    """Simulated playoffs.

    Parameters
    ----------
    first, second
        [15, n] the teams of each series, in order of rounds.
    wins
        [K, n] playoff games won.
    rounds_won
        [K, n] series won, 0-4; -1 outside the playoffs.
    """

    first: Index
    second: Index
    wins: Whole
    rounds_won: Whole


def play_in(
    ranked: Index,
    losses: Floats,
    wins: Floats,
    strength: Floats,
    noise: Floats,
    *,
    rules: SeasonRules,
    home_court: float,
    won: NDArray[np.int64],
) -> tuple[Index, Flags]:
    """Return the first eight seeds of a conference.

    Parameters
    ----------
    ranked
        [R, n] team at each place of the conference's standings, R at least 10.
    losses, wins
        [R, n] of the teams at these places.
    strength
        [K, n] in points.
    noise
        [3, n] random part of the margins in points, positive for the better placed team.
    home_court
        Home advantage in points.
    won
        [K, K] play-in games already won, row over column: they are not simulated.

    Returns
    -------
    tuple
        [8, n] team at each seed; [R, n] whether the team at each place was in the play-in.
    """
    seeds = ranked[:8].copy()
    took_part = np.zeros(ranked.shape, bool)
    columns = np.arange(ranked.shape[1])

    def first_wins(better: Index, other: Index, chance: Floats) -> Flags:
        edge = strength[better, columns] - strength[other, columns]
        decided = won[better, other] - won[other, better]
        return np.where(decided != 0, decided > 0, edge + chance + home_court > 0)

    if rules.play_in == "standard":
        seventh, eighth, ninth, tenth = ranked[6:10]
        took_part[6:10] = True
        first_won = first_wins(seventh, eighth, noise[0])
        seeds[6] = np.where(first_won, seventh, eighth)
        loser = np.where(first_won, eighth, seventh)
        survivor = np.where(first_wins(ninth, tenth, noise[1]), ninth, tenth)
        seeds[7] = np.where(first_wins(loser, survivor, noise[2]), loser, survivor)
    elif rules.play_in == "bubble":
        behind = ((wins[7] - wins[8]) + (losses[8] - losses[7])) / 2
        needed = behind <= BUBBLE_GAMES_BEHIND
        eighth, ninth = ranked[7], ranked[8]
        took_part[7:9] = needed
        edge = strength[eighth, columns] - strength[ninth, columns]
        won_eighth, won_ninth = won[eighth, ninth], won[ninth, eighth]
        first = (won_eighth + won_ninth == 0) & (edge + noise[0] > 0)
        second = (won_ninth < 2) & (edge + noise[1] > 0)
        stays = (won_eighth > 0) | first | second
        seeds[7] = np.where(needed & ~stays, ninth, eighth)
    return seeds, took_part


def play_series(
    edge: Floats,
    first_hosts: Flags,
    noise: Floats,
    *,
    pattern: tuple[bool, ...],
    home_court: float,
    won_first: Whole,
    won_second: Whole,
) -> tuple[Whole, Whole]:
    """Play best-of-seven series to their end.

    Parameters
    ----------
    edge
        [n] strength of the first team minus the second's, in points.
    first_hosts
        [n] the first team has home court.
    noise
        [7, n] random part of each margin in points, positive for the first team.
    pattern
        True where the team with home court is at home.
    home_court
        Home advantage in points.
    won_first, won_second
        [n] games each has already won.

    Returns
    -------
    tuple
        [n] wins of the first and of the second team; one of them is 4.
    """
    first, second = won_first.astype(np.int16), won_second.astype(np.int16)
    over = first + second
    for game in range(GAMES):
        live = (over <= game) & (first < SERIES_WINS) & (second < SERIES_WINS)
        at_home = first_hosts == pattern[game]
        margin = edge + noise[game] + np.where(at_home, home_court, -home_court)
        first_won = margin > 0
        first += live & first_won
        second += live & ~first_won
    return first, second


def play_bracket(
    seeds: Index,
    court: NDArray[np.int64],
    strength: Floats,
    noise: Floats,
    *,
    rules: SeasonRules,
    home_court: float,
    won: NDArray[np.int64],
) -> Playoffs:
    """Play four rounds of best-of-seven series.

    Parameters
    ----------
    seeds
        [2, 8, n] team at each seed of East and West.
    court
        [K, n] order of the league by record: the lower number has home court.
    strength
        [4, K, n] strength by round, in points.
    noise
        [15, 7, n] random part of the margins in points, positive for the first team.
    home_court
        Home advantage in points (0 on neutral ground).
    won
        [K, K] playoff games already won, row over column: they are not simulated.

    Raises
    ------
    ForecastError
        If games were played between teams that the bracket does not bring together.
    """
    n = seeds.shape[2]
    columns = np.arange(n)
    teams = len(court)
    wins = np.zeros((teams, n), np.int16)
    rounds_won = np.full((teams, n), -1, np.int16)
    rounds_won[seeds.reshape(16, n), columns] = 0
    slots = [(side, seed - 1) for side in (0, 1) for meeting in FIRST_ROUND for seed in meeting]
    entrants = np.stack([seeds[side, seed] for side, seed in slots])
    firsts, seconds = [], []
    number = 0
    for stage in range(ROUNDS):
        first, second = entrants[0::2], entrants[1::2]
        firsts.append(first)
        seconds.append(second)
        count = len(first)
        games_first, games_second = play_series(
            strength[stage][first, columns] - strength[stage][second, columns],
            court[first, columns] < court[second, columns],
            noise[number : number + count].transpose(1, 0, 2),
            pattern=rules.final_pattern if stage == ROUNDS - 1 else rules.series_pattern,
            home_court=home_court,
            won_first=won[first, second].astype(np.int16),
            won_second=won[second, first].astype(np.int16),
        )
        wins[first, columns] += games_first
        wins[second, columns] += games_second
        entrants = np.where(games_first > games_second, first, second)
        rounds_won[entrants, columns] += 1
        number += count
    played = Playoffs(np.concatenate(firsts), np.concatenate(seconds), wins, rounds_won)
    _check_met(played, won)
    return played


def _check_met(played: Playoffs, won: NDArray[np.int64]) -> None:
    """Refuse playoff results between teams that do not meet in every simulation."""
    for first, second in np.argwhere(np.triu(won + won.T)):
        together = (played.first == first) & (played.second == second)
        together |= (played.first == second) & (played.second == first)
        if not together.any(axis=0).all():
            raise ForecastError(
                "The bracket cannot be completed: two teams have met in the playoffs, but "
                "standings, play-in and earlier series do not bring them together.",
                where=f"teams (numbered by id) {first} and {second}",
                allowed="series of the bracket, each finished before its winner plays the next",
                next_command="check league/games of play-in and playoffs, and play_in in "
                "league/seasons",
            )


def check_series(won: NDArray[np.int64]) -> None:
    """Refuse playoff results that no best of seven can have.

    Parameters
    ----------
    won
        [K, K] playoff games won, row over column.

    Raises
    ------
    ForecastError
        If a team has won more than four games of a series, or both have won four.
    """
    wrong = np.argwhere((won > SERIES_WINS) | ((won == SERIES_WINS) & (won.T >= SERIES_WINS)))
    if len(wrong):
        first, second = wrong[0]
        raise ForecastError(
            "A playoff series has more games than a best of seven.",
            where=f"teams (numbered by id) {first} and {second}: "
            f"{won[first, second]}-{won[second, first]} of {GAMES}",
            allowed="at most four wins for one team",
            next_command="check league/games of the playoffs",
        )
