"""Games, many at once: line-ups, margin, overtime, points and plus-minus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.core.arrays import Bools, Floats, Ints
from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.rotation import (
    dress,
    game_minutes,
    on_court,
    sort_by_position,
    usual_minutes,
)
from nbarank.sources.simulated.state import SeasonState


@dataclass(frozen=True)
class Played:
    """Games that were played; the second axis is home, away.

    Parameters
    ----------
    team, day
        Shapes (games, 2) and (games,).
    players
        Rows of `Players`, shape (games, 2, DRESSED).
    hundredths
        Minutes on court in hundredths of a minute, same shape; 0 if the player did not play.
    plus_minus
        Margin while on court, same shape.
    points
        Final score, shape (games, 2).
    overtimes
        Overtime periods, shape (games,).
    possessions
        Possessions of each team, overtime included, shape (games,).
    """

    team: Ints
    day: Ints
    players: Ints
    hundredths: Ints
    plus_minus: Ints
    points: Ints
    overtimes: Ints
    possessions: Floats

    def take(self, rows: Ints) -> Played:
        """Return some of the games."""
        return Played(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def play(
    state: SeasonState, team: Ints, day: Ints, playoffs: bool, rng: np.random.Generator
) -> Played:
    """Play games between the available line-ups.

    `team` is the home and away team of each game, shape (games, 2); `day` has the shape (games,).
    `playoffs` changes home court, rotations and the effect of strength.
    """
    params, n = state.params, len(day)
    sides = team.reshape(-1)
    side_days = np.repeat(day, 2)
    slots = state.slot(sides, side_days)
    players, available = dress(state, sides, side_days, slots, rng)
    edge = _edge(state, team, day, playoffs)
    stretch = c.PLAYOFF_STRETCH if playoffs else 1.0
    pace = np.clip(
        c.PACE + state.pace_style[team].sum(axis=1) + rng.normal(0.0, c.PACE_GAME_SD, n), 75, 130
    )
    luck = params.game_sd * rng.standard_normal(n) * (c.PLAYOFF_LUCK if playoffs else 1.0)

    # The bench plays more in games that are lopsided by the planned minutes.
    impact = (state.offense + state.defense)[players]
    planned = (impact * usual_minutes(available, playoffs)).sum(axis=1).reshape(n, 2) / 48.0
    plan = stretch * (edge + pace / 100 * (planned[:, 0] - planned[:, 1])) + luck
    lopsided = np.clip((np.abs(plan) - c.BLOWOUT_FROM) / 15.0, 0.0, 1.0)
    minutes = game_minutes(available, np.repeat(lopsided, 2), playoffs, rng)
    players, minutes = sort_by_position(players, minutes, state, rng)

    length, moment = _pieces(n, rng)
    court = on_court(minutes, np.repeat(moment, 2, axis=0), rng.random(2 * n))
    court_length = np.repeat(length, 2, axis=0)
    hundredths = (court * court_length[:, None, :]).sum(axis=2)
    offense, defense = (
        np.einsum("rpk,rp->rk", court, values[players]).reshape(n, 2, -1)
        for values in (state.offense, state.defense)
    )
    share = length / 4800.0
    flow = (offense + defense)[:, 0] - (offense + defense)[:, 1]
    expected = stretch * share * (pace[:, None] / 100 * flow + edge[:, None])
    strength = expected.sum(axis=1)

    regulation, overtimes, extra = _margins(strength, strength + luck, rng)
    pieces = _margin_by_piece(regulation, expected, length, rng)
    sign = np.tile([1, -1], n)
    plus_minus = sign[:, None] * np.einsum("rpk,rk->rp", court, np.repeat(pieces, 2, axis=0))
    closers = _closers(minutes) & (np.repeat(overtimes, 2) > 0)[:, None]
    hundredths = hundredths + 500 * np.repeat(overtimes, 2)[:, None] * closers
    plus_minus = plus_minus + (sign * np.repeat(extra, 2))[:, None] * closers

    balance = ((offense - defense).sum(axis=1) * share).sum(axis=1)
    total = pace / 100 * (2 * c.POINTS_PER_100 + balance) + rng.normal(0.0, c.TOTAL_SD, n)
    total += 21.0 * overtimes + rng.normal(0.0, 3.0, n) * overtimes
    points = _scores(total, regulation + extra)
    return Played(
        team=team,
        day=day,
        players=players.reshape(n, 2, -1),
        hundredths=hundredths.reshape(n, 2, -1),
        plus_minus=plus_minus.reshape(n, 2, -1).astype(np.int64),
        points=points,
        overtimes=overtimes,
        possessions=pace * (1 + 5 / 48 * overtimes),
    )


def _edge(state: SeasonState, team: Ints, day: Ints, playoffs: bool) -> Floats:
    """Return the home team's advantage apart from its players, in points, shape (games,)."""
    added = state.system.sum(axis=1)[team] + state.form[team, day[:, None]]
    tired = (state.team_days[team] == day[:, None, None] - 1).any(axis=2) & ~playoffs
    added = added - c.BACK_TO_BACK_COST * tired
    home = state.params.home_court * (1.0 + playoffs * (c.PLAYOFF_HOME_FACTOR - 1.0))
    favour: Floats = added[:, 0] - added[:, 1] + home / (c.PLAYOFF_STRETCH if playoffs else 1.0)
    return favour


