"""Box scores: team totals that fit the score, divided among the players."""

from __future__ import annotations

import numpy as np

from nbarank.core.arrays import Bools, Floats, Ints
from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.games import Played
from nbarank.sources.simulated.state import SeasonState

Box = dict[str, Ints]
"""Counts of the box score by lower-case name, each of shape (games, 2, DRESSED)."""


def box_scores(state: SeasonState, played: Played, rng: np.random.Generator) -> Box:
    """Draw the box scores of games whose score and minutes are known.

    Team totals come first: turnovers, free throws and offensive rebounds determine the number of
    shots; makes are drawn given the points. Then each total is divided by minutes, personal rate
    and a random factor per game. Players who were not on court have 0 everywhere; a team's totals
    are the sums over its players.
    """
    n = len(played.day)
    shape = played.players.shape
    players = played.players.reshape(2 * n, -1)
    minutes = played.hundredths.reshape(2 * n, -1) / 100.0
    points = played.points.reshape(-1)
    possessions = np.repeat(played.possessions, 2) + rng.normal(0.0, 0.8, 2 * n)
    streak = rng.gamma(c.RATE_GAME_SHAPE, 1 / c.RATE_GAME_SHAPE, (*players.shape, len(c.RATES)))
    usual = minutes[:, :, None] / 36.0 * state.rates[players]
    weight = {name: (usual * streak)[:, :, i] for i, name in enumerate(c.RATES)}
    expected = {name: usual[:, :, i].sum(axis=1) for i, name in enumerate(c.RATES)}
    chance = 1.0 / (1.0 + np.exp(-state.shots[players]))

    def other(values: Ints) -> Ints:
        return values.reshape(n, 2)[:, ::-1].reshape(-1)

    tov = rng.poisson(c.TURNOVER_FACTOR * expected["tov"])
    fta = rng.poisson(expected["fta"] * rng.gamma(15.0, 1 / 15.0, 2 * n))
    open_shots = possessions - tov - c.FREE_THROW_TRIPS * fta
    misses = open_shots + 10 - (points - 0.77 * fta) / 2.36
    rebound_share = c.OFFENSIVE_REBOUND_SHARE * np.sqrt(expected["oreb"] / c.USUAL_OREB)
    oreb = rng.binomial(np.clip(np.rint(misses), 5, None).astype(np.int64), rebound_share)
    fga = np.maximum(np.rint(open_shots + oreb).astype(np.int64), 50)
    fg3a = rng.binomial(fga, expected["fg3a"] / (expected["fg3a"] + expected["fg2a"]))
    attempts = np.stack([fga - fg3a, fg3a, fta])
    fg2a, fg2m, fg3m, fta, ftm = _makes(points, attempts, weight, chance, rng)
    missed = fg2a - fg2m + fg3a - fg3m + np.rint(0.4 * (fta - ftm)).astype(np.int64)
    oreb = np.minimum(oreb, missed)
    dreb = other(rng.binomial(missed - oreb, c.REBOUNDED_MISSES))
    assisted = np.clip(c.ASSISTED * np.sqrt(expected["ast"] / c.USUAL_AST), 0.3, 0.9)
    ast = rng.binomial(fg2m + fg3m, assisted)
    stl = other(rng.binomial(tov, c.STOLEN))
    blk = other(rng.binomial(fg2a - fg2m, c.BLOCKED))
    pf = rng.poisson(c.FOUL_FACTOR * expected["pf"] * np.sqrt(other(fta + 4) / 27.0))

    box: Box = {}
    box["fg2a"] = share_evenly(fg2a, weight["fg2a"], rng)
    box["fg2m"] = choose_makes(box["fg2a"], fg2m, state.shots[players][:, :, 0], rng)
    box["fg3a"] = share_evenly(fg3a, weight["fg3a"], rng)
    box["fg3m"] = choose_makes(box["fg3a"], fg3m, state.shots[players][:, :, 1], rng)
    pairs = share_evenly(fta // 2, weight["fta"], rng)
    box["fta"] = 2 * pairs + share_evenly(fta % 2, weight["fta"], rng)
    box["ftm"] = choose_makes(box["fta"], ftm, state.shots[players][:, :, 2], rng)
    totals = (oreb, dreb, ast, stl, blk, tov, pf)
    for name, total in zip(c.RATES[3:], totals, strict=True):
        box[name] = share_out(total, weight[name], rng)
    box["pf"] = np.minimum(box["pf"], c.MOST_FOULS)
    box["fgm"], box["fga"] = box["fg2m"] + box["fg3m"], box["fg2a"] + box["fg3a"]
    box["reb"] = box["oreb"] + box["dreb"]
    box["pts"] = 2 * box["fg2m"] + 3 * box["fg3m"] + box["ftm"]
    return {name: values.reshape(shape) for name, values in box.items() if name[:3] != "fg2"}


def _makes(
    points: Ints,
    attempts: Ints,
    weight: dict[str, Floats],
    chance: Floats,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Draw makes given points: fg2a, fg2m, fg3m, fta, ftm with 2 fg2m + 3 fg3m + ftm = points.

    Makes vary as binomials; the gap to the points is then divided in proportion to the three
    variances, which is the distribution of normal variables given their sum. Attempts (fg2a, fg3a,
    fta; shape (3, rows)) are raised if a rare score needs more.
    """
    fg2a, fg3a, fta = attempts
    worth = np.array([2.0, 3.0, 1.0])[:, None]
    mean_chance = np.stack(
        [
            np.average(chance[:, :, i], axis=1, weights=weight[name] + 1e-12)
            for i, name in enumerate(c.RATES[:3])
        ]
    )
    variance = worth**2 * attempts * mean_chance * (1 - mean_chance)
    value = worth * attempts * mean_chance + np.sqrt(variance) * rng.standard_normal(attempts.shape)
    value += (points - value.sum(axis=0)) * variance / np.maximum(variance.sum(axis=0), 1e-9)
    fg3m = np.clip(np.rint(value[1] / 3), 0, np.minimum(fg3a, points // 3)).astype(np.int64)
    ftm = np.clip(np.rint(value[2]), 0, np.minimum(fta, points - 3 * fg3m)).astype(np.int64)
    odd = (points - 3 * fg3m - ftm) % 2 == 1
    ftm = ftm + odd  # parity needs another free throw
    fta = np.maximum(fta, ftm)
    fg2m = (points - 3 * fg3m - ftm) // 2
    return np.maximum(fg2a, fg2m), fg2m, fg3m, fta, ftm


def share_out(total: Ints, weight: Floats, rng: np.random.Generator) -> Ints:
    """Divide totals among players in proportion to weights (a multinomial draw).

    `total` has the shape (rows,), `weight` (rows, players); each row needs a positive weight, and
    a player with weight 0 gets nothing.
    """
    behind = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
    out = np.zeros(weight.shape, dtype=np.int64)
    left = total.copy()
    for player in range(weight.shape[1]):
        chance = weight[:, player] / np.maximum(behind[:, player], 1e-300)
        last = player + 1 == weight.shape[1]
        # Despite rounding, players without weight must get nothing.
        final = np.ones_like(chance, dtype=bool) if last else behind[:, player + 1] <= 0
        chance = np.where(final & (weight[:, player] > 0), 1.0, np.clip(chance, 0.0, 1.0))
        out[:, player] = rng.binomial(left, chance)
        left = left - out[:, player]
    return out


def share_evenly(total: Ints, weight: Floats, rng: np.random.Generator) -> Ints:
    """Divide totals like `share_out`, but give each player his expected part, rounded up or down.

    For shots, whose number varies less from game to game than a multinomial draw.
    """
    order = np.argsort(rng.random(weight.shape), axis=1)
    shuffled = np.take_along_axis(weight, order, axis=1)
    part = np.cumsum(shuffled, axis=1)
    right = total[:, None] * part / np.maximum(part[:, -1:], 1e-300)
    # From the last player with weight on, the sum is exact, so that no one after him gets any.
    right = np.where(part >= part[:, -1:], total[:, None], right)
    counts = np.diff(np.floor(right + rng.random((len(total), 1))), axis=1, prepend=0.0)
    out = np.empty(weight.shape, dtype=np.int64)
    np.put_along_axis(out, order, counts.astype(np.int64), axis=1)
    return out


def choose_makes(attempts: Ints, makes: Ints, skill: Floats, rng: np.random.Generator) -> Ints:
    """Choose exactly `makes` of each row's attempts, more likely those of better shooters.

    `attempts` and `skill` (logit of the chance) have the shape (rows, players), `makes` (rows,).
    """
    rows, width = attempts.shape
    flat = attempts.reshape(-1)
    shooter = np.repeat(np.arange(rows * width), flat)
    key = skill.reshape(-1)[shooter] + rng.logistic(size=len(shooter))
    row = shooter // width
    # One sort: rows are farther apart than keys can be; best attempt first.
    order = np.argsort(row * 1e4 - key, kind="stable")
    taken = attempts.sum(axis=1)
    place = np.arange(len(order)) - np.repeat(np.cumsum(taken) - taken, taken)
    good: Bools = place < np.repeat(makes, taken)
    return np.bincount(shooter[order[good]], minlength=rows * width).reshape(rows, width)
