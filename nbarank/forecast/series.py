"""A best of seven: for thousands of simulations at once, and exactly for one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from nbarank.league.rules import SERIES_WINS

Floats = NDArray[np.float32]
Whole = NDArray[np.int16]

GAMES = 2 * SERIES_WINS - 1


def play_series(
    edge: Floats,
    first_hosts: NDArray[np.bool_],
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
        [7, n] chance in each game's margin from the first team's side, in points.
    pattern
        True where the team with home court is at home.
    home_court
        Points the home side is worth.
    won_first, won_second
        [n] games each has won before (0 before the series).

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


def series_probability(
    edge: float,
    game_sd: float,
    home_court: float,
    pattern: tuple[bool, ...],
    *,
    first_hosts: bool = True,
    won_first: int = 0,
    won_second: int = 0,
) -> NDArray[np.float64]:
    """Return the exact probabilities of every way a series can end.

    Parameters
    ----------
    edge, game_sd, home_court
        In points: difference in strength, SD of a margin, worth of the home side.
    pattern, first_hosts, won_first, won_second
        As in `play_series`.

    Returns
    -------
    ndarray
        [5, 5] probability of ending with i wins of the first and j of the second team.
    """
    state = np.zeros((SERIES_WINS + 1, SERIES_WINS + 1))
    state[won_first, won_second] = 1.0
    for game in range(won_first + won_second, GAMES):
        side = 1.0 if pattern[game] == first_hosts else -1.0
        win = float(norm.cdf((edge + side * home_court) / game_sd))
        after = np.zeros_like(state)
        after[SERIES_WINS, :] = state[SERIES_WINS, :]
        after[:, SERIES_WINS] += np.where(
            np.arange(SERIES_WINS + 1) < SERIES_WINS, state[:, SERIES_WINS], 0.0
        )
        live = state[:SERIES_WINS, :SERIES_WINS]
        after[1:, :SERIES_WINS] += win * live
        after[:SERIES_WINS, 1:] += (1.0 - win) * live
        state = after
    return state
