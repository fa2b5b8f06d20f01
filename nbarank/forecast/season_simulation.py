"""One chunk of simulated seasons: remaining schedule, standings, play-in, bracket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from nbarank.forecast.game_model import GameModel
from nbarank.forecast.postseason_simulation import (
    GAMES,
    PLAY_IN_GAMES,
    SERIES,
    Playoffs,
    play_bracket,
    play_in,
)
from nbarank.forecast.season_state import SeasonState
from nbarank.league.rules import ROUNDS
from nbarank.league.standings import Standings, rank_tables

Floats = NDArray[np.float32]
Whole = NDArray[np.int16]

DAYS_PER_BLOCK = 14.0
"""Strength is constant for this many days; a playoff round counts as one block."""


@dataclass(frozen=True)
class Strengths:
    """Strength of the K teams of a season as of a day, in points against an average team.

    Parameters
    ----------
    mean, sd
        [K] estimate and SD of its error.
    playoff_mean
        [K] estimate for the playoffs, before the stretch; None: `mean`. The error is the same.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    playoff_mean: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Drift:
    """Slow change of strength: an autoregressive walk that starts at 0 on the day.

    Parameters
    ----------
    sd
        Stationary SD, in points.
    memory_days
        Days after which it decays to 1/e.
    """

    sd: float
    memory_days: float


@dataclass(frozen=True)
class Simulated:
    """Simulated rests of a season; arrays [K, n].

    Parameters
    ----------
    standings
        Regular season.
    seeds
        [2, 8, n] team at each seed.
    in_play_in
        Took part in the play-in.
    playoffs
        The bracket.
    playoff_rank
        1-16 by playoff wins, ties by record; then the others by record.
    home_won
        [G, n] whether the home side won each remaining fixture.
    """

    standings: Standings
    seeds: NDArray[np.intp]
    in_play_in: NDArray[np.bool_]
    playoffs: Playoffs
    playoff_rank: Whole
    home_won: NDArray[np.bool_]


