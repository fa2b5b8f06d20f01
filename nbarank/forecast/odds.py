"""Distributions over simulated seasons: wins, ranks, seeds, rounds.

Chunks are added to histograms, so memory does not grow with the number of simulations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import ForecastError
from nbarank.forecast.game_model import GameModel
from nbarank.forecast.postseason_simulation import ROUND_OF_SERIES, SERIES, check_series
from nbarank.forecast.season_simulation import Drift, Simulated, Strengths, simulate
from nbarank.forecast.season_state import SeasonState
from nbarank.league.rules import ROUNDS
from nbarank.schemas.league import SEEDS

Counts = NDArray[np.int64]

CHUNK_SIZE = 2000
"""Simulations in memory at once (about 8 kB each); part of the random stream."""


class Odds:
    """Histograms over simulations of a season, one row a team.

    Attributes
    ----------
    n
        Number of simulations.
    wins
        [K, 1 + maximum games] regular-season wins.
    conference_rank, league_rank, playoff_rank
        [K, K] column r - 1: rank r.
    seed
        [K, 8] column s - 1: seed s.
    play_in
        [K] took part in the play-in.
    rounds
        [K, 5] column r: won at least r series (0: in the playoffs, 4: champion).
    playoff_wins
        [K] sum of playoff games won.
    series
        [15, K, K] the row's team beat the column's in a series.
    wins_in_playoffs
        [K, 1 + maximum games] regular-season wins of playoff teams.
    """

    def __init__(self, teams: int, games: int) -> None:
        """Start without simulations, for K teams that play at most `games` games each."""

        def zeros(*shape: int) -> Counts:
            return np.zeros(shape, np.int64)

        self.n = 0
        self.wins = zeros(teams, games + 1)
        self.conference_rank = zeros(teams, teams)
        self.league_rank = zeros(teams, teams)
        self.playoff_rank = zeros(teams, teams)
        self.seed = zeros(teams, SEEDS)
        self.play_in = zeros(teams)
        self.rounds = zeros(teams, ROUNDS + 1)
        self.playoff_wins = zeros(teams)
        self.series = zeros(SERIES, teams, teams)
        self.wins_in_playoffs = zeros(teams, games + 1)

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
        _count(self.wins_in_playoffs, table.wins, won >= 0)
        self._add_series(simulated)

    def _add_series(self, simulated: Simulated) -> None:
        first, second = simulated.playoffs.first, simulated.playoffs.second
        columns, teams = np.arange(first.shape[1]), self.series.shape[1]
        wins_of_first = simulated.playoffs.rounds_won[first, columns]
        first_won = wins_of_first > ROUND_OF_SERIES[:, None]
        pair = np.where(first_won, first * teams + second, second * teams + first)
        pair += np.arange(SERIES)[:, None] * teams * teams
        self.series += np.bincount(pair.ravel(), minlength=self.series.size).reshape(
            self.series.shape
        )

    def expected(self, histogram: Counts) -> NDArray[np.float64]:
        """Return [K] the mean of a rank histogram."""
        return histogram @ np.arange(1, histogram.shape[1] + 1, dtype=np.float64) / self.n

    def mean_wins(self) -> NDArray[np.float64]:
        """Return [K] projected wins."""
        return self.wins @ np.arange(self.wins.shape[1]) / self.n

    def playoffs_per_win(self) -> NDArray[np.float64]:
        """Return [K] how much one more win adds to the probability of the playoffs.

        Mean over the simulated numbers of wins of the difference between teams with one win more
        and one less, halved; less noisy than splitting the simulations by the result of a game.
        """
        unknown = np.full(self.wins.shape, np.nan)
        share = np.divide(self.wins_in_playoffs, self.wins, out=unknown, where=self.wins > 0)
        filled = pd.DataFrame(share).ffill(axis=1).bfill(axis=1).to_numpy()
        wider = np.pad(filled, ((0, 0), (1, 1)), mode="edge")
        step = (wider[:, 2:] - wider[:, :-2]) / 2
        return np.asarray((self.wins * step).sum(axis=1) / self.n)

    def interval(self, histogram: Counts, share: float) -> tuple[Counts, Counts]:
        """Return [K] end columns of the central interval that covers at least `share`."""
        below = np.cumsum(histogram, axis=1) / self.n
        tail = (1.0 - share) / 2
        low = (below > tail).argmax(axis=1)
        high = (below >= 1.0 - tail - 1e-12).argmax(axis=1)
        return low, high


def _count(
    histogram: Counts, values: NDArray[np.integer[Any]], where: NDArray[np.bool_] | None = None
) -> None:
    """Add [K, n] values to [K, V] counts, those of `where` only."""
    teams, width = histogram.shape
    flat = values + (np.arange(teams, dtype=np.int32) * width)[:, None]
    chosen = flat.ravel() if where is None else flat[where]
    histogram += np.bincount(chosen, minlength=teams * width).reshape(teams, width)


def simulate_odds(
    state: SeasonState,
    strengths: Strengths,
    model: GameModel,
    drift: Drift,
    n_simulations: int,
    random: np.random.Generator,
    *,
    chunk_size: int = CHUNK_SIZE,
    keep: Callable[[SeasonState, Simulated], None] | None = None,
) -> Odds:
    """Play the rest of a season `n_simulations` times, `chunk_size` at once.

    `keep` receives the first chunk.

    Raises
    ------
    ForecastError
        If strengths are not finite, or the bracket cannot be completed.
    """
    _check_strengths(state, strengths)
    check_series(state.playoffs_won)
    odds = Odds(state.n_teams, int(state.played.sum(axis=1).max(initial=0)))
    while odds.n < n_simulations:
        size = min(chunk_size, n_simulations - odds.n)
        simulated = simulate(state, strengths, model, drift, size, random)
        if keep and not odds.n:
            keep(state, simulated)
        odds.add(simulated)
    return odds


def _check_strengths(state: SeasonState, strengths: Strengths) -> None:
    """Refuse strengths that are missing or not finite, with the team."""
    values = [strengths.mean, strengths.sd]
    values += [] if strengths.playoff_mean is None else [strengths.playoff_mean]
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
                "finite number.",
                where="ensemble/strength",
                allowed="finite points against an average team",
                next_command="dvc repro stack",
            )
