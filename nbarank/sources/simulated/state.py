"""What is fixed before a season starts: who is who, who is hurt when, and what teams add."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.absences import draw_absences
from nbarank.sources.simulated.arrays import Bools, Floats, Ints
from nbarank.sources.simulated.market import Stints, season_stints
from nbarank.sources.simulated.params import SimulatedParams
from nbarank.sources.simulated.players import Players
from nbarank.sources.simulated.schedule import Fixtures

POSTSEASON_DAYS = 72
"""Days from the last regular-season game to the last day on which the finals can be played."""


@dataclass(frozen=True)
class SeasonState:
    """One season before its first game.

    Parameters
    ----------
    params
        Parameters of the league.
    offense, defense
        Impact per 100 possessions against the league's average minute, shape (players,).
    rating, role
        Coach's view of each player; 0 guard, 1 wing, 2 big.
    rates, shots
        Rates per 36 minutes, shape (players, rates); logits of makes, shape (players, 3).
    stints
        Rosters.
    absent
        Player i misses game j of his team's season, shape (players, slots).
    team_days
        Day of each game of each team; after the regular season every second day, shape
        (teams, slots).
    system
        What a team adds to its players' offence and defence, in points, shape (teams, 2).
    form
        Deviation of each day, in points, shape (teams, days).
    pace_style
        Possessions per game above or below the league's, shape (teams,).
    regular_days
        Days of the regular season.
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
        """Return the number of the game that a team plays on a day, or plays next."""
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

    Parameters
    ----------
    params
        Parameters of the league.
    players
        Everybody; `team` changes to the teams at the season's end.
    fixtures
        Fixture list.
    system, pace_style
        Of the teams in this season, shapes (teams, 2) and (teams,).
    rng
        Generator of this season.
    """
    regular_days = int(fixtures.day.max()) + 1
    n_days = regular_days + POSTSEASON_DAYS
    stints = season_stints(players, regular_days, params.n_teams, params.movement, rng)
    days = fixtures.team_days(params.n_teams)
    after = np.tile(np.arange(regular_days + 1, n_days, 2), (params.n_teams, 1))
    team_days = np.concatenate([days, after], axis=1)
    slots = team_days.shape[1]
    absent = draw_absences(players.frailty, slots, params.games, params.absences, rng)
    _rest_on_back_to_backs(absent, players, days, params.absences, rng)
    average = _average_minute(players)
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


def _average_minute(players: Players) -> tuple[float, float]:
    """Return offence and defence of the league's average minute, by each team's usual minutes."""
    hired = np.flatnonzero(players.team >= 0)
    order = hired[np.lexsort((-players.rating[hired], players.team[hired]))]
    team = players.team[order]
    rank = np.arange(len(order)) - np.searchsorted(team, team)
    usual = np.zeros(40)
    usual[: c.DRESSED] = c.ROTATION_MINUTES
    weight = usual[np.minimum(rank, 39)]
    return (
        float(np.average(players.offense[order], weights=weight)),
        float(np.average(players.defense[order], weights=weight)),
    )


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
    """Let some players sit out the second of two games on consecutive days."""
    second = np.zeros(days.shape, dtype=np.bool_)
    second[:, 1:] = np.diff(days, axis=1) == 1
    mine = np.flatnonzero(players.team >= 0)
    chance = np.minimum(factor * c.REST_ON_BACK_TO_BACK * players.frailty[mine], 1.0)
    rests = rng.random((len(mine), days.shape[1])) < chance[:, None]
    absent[mine, : days.shape[1]] |= rests & second[players.team[mine]]
