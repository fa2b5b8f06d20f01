"""A season before its first game: rosters, absences, and what teams add to their players."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.core.arrays import Bools, Floats, Ints
from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.market import Stints, season_stints
from nbarank.sources.simulated.params import SimulatedParams
from nbarank.sources.simulated.players import Players
from nbarank.sources.simulated.schedule import Fixtures

POSTSEASON_DAYS = 72
"""Days from the last regular-season game to the last day on which the finals can be played."""
_BEFORE = 40
"""Games before the season over which absences start, so that some last into its first game."""


@dataclass(frozen=True)
class SeasonState:
    """One season before its first game.

    Parameters
    ----------
    offense, defense
        Impact per 100 possessions against the league's average minute, shape (players,).
    rating, role
        The coach's view of each player; 0 guard, 1 wing, 2 big.
    rates, shots
        Rates per 36 minutes, shape (players, rates); logits of makes, shape (players, 3).
    absent
        Whether player i misses game j of his team's season, shape (players, slots).
    team_days
        Day of each game of each team; after the regular season every second day, shape
        (teams, slots).
    system
        What a team adds to its players' offence and defence, in points, shape (teams, 2).
    form
        Deviation of each day, in points, shape (teams, days).
    pace_style
        Possessions per game above or below the league's, shape (teams,).
    """

    params: SimulatedParams
    offense: Floats
    defense: Floats
    rating: Floats
    role: Ints
    rates: Floats
    shots: Floats
    stints: Stints
    absent: Bools
    team_days: Ints
    system: Floats
    form: Floats
    pace_style: Floats
    regular_days: int

    @property
    def n_days(self) -> int:
        """Days from the first regular-season game to the last possible game of the finals."""
        return int(self.form.shape[1])

    def slot(self, team: Ints, day: Ints) -> Ints:
        """Return the number of a team's game on a day, or of its next game."""
        number: Ints = (self.team_days[team] < day[..., None]).sum(axis=-1)
        last = self.team_days.shape[1] - 1
        return np.asarray(np.minimum(number, last), dtype=np.int64)


def prepare_season(
    params: SimulatedParams,
    players: Players,
    fixtures: Fixtures,
    system: Floats,
    pace_style: Floats,
    rng: np.random.Generator,
) -> SeasonState:
    """Draw rosters, absences and form of one season.

    `players.team` changes to the teams at the season's end.
    """
    regular_days = int(fixtures.day.max()) + 1
    n_days = regular_days + POSTSEASON_DAYS
    stints = season_stints(players, regular_days, params.n_teams, params.movement, rng)
    days = fixtures.team_days(params.n_teams)
    after = np.tile(np.arange(regular_days + 1, n_days, 2), (params.n_teams, 1))
    team_days = np.concatenate([days, after], axis=1)
    slots = team_days.shape[1]
    absent = _draw_absences(players.frailty, slots, params.games, params.absences, rng)
    _rest_on_back_to_backs(absent, players, days, params.absences, rng)
    hired, weights = _usual_minutes(players)
    average = [np.average(x[hired], weights=weights) for x in (players.offense, players.defense)]
    return SeasonState(
        params=params,
        offense=players.offense - average[0],
        defense=players.defense - average[1],
        rating=players.rating + c.YOUTH_BONUS * np.clip(24 - players.age, 0, None),
        role=players.role,
        rates=c.RATE_MEANS[players.role] * np.exp(players.habits),
        shots=players.shots,
        stints=stints,
        absent=absent,
        team_days=team_days,
        system=system,
        form=_draw_form(params, n_days, rng),
        pace_style=pace_style,
        regular_days=regular_days,
    )


def _usual_minutes(players: Players) -> tuple[Ints, Floats]:
    """Return the players under contract and their usual minutes."""
    hired = np.flatnonzero(players.team >= 0)
    order = hired[np.lexsort((-players.rating[hired], players.team[hired]))]
    team = players.team[order]
    rank = np.arange(len(order)) - np.searchsorted(team, team)
    usual = np.zeros(40)
    usual[: c.DRESSED] = c.ROTATION_MINUTES
    return order, usual[np.minimum(rank, 39)]


def _draw_form(params: SimulatedParams, n_days: int, rng: np.random.Generator) -> Floats:
    keep = np.exp(-1.0 / c.FORM_MEMORY_DAYS)
    shocks = rng.normal(0.0, params.form_sd, (params.n_teams, n_days))
    form = np.empty_like(shocks)
    form[:, 0] = shocks[:, 0]
    for day in range(1, n_days):
        form[:, day] = keep * form[:, day - 1] + np.sqrt(1 - keep**2) * shocks[:, day]
    return form


def _rest_on_back_to_backs(
    absent: Bools, players: Players, days: Ints, factor: float, rng: np.random.Generator
) -> None:
    """Add absences from the second of two games on consecutive days."""
    second = np.zeros(days.shape, dtype=np.bool_)
    second[:, 1:] = np.diff(days, axis=1) == 1
    hired = np.flatnonzero(players.team >= 0)
    chance = np.minimum(factor * c.REST_ON_BACK_TO_BACK * players.frailty[hired], 1.0)
    rests = rng.random((len(hired), days.shape[1])) < chance[:, None]
    absent[hired, : days.shape[1]] |= rests & second[players.team[hired]]


def _draw_absences(
    frailty: Floats, slots: int, last_rest_slot: int, factor: float, rng: np.random.Generator
) -> Bools:
    """Draw the games that each player misses: shape (players, slots), True if absent.

    `slots` are the games of a team in the season, a long playoff run included. From
    `last_rest_slot` on (the playoffs), no absence of a single game starts, and players play
    through most others. `frailty`, shape (players,), and `factor` multiply the rate.
    """
    span = slots + _BEFORE
    rate = factor * c.SPELLS_PER_GAME * frailty
    count = rng.poisson(rate * span)
    player: Ints = np.repeat(np.arange(len(frailty)), count)
    begin = rng.integers(-_BEFORE, slots, len(player))
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
