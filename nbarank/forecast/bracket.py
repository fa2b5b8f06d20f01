"""The playoffs, for thousands of simulated seasons at once.

Series are numbered as nba.com numbers them: in each round East before West; in the first round
of a conference 1-8, 4-5, 2-7, 3-6, so that neighbours meet in the next round. The first team of
a series is the one from the upper slot; who has home court is decided by record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbarank.core.errors import ForecastError
from nbarank.forecast.series import GAMES, play_series
from nbarank.league.rules import FIRST_ROUND, ROUNDS, SERIES_WINS, SeasonRules

Floats = NDArray[np.float32]
Whole = NDArray[np.int16]
Index = NDArray[np.intp]

SERIES = 15


@dataclass(frozen=True)
class Playoffs:
    """Simulated playoffs.

    Parameters
    ----------
    first, second
        [15, n] the teams of each series, rounds one after another.
    wins
        [K, n] playoff games won.
    rounds_won
        [K, n] series won, 0-4; -1 outside the playoffs.
    """

    first: Index
    second: Index
    wins: Whole
    rounds_won: Whole

    @property
    def winner(self) -> Index:
        """[n] champion."""
        return np.asarray(np.argmax(self.rounds_won, axis=0))


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
        [4, K, n] strength in the playoffs by round, in points.
    noise
        [15, 7, n] chance in the margins, in points, from the side of the first team.
    rules
        Format of the season.
    home_court
        Points the home side is worth (0 on neutral ground).
    won
        [K, K] playoff games already won, row over column; they stand.

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
        pattern = rules.final_pattern if stage == ROUNDS - 1 else rules.series_pattern
        edge = strength[stage][first, columns] - strength[stage][second, columns]
        games_first, games_second = play_series(
            edge,
            court[first, columns] < court[second, columns],
            noise[number : number + count].transpose(1, 0, 2),
            pattern=pattern,
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
    """Refuse playoff results between teams that the bracket does not surely bring together.

    Who has played each other meets in every simulation, unless the standings say otherwise or
    an earlier series lacks its last games.
    """
    for first, second in np.argwhere(np.triu(won + won.T)):
        together = (played.first == first) & (played.second == second)
        together |= (played.first == second) & (played.second == first)
        if not together.any(axis=0).all():
            raise ForecastError(
                "The bracket cannot be completed: teams have played each other in the playoffs "
                "whom standings, play-in and the series before do not surely bring together.",
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