def _pieces(n: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Cut each game into pieces: lengths in hundredths of a minute and middles as shares."""
    cuts = np.cumsum(rng.gamma(4.0, 1.0, (n, c.SEGMENTS)), axis=1)
    ends = np.rint(cuts / cuts[:, -1:] * 4800).astype(np.int64)
    starts = np.concatenate([np.zeros((n, 1), dtype=np.int64), ends[:, :-1]], axis=1)
    return ends - starts, (starts + ends) / 9600.0


def _margins(strength: Floats, margin: Floats, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Return the margin after 48 minutes (0: overtime), the overtimes and the margin in them."""
    size, sign = np.abs(margin), np.where(margin >= 0, 1, -1)
    decided = np.clip((size - c.GARBAGE_FROM) / 10.0, 0.0, 1.0)
    stretched = size + decided * rng.normal(0.0, c.GARBAGE_SD, len(size))
    size = np.where(decided > 0, np.maximum(stretched, np.minimum(size, 3.0)), size)
    whole = sign * np.maximum(np.rint(size), 1).astype(np.int64)
    to_overtime = np.abs(margin) < c.OVERTIME_BELOW
    regulation = np.where(to_overtime, 0, whole)
    overtimes = np.zeros(len(size), dtype=np.int64)
    extra = np.zeros(len(size), dtype=np.int64)
    for period in range(1, c.MOST_OVERTIMES + 1):
        drawn = strength * 5 / 48 + rng.normal(0.0, c.OVERTIME_SD, len(size))
        ended = np.rint(drawn).astype(np.int64)
        if period == c.MOST_OVERTIMES:
            ended = np.where(ended == 0, np.where(drawn >= 0, 1, -1), ended)
        playing = to_overtime & (extra == 0)
        overtimes[playing] = period
        extra[playing] = ended[playing]
    return regulation, overtimes, extra


def _margin_by_piece(
    margin: Ints, expected: Floats, length: Ints, rng: np.random.Generator
) -> Ints:
    """Divide a game's margin over its pieces as whole points that add up to it.

    A random walk around the expected margin of each piece, pinned to the final margin.
    """
    walk = expected + rng.normal(0.0, c.SEGMENT_SD, expected.shape) * np.sqrt(length / 100.0)
    left = margin - walk.sum(axis=1)
    score = np.cumsum(walk + left[:, None] * length / 4800.0, axis=1)
    score[:, -1] = margin
    pieces: Ints = np.diff(np.rint(score).astype(np.int64), axis=1, prepend=0)
    return pieces


def _closers(minutes: Floats) -> Bools:
    """Mark the five players of each row with the most minutes: they play overtime."""
    order = np.argsort(-minutes, axis=1, kind="stable")[:, :5]
    marked = np.zeros(minutes.shape, dtype=np.bool_)
    np.put_along_axis(marked, order, True, axis=1)
    return marked


def _scores(total: Floats, margin: Ints) -> Ints:
    """Return whole scores with exactly this margin and about this total, shape (games, 2)."""
    away = np.maximum(np.rint((total - margin) / 2).astype(np.int64), c.FEWEST_POINTS)
    away = np.maximum(away, c.FEWEST_POINTS - margin)
    return np.stack([away + margin, away], axis=1)