def simulate(
    state: SeasonState,
    strengths: Strengths,
    model: GameModel,
    drift: Drift,
    n: int,
    random: np.random.Generator,
) -> Simulated:
    """Play the rest of a season n times.

    Memory: about 8 kB a simulation. The numbers drawn from `random`, and their order, depend only
    on the fixtures: two calls with generators in the same state differ only by their strengths
    (common random numbers).
    """
    teams = state.n_teams
    blocks = (state.days // DAYS_PER_BLOCK).astype(np.int64)
    error = random.standard_normal((teams, n), np.float32)
    walk = _walk(int(blocks.max(initial=-1)) + 1 + ROUNDS, teams, n, drift, random)
    error *= strengths.sd[:, None].astype(np.float32)
    regular = strengths.mean[:, None].astype(np.float32) + error
    won, home_won = _regular_season(state, regular, walk, blocks, model, random)
    last = random.standard_normal((teams, n), np.float32)
    play_in_noise = random.standard_normal((2, PLAY_IN_GAMES, n), np.float32)
    series_noise = random.standard_normal((SERIES, GAMES, n), np.float32)

    # The final point difference, the last tie-break: the one so far plus noise for open games.
    last *= 12.0 * np.sqrt(len(state.home) * 2 / teams)
    last += state.difference[:, None].astype(np.float32)
    played, difference = state.played[:, :, None], last.astype(np.float64)
    table = rank_tables(won, played, difference, state.conference, state.division, state.rules)

    playoff = regular
    if strengths.playoff_mean is not None:
        playoff = strengths.playoff_mean[:, None].astype(np.float32) + error
    by_round = playoff + walk[-ROUNDS:]
    seeds, in_play_in = _seeds(state, table, by_round[0], play_in_noise, model)
    playoffs = play_bracket(
        seeds,
        table.league_rank,
        by_round * _stretch(model),
        series_noise * np.float32(model.playoff_game_sd),
        rules=state.rules,
        home_court=0.0 if state.playoffs_neutral else model.playoff_home_court,
        won=state.playoffs_won,
    )
    rank = _playoff_rank(table, playoffs)
    return Simulated(table, seeds, in_play_in, playoffs, rank, home_won)


def _stretch(model: GameModel) -> Floats:
    """Return [rounds, 1, 1] factors on strength."""
    stretch = np.full((ROUNDS, 1, 1), model.playoff_stretch, np.float32)
    stretch[0] *= np.float32(model.first_round)
    return stretch


def _walk(blocks: int, teams: int, n: int, drift: Drift, random: np.random.Generator) -> Floats:
    """Return [blocks, K, n] change of strength since the day."""
    walk = random.standard_normal((blocks, teams, n), np.float32)
    keep = float(np.exp(-DAYS_PER_BLOCK / drift.memory_days))
    step = np.float32(drift.sd * np.sqrt(1.0 - keep**2))
    # The middle of the first block is half a block after the day.
    half = float(np.exp(-0.5 * DAYS_PER_BLOCK / drift.memory_days))
    walk[0] *= np.float32(drift.sd * np.sqrt(1.0 - half**2))
    for block in range(1, blocks):
        walk[block] *= step
        walk[block] += np.float32(keep) * walk[block - 1]
    return walk


def _regular_season(
    state: SeasonState,
    strength: Floats,
    walk: Floats,
    blocks: NDArray[np.int64],
    model: GameModel,
    random: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return [K, K, n] wins of row over column, played and simulated, and [G, n] home wins."""
    teams, n = strength.shape
    points = np.where(state.neutral, 0.0, model.home_court) + model.back_to_back * state.tired
    court = points.astype(np.float32)[:, None]
    home_won = np.empty((len(state.home), n), bool)
    for block in np.unique(blocks):
        inside = slice(*np.searchsorted(blocks, (block, block + 1)))
        current = strength + walk[block]
        margin = random.standard_normal(home_won[inside].shape, np.float32)
        margin *= np.float32(model.game_sd)
        margin += court[inside]
        margin += current[state.home[inside]]
        margin -= current[state.away[inside]]
        decided = state.decided[inside, None]
        home_won[inside] = np.where(decided == 0, margin > 0, decided > 0)
    pairs = np.concatenate([state.home * teams + state.away, state.away * teams + state.home])
    won = np.concatenate([home_won, ~home_won]).view(np.uint8)
    # A sparse product adds up the meetings of each pair.
    games = (np.ones(len(pairs), np.uint8), (pairs, np.arange(len(pairs))))
    added = np.asarray(csr_array(games, shape=(teams * teams, len(pairs))) @ won, np.uint8)
    return state.won.astype(np.uint8)[:, :, None] + added.reshape(teams, teams, n), home_won


def _seeds(
    state: SeasonState, table: Standings, strength: Floats, noise: Floats, model: GameModel
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return [2, 8, n] seeds and [K, n] whether a team was in the play-in."""
    losses, wins = table.losses.astype(np.float32), table.wins.astype(np.float32)
    in_play_in = np.zeros(table.wins.shape, bool)
    sides = []
    for side in (0, 1):
        rows = np.flatnonzero(state.conference == side)
        ranked = rows[np.argsort(table.seed_order[rows], axis=0)]
        seeds, took_part = play_in(
            ranked,
            np.take_along_axis(losses, ranked, 0),
            np.take_along_axis(wins, ranked, 0),
            strength,
            noise[side] * np.float32(model.game_sd),
            rules=state.rules,
            home_court=model.home_court,
            won=state.play_in_won,
        )
        np.put_along_axis(in_play_in, ranked, took_part, axis=0)
        sides.append(seeds)
    return np.stack(sides), in_play_in


def _playoff_rank(table: Standings, playoffs: Playoffs) -> Whole:
    """Return ranks by performance: playoff wins, then record; the others by record."""
    # Playoff teams come first (rounds_won >= 0); the league's order is unique, so no ties remain.
    outside = (playoffs.rounds_won < 0).astype(np.int32)
    key = (outside * 100 - playoffs.wins) * 100 + table.league_rank
    places = np.empty(key.shape, np.int16)
    order = np.argsort(key, axis=0)
    np.put_along_axis(places, order, np.arange(1, len(key) + 1, dtype=np.int16)[:, None], axis=0)
    return places
