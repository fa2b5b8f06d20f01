"""Forecasts for one day or for a grid of days, as rows of forecast/teams and forecast/games."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import ForecastError
from nbarank.core.seeds import generator
from nbarank.forecast.constants import Constants, season_constants, with_playoff_strength
from nbarank.forecast.odds import simulate_odds
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.rows import odds_frame
from nbarank.forecast.simulate import Drift, Strengths
from nbarank.forecast.state import SeasonState, season_state

CHUNK_SIZE = 2000
"""Simulations in memory at once (about 20 kB each); part of the random stream."""


@dataclass(frozen=True)
class League:
    """Tables league/seasons, league/teams, league/games and league/schedule."""

    seasons: pd.DataFrame
    teams: pd.DataFrame
    games: pd.DataFrame
    schedule: pd.DataFrame

    def state(self, season: str, as_of: pd.Timestamp) -> SeasonState:
        """Return what is known of a season before a day."""
        return season_state(
            season,
            as_of,
            seasons=self.seasons,
            teams=self.teams,
            games=self.games,
            schedule=self.schedule,
        )


def forecast_day(
    state: SeasonState,
    strength: pd.DataFrame,
    constants: Constants,
    params: ForecastParams,
    *,
    seed: int,
    n_simulations: int | None = None,
) -> pd.DataFrame:
    """Return one day's rows of forecast/teams.

    Parameters
    ----------
    state
        The season as of the day.
    strength
        One row a team: team_id, season_share, strength, strength_sd; optional playoff_strength
        and playoff_strength_sd.
    constants
        From `season_constants`.
    params
        Section `forecast`.
    seed
        `repro.seed`; the day and season are added, so days do not depend on one another.
    n_simulations
        Instead of `params.n_simulations`.

    Raises
    ------
    ForecastError
        If a team has no strength, or the bracket cannot be completed.
    """
    strengths = day_strengths(state, strength, constants, params)
    odds = simulate_odds(
        state,
        strengths,
        constants.model,
        Drift(params.drift_sd, params.drift_memory_days),
        n_simulations or params.n_simulations,
        generator(seed, "forecast", state.season, state.as_of.strftime("%Y-%m-%d")),
        chunk_size=CHUNK_SIZE,
    )
    return odds_frame(state, strengths, odds, constants.model, params)


def day_strengths(
    state: SeasonState, strength: pd.DataFrame, constants: Constants, params: ForecastParams
) -> Strengths:
    """Return the strengths of a day in the order of the state's teams."""
    rows = strength.set_index("team_id").reindex(state.team_ids)
    missing = rows["strength"].isna().to_numpy()
    if missing.any():
        raise ForecastError(
            f"Team {state.team_ids[missing][0]} has no strength on {state.as_of:%Y-%m-%d}.",
            where="ensemble/strength",
            allowed="one row per team of league/teams",
            next_command="dvc repro",
        )
    sd = rows["strength_sd"].to_numpy(float)
    if params.strength_error == "estimated":
        sd = constants.error.sd(rows["season_share"].to_numpy(float))

    def optional(name: str) -> NDArray[np.float64] | None:
        return rows[name].to_numpy(float) if name in rows else None

    return Strengths(
        rows["strength"].to_numpy(float),
        sd,
        optional("playoff_strength"),
        optional("playoff_strength_sd"),
    )


def days_to_forecast(
    strength: pd.DataFrame, seasons: Collection[str], params: ForecastParams
) -> dict[tuple[str, pd.Timestamp], int]:
    """Return which days are forecast, and with how many simulations.

    Parameters
    ----------
    strength
        season, as_of, checkpoint (missing between checkpoints).
    seasons
        Seasons to forecast.
    params
        Section `forecast`.

    Returns
    -------
    dict
        (season, as_of) to simulations: checkpoints and the latest day of all with
        `n_simulations`, other days with `n_simulations_weekly` (0 leaves them out).

    Raises
    ------
    ForecastError
        If none of the seasons has strengths.
    """
    grid = strength[["season", "as_of", "checkpoint"]].drop_duplicates()
    latest = grid["as_of"].max()
    grid = grid[grid["season"].isin(list(seasons)) | (grid["as_of"] == latest)]
    if grid.empty:
        raise ForecastError(
            "No season can be forecast: none of the validation or test seasons has strengths.",
            where="ensemble/strength",
            allowed="seasons of the roles validation and test",
            next_command="edit seasons.validation in params.yaml, then dvc repro",
        )
    whole = grid["checkpoint"].notna() | (grid["as_of"] == latest)
    days = {
        (str(season), pd.Timestamp(as_of)): params.n_simulations
        if full
        else params.n_simulations_weekly
        for season, as_of, full in zip(grid["season"], grid["as_of"], whole, strict=True)
    }
    return {day: n for day, n in days.items() if n > 0}


def forecast_grid(
    league: League,
    strength: pd.DataFrame,
    days: Mapping[tuple[str, pd.Timestamp], int],
    params: ForecastParams,
    *,
    seed: int,
) -> tuple[pd.DataFrame, dict[str, Constants]]:
    """Forecast many days, each season with constants from the seasons before it.

    Parameters
    ----------
    league
        League tables.
    strength
        Table ensemble/strength with season_share beside it.
    days
        (season, as_of) to number of simulations.
    params
        Section `forecast`.
    seed
        `repro.seed`.

    Returns
    -------
    tuple
        Rows of forecast/teams, and the constants of each season.
    """
    strength = with_playoff_strength(strength.reset_index(drop=True), params.playoff_strength_share)
    constants = season_constants(
        sorted({season for season, _ in days}), strength, league.games, params
    )
    by_day = dict(list(strength.groupby(["season", "as_of"])))
    frames = [
        forecast_day(
            league.state(season, as_of),
            by_day[(season, as_of)],
            constants[season],
            params,
            seed=seed,
            n_simulations=n,
        )
        for (season, as_of), n in sorted(days.items())
    ]
    return pd.concat(frames, ignore_index=True), constants
