"""The players of a game: who dresses, their minutes, and who is on court together."""

from __future__ import annotations

import numpy as np

from nbarank.core.arrays import Bools, Floats, Ints
from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.state import SeasonState


def dress(
    state: SeasonState, team: Ints, day: Ints, slot: Ints, rng: np.random.Generator | None = None
) -> tuple[Ints, Ints]:
    """Choose the players of each team-game, best first.

    `team`, `day` and `slot` (number of the team's game) have the shape (rows,). With `rng`, the
    coach's view varies from game to game.

    Returns
    -------
    players
        Rows of `Players`, available ones first, then by rating, shape (rows, DRESSED).
    available
        How many of them may play, at least FEWEST_AVAILABLE, shape (rows,).
    """
    stints = state.stints
    player = stints.player[team]
    on_roster = stints.on_roster(team, day)
    healthy = on_roster & ~state.absent[player, slot[:, None]]
    score = state.rating[player]
    if rng is not None:
        score = score + rng.normal(0.0, c.COACH_WHIM_SD, score.shape)
    score = score - 1e3 * ~healthy - 1e6 * ~on_roster
    order = np.argsort(-score, axis=1, kind="stable")[:, : c.DRESSED]
    count = np.clip(healthy.sum(axis=1), c.FEWEST_AVAILABLE, c.DRESSED)
    return np.take_along_axis(player, order, axis=1), count


def usual_minutes(size: Ints, playoffs: bool = False) -> Floats:
    """Return a coach's minutes by rank for rotations of a given size, rows adding up to 240."""
    table = np.array(c.PLAYOFF_MINUTES if playoffs else c.ROTATION_MINUTES)
    return fit_minutes(table * (np.arange(c.DRESSED) < size[:, None]))


def fit_minutes(wanted: Floats) -> Floats:
    """Scale minutes so that each row adds up to 240 and no one exceeds MOST_MINUTES."""
    fitted = wanted
    for _ in range(4):
        fitted = np.minimum(fitted * (240.0 / fitted.sum(axis=1, keepdims=True)), c.MOST_MINUTES)
    # Minutes above the cap go to the other players in proportion to their room below it.
    room = np.where(wanted > 0, c.MOST_MINUTES - fitted, 0.0)
    short = 240.0 - fitted.sum(axis=1, keepdims=True)
    filled: Floats = fitted + room * short / np.maximum(room.sum(axis=1, keepdims=True), 1e-9)
    return filled


def game_minutes(
    available: Ints, lopsided: Floats, playoffs: bool, rng: np.random.Generator
) -> Floats:
    """Draw the minutes a coach gives in a game, shape (rows, DRESSED).

    `available` players may play; `lopsided` is 0 for a close game and 1 for a rout, in which the
    bench plays more; both have the shape (rows,).
    """
    rows = len(available)
    mean = c.PLAYOFF_ROTATION_SIZE if playoffs else c.ROTATION_SIZE_MEAN
    drawn = np.rint(mean + c.ROUT_PLAYERS * lopsided + rng.normal(0.0, c.ROTATION_SIZE_SD, rows))
    size = np.clip(drawn.astype(np.int64), c.FEWEST_AVAILABLE, available)
    minutes = usual_minutes(size, playoffs)
    tilt = np.where(np.arange(c.DRESSED) < 7, -c.ROUT_STARTERS, c.ROUT_BENCH)
    noise = rng.normal(0.0, c.MINUTES_NOISE_SD, minutes.shape) * np.clip(minutes / 20.0, 0.3, 1.0)
    changed = np.maximum(minutes + noise + tilt * lopsided[:, None], 2.0)
    return fit_minutes(np.where(minutes > 0, changed, 0.0))


def sort_by_position(
    players: Ints, minutes: Floats, state: SeasonState, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Sort guards first and bigs last, so that a player's neighbours are his substitutes."""
    position = state.role[players] + rng.normal(0.0, 0.8, players.shape)
    order = np.argsort(position, axis=1, kind="stable")
    return np.take_along_axis(players, order, axis=1), np.take_along_axis(minutes, order, axis=1)


def on_court(minutes: Floats, moment: Floats, offset: Floats) -> Bools:
    """Mark who is on court in each piece of the game: always exactly five.

    Players are arcs of a circle of length 5, each as long as his share of the game; five pointers
    one unit apart go around it twice a game. A player is on court while a pointer is on his arc,
    so he plays two spells and is replaced by his neighbour.

    Parameters
    ----------
    minutes
        Planned minutes, rows adding up to 240, shape (rows, DRESSED).
    moment
        Middle of each piece as a share of the game, shape (rows, pieces).
    offset
        Start of the pointers, shape (rows,).

    Returns
    -------
    shape (rows, DRESSED, pieces)
    """
    right = np.cumsum(minutes / 48.0, axis=1)
    right[:, -1] = 5.0
    right = np.minimum(right, 5.0)
    left = np.concatenate([np.zeros((len(right), 1)), right[:, :-1]], axis=1)
    pointer = ((2.0 * moment + offset[:, None]) % 1.0)[:, None, :]
    present: Bools = np.floor(right[:, :, None] + pointer) > np.floor(left[:, :, None] + pointer)
    return present
