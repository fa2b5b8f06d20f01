"""The play-in, for thousands of simulated seasons at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nbarank.league.rules import BUBBLE_GAMES_BEHIND, SeasonRules

Floats = NDArray[np.float32]
Whole = NDArray[np.int16]
Index = NDArray[np.intp]

PLAY_IN_GAMES = 3
"""Games in a conference, at most."""


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
) -> tuple[Index, NDArray[np.bool_]]:
    """Return who takes the first eight seeds of a conference.

    Parameters
    ----------
    ranked
        [R, n] team at each place of the conference's order, best first, R at least 10.
    losses, wins
        [R, n] of the teams at these places.
    strength
        [K, n] in points.
    noise
        [3, n] chance in the margins, from the side of the better placed team.
    rules
        Format of the season.
    home_court
        Points the home side is worth.
    won
        [K, K] play-in games already won, row over column: they are not played again.

    Returns
    -------
    tuple
        [8, n] team at each seed; [R, n] whether the team at each place was in the play-in.
    """
    seeds = ranked[:8].copy()
    took_part = np.zeros(ranked.shape, bool)
    if rules.play_in == "standard":
        seventh, eighth, ninth, tenth = ranked[6:10]
        took_part[6:10] = True
        first_won = _game(seventh, eighth, strength, noise[0], home_court, won)
        seeds[6] = np.where(first_won, seventh, eighth)
        loser = np.where(first_won, eighth, seventh)
        second_won = _game(ninth, tenth, strength, noise[1], home_court, won)
        survivor = np.where(second_won, ninth, tenth)
        last_won = _game(loser, survivor, strength, noise[2], home_court, won)
        seeds[7] = np.where(last_won, loser, survivor)
    elif rules.play_in == "bubble":
        behind = ((wins[7] - wins[8]) + (losses[8] - losses[7])) / 2
        held = behind <= BUBBLE_GAMES_BEHIND
        eighth, ninth = ranked[7], ranked[8]
        took_part[7:9] = held
        columns = _columns(eighth)
        edge = strength[eighth, columns] - strength[ninth, columns]
        won_eighth, won_ninth = won[eighth, ninth], won[ninth, eighth]
        first = (won_eighth + won_ninth == 0) & (edge + noise[0] > 0)
        second = (won_ninth < 2) & (edge + noise[1] > 0)
        stays = (won_eighth > 0) | first | second
        seeds[7] = np.where(held & ~stays, ninth, eighth)
    return seeds, took_part


def _columns(teams: Index) -> Index:
    """Return 0..n-1, the simulation of each entry."""
    return np.arange(teams.shape[-1])


def _game(
    better: Index,
    other: Index,
    strength: Floats,
    noise: Floats,
    home_court: float,
    won: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Return whether the better placed team, at home, wins; a game played stands."""
    columns = _columns(better)
    edge = strength[better, columns] - strength[other, columns]
    drawn = edge + noise + home_court > 0
    decided = won[better, other] - won[other, better]
    return np.where(decided != 0, decided > 0, drawn)
