"""Injuries and rest: which player misses which of his team's games."""

from __future__ import annotations

import numpy as np

from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.arrays import Bools, Floats, Ints

BEFORE = 40
"""Games before the season over which spells start, so that some last into its first game."""


def draw_absences(
    frailty: Floats,
    slots: int,
    last_rest_slot: int,
    factor: float,
    rng: np.random.Generator,
) -> Bools:
    """Draw the games that each player misses.

    Parameters
    ----------
    frailty
        Factor on a player's rate, shape (players,).
    slots
        Games of a team in the season, those of a long playoff run included.
    last_rest_slot
        Games of the regular season. Nobody rests in the playoffs, so spells of a single game do
        not begin from here on, and most others are played through.
    factor
        Factor on everybody's rate.
    rng
        Generator of this season's absences.

    Returns
    -------
    True where player i misses the game with number j of his team's season, shape
    (players, slots).
    """
    span = slots + BEFORE
    rate = factor * c.SPELLS_PER_GAME * frailty
    count = rng.poisson(rate * span)
    player: Ints = np.repeat(np.arange(len(frailty)), count)
    begin = rng.integers(-BEFORE, slots, len(player))
    one_game = rng.random(len(player)) < c.ONE_GAME_SPELLS
    long = 2 + np.floor(
        rng.lognormal(np.log(c.LONG_SPELL_MEDIAN), c.LONG_SPELL_LOG_SD, len(player))
    ).astype(np.int64)
    late = begin >= c.SHUT_DOWN_FROM * last_rest_slot
    length = np.where(one_game, 1, long)
    length = np.where(
        ~one_game & late & (rng.random(len(player)) < c.SHUT_DOWN), last_rest_slot - begin, length
    )
    through = rng.random(len(player)) < c.PLAY_THROUGH
    length = np.where(through, np.minimum(length, last_rest_slot - begin), length)
    keep = (length > 0) & ~(one_game & (begin >= last_rest_slot))
    player, begin, length = player[keep], begin[keep], length[keep]
    change = np.zeros((len(frailty), slots + 1), dtype=np.int32)
    np.add.at(change, (player, np.clip(begin, 0, slots)), 1)
    np.add.at(change, (player, np.clip(begin + length, 0, slots)), -1)
    missed: Bools = change.cumsum(axis=1)[:, :slots] > 0
    return missed
