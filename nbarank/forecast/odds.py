"""From simulated seasons to distributions: wins, ranks, seeds, odds by round.

Chunks are added up as histograms, so memory does not grow with the number of simulations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbarank.core.errors import ForecastError
from nbarank.forecast.bracket import check_series
from nbarank.forecast.game_model import GameModel
from nbarank.forecast.simulate import Drift, Simulated, Strengths, simulate
from nbarank.forecast.state import SeasonState
from nbarank.league.rules import ROUNDS, SEEDS

Counts = NDArray[np.int64]


@dataclass
class Odds:
    """Histograms over simulations, one row a team.

    Parameters
    ----------
    n
        Simulations so far.
    wins
        [K, 1 + most wins] regular-season wins.
    conference_rank, league_rank, playoff_rank
        [K, K] column r - 1: place r.
    seed
        [K, 8] column s - 1: seed s.
    play_in
        [K] took part in the play-in.
    rounds
        [K, 5] column r: won at least r series (0: in the playoffs, 4: champion).
    playoff_wins
        [K] sum of playoff games won.
    """

    n: int
    wins: Counts
    conference_rank: Counts
    league_rank: Counts
    playoff_rank: Counts
    seed: Counts
    play_in: Counts
    rounds: Counts
    playoff_wins: Counts
    places: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        """Number the places once."""
        self.places = np.arange(1, len(self.play_in) + 1, dtype=np.float64)

    @classmethod
    def empty(cls, teams: int, games: int) -> Odds:
        """Return odds of no simulation, for K teams that play at most `games` games."""
        square = (teams, teams)
        return cls(
            0,
            *(np.zeros(shape, np.int64) for shape in ((teams, games + 1), square, square, square)),
            *(np.zeros(shape, np.int64) for shape in ((teams, SEEDS), teams)),
            *(np.zeros(shape, np.int64) for shape in ((teams, ROUNDS + 1), teams)),
        )

    def add(self, simulated: Simulated) -> None:
        """Count the simulations of one chunk."""
        table = simulated.standings
        self.n += table.wins.shape[1]
        _count(self.wins, table.wins)
        _count(self.conference_rank, table.conference_rank - 1)
        _count(self.league_rank, table.league_rank - 1)
        _count(self.playoff_rank, simulated.playoff_rank - 1)
        for side in simulated.seeds:
            for seed, teams in enumerate(side):
                self.seed[:, seed] += np.bincount(teams, minlength=len(self.seed))
        self.play_in += simulated.in_play_in.sum(axis=1)
        won = simulated.playoffs.rounds_won
        for stage in range(ROUNDS + 1):
            self.rounds[:, stage] += (won >= stage).sum(axis=1)
        self.playoff_wins += simulated.playoffs.wins.sum(axis=1)

    def expected(self, histogram: Counts) -> NDArray[np.float64]:
        """Return [K] the mean place of a rank histogram."""
        return histogram @ self.places / self.n

    def mean_wins(self) -> NDArray[np.float64]:
        """Return [K] projected wins."""
        return self.wins @ np.arange(self.wins.shape[1]) / self.n

    def interval(self, histogram: Counts, share: float) -> tuple[Counts, Counts]:
        """Return [K] ends (columns) of the central interval that holds at least `share`."""
        below = np.cumsum(histogram, axis=1) / self.n
        tail = (1.0 - share) / 2
        low = (below > tail).argmax(axis=1)
        high = (below >= 1.0 - tail - 1e-12).argmax(axis=1)
        return low, high


def _count(histogram: Counts, values: NDArray[np.integer[Any]]) -> None:
    """Add [K, n] values to [K, V] counts."""
    teams, width = histogram.shape
    flat = values + (np.arange(teams, dtype=np.int32) * width)[:, None]
    histogram += np.bincount(flat.ravel(), minlength=teams * width).reshape(teams, width)


def simulate_odds(
    state: SeasonState,
    strengths: Strengths,
    model: GameModel,
    drift: Drift,
    n_simulations: int,
    random: np.random.Generator,
    *,
    chunk_size: int = 2500,
) -> Odds:
    """Play the rest of a season many times and count what happens.

    Parameters
    ----------
    state
        What is known as of the day.
    strengths, model, drift
        What decides the games.
    n_simulations, chunk_size
        How often, and how many at once.
    random
        Chance; see `simulate` for common random numbers.

    Raises
    ------
    ForecastError
        If strengths are not finite, or the bracket cannot be completed.
    """
    _check_strengths(state, strengths)
    check_series(state.playoffs_won)
    odds = Odds.empty(state.n_teams, int(state.played.sum(axis=1).max(initial=0)))
    while odds.n < n_simulations:
        size = min(chunk_size, n_simulations - odds.n)
        odds.add(simulate(state, strengths, model, drift, size, random))
    return odds


def _check_strengths(state: SeasonState, strengths: Strengths) -> None:
    """Refuse strengths that are missing or not numbers, naming the team."""
    values = [strengths.mean, strengths.sd]
    values += [v for v in (strengths.playoff_mean, strengths.playoff_sd) if v is not None]
    for value in values:
        if value.shape != state.team_ids.shape:
            raise ForecastError(
                f"{len(value)} strengths for {state.n_teams} teams of {state.season}.",
                where="ensemble/strength",
                allowed="one row per team of league/teams",
                next_command="dvc repro stack",
            )
        bad = ~np.isfinite(value)
        if bad.any():
            raise ForecastError(
                f"Strength of team {state.team_ids[bad][0]} on {state.as_of:%Y-%m-%d} is not a "
                "number.",
                where="ensemble/strength",
                allowed="finite points against an average team",
                next_command="dvc repro stack",
            )
