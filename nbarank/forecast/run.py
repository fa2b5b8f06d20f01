"""Forecasts for one day or for a grid of days, as rows of forecast/teams and forecast/games."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.errors import ForecastError
from nbarank.forecast.game_model import (
    GameModel,
    default_model,
    fit_game_model,
    games_with_strength,
)
from nbarank.forecast.odds import Odds, simulate_odds
from nbarank.forecast.simulate import Drift, Strengths
from nbarank.forecast.state import SeasonState, season_state
from nbarank.forecast.strength_error import (
    StrengthError,
    fit_strength_error,
    strength_misses,
)
from nbarank.params.forecast import ForecastParams
from nbarank.runtime import generator

KEY = ["season", "as_of", "team_id"]


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


@dataclass(frozen=True)
class Constants:
    """What a season's forecasts take from earlier seasons."""

    model: GameModel
    error: StrengthError


def season_constants(
    seasons: Iterable[str], strength: pd.DataFrame, games: pd.DataFrame, params: ForecastParams
) -> dict[str, Constants]:
    """Estimate the constants of seasons, each on the seasons before it.

    Parameters
    ----------
    seasons
        Labels; nothing of the same or a later season enters a season's constants.
    strength
        season, as_of, season_share, team_id, strength, strength_sd of any seasons.
    games
        Table league/games.
    params
        Section `forecast`.
    """
    misses = strength_misses(strength, games, params.home_court)
    taught = sorted(set(strength["season"]) & set(games["season"]))
    constants = {}
    for season in seasons:
        earlier = [one for one in taught if one < season]
        error = fit_strength_error(misses[misses["season"].isin(earlier)], params)
        latest = earlier[max(len(earlier) - params.game_model_seasons, 0) :]
        constants[season] = Constants(_game_model(latest, error, strength, games, params), error)
    return constants


def _game_model(
    seasons: list[str],
    error: StrengthError,
    strength: pd.DataFrame,
    games: pd.DataFrame,
    params: ForecastParams,
) -> GameModel:
    """Estimate the game model on some seasons."""
    if not params.game_model_seasons or not seasons:
        return default_model(params)
    known = strength[strength["season"].isin(seasons)]
    if params.strength_error == "estimated":
        known = known.assign(strength_sd=error.sd(known["season_share"].to_numpy(float)))
    paired = games_with_strength(games[games["season"].isin(seasons)], known)
    return fit_game_model(paired, params)


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
        chunk_size=params.chunk_size,
    )
    return odds_frame(state, strengths, odds, params)


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


def with_playoff_strength(strength: pd.DataFrame, share: float) -> pd.DataFrame:
    """Add the strength with which the playoffs are played.

    Parameters
    ----------
    strength
        season, as_of, season_share, team_id, strength; a column playoff_strength that is there
        already is left as it is.
    share
        `forecast.playoff_strength_share`.

    Returns
    -------
    DataFrame
        The rows with playoff_strength: in the last `share` of the season the mean of the
        strengths since that share began (of days up to the row's own), before it the strength.
    """
    if "playoff_strength" in strength or share == 0.0:
        return strength
    ordered = strength.sort_values("as_of", kind="stable")
    late = ordered[ordered["season_share"] > 1.0 - share]
    means = late.groupby(["season", "team_id"])["strength"].expanding().mean()
    means.index = means.index.get_level_values(-1)
    return strength.assign(
        playoff_strength=strength["strength"].where(
            ~strength.index.isin(means.index), means.reindex(strength.index)
        )
    )


def softmax_odds(
    strength: NDArray[np.float64], temperature: float, possible: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return title odds as a softmax of strength over the teams that can still win.

    Parameters
    ----------
    strength
        [K] in points.
    temperature
        Points by which odds rise e-fold.
    possible
        [K] may still win; if nobody, all may.
    """
    allowed = possible if possible.any() else np.ones_like(possible)
    scaled = np.where(allowed, strength, -np.inf) / temperature
    weight = np.exp(scaled - scaled.max())
    return np.asarray(weight / weight.sum())


def odds_frame(
    state: SeasonState, strengths: Strengths, odds: Odds, params: ForecastParams
) -> pd.DataFrame:
    """Return the rows of forecast/teams of one day."""
    wins = odds.interval(odds.wins, params.interval)
    final = odds.interval(odds.league_rank, params.interval)
    conference = odds.interval(odds.conference_rank, params.interval)
    rounds = odds.rounds / odds.n
    over = not len(state.home)
    possible = (odds.rounds[:, 4] > 0) if over else np.ones(state.n_teams, bool)
    softmax = softmax_odds(strengths.mean, params.odds_temperature, possible)
    seeds = odds.seed / odds.n
    places = odds.conference_rank / odds.n
    depth = int(np.bincount(state.conference).max())
    return pd.DataFrame(
        {
            "season": state.season,
            "as_of": pd.Series(state.as_of, index=range(state.n_teams), dtype="datetime64[us]"),
            "team_id": state.team_ids,
            "n_simulations": odds.n,
            "strength": strengths.mean,
            "strength_sd": strengths.sd,
            "projected_wins": odds.mean_wins(),
            "wins_low": wins[0].astype(float),
            "wins_high": wins[1].astype(float),
            "expected_final_rank": odds.expected(odds.league_rank),
            "final_rank_low": final[0] + 1.0,
            "final_rank_high": final[1] + 1.0,
            "expected_conference_rank": odds.expected(odds.conference_rank),
            "conference_rank_low": conference[0] + 1.0,
            "conference_rank_high": conference[1] + 1.0,
            "expected_playoff_rank": odds.expected(odds.playoff_rank),
            "expected_playoff_wins": odds.playoff_wins / odds.n,
            "play_in": odds.play_in / odds.n,
            "playoffs": rounds[:, 0],
            "second_round": rounds[:, 1],
            "conference_final": rounds[:, 2],
            "final": rounds[:, 3],
            "title": softmax if params.championship_odds_method == "softmax" else rounds[:, 4],
            "title_simulated": rounds[:, 4],
            "title_softmax": softmax,
            **{f"seed_{seed + 1}": seeds[:, seed] for seed in range(seeds.shape[1])},
            **{f"conference_rank_p{place + 1:02d}": places[:, place] for place in range(depth)},
        }
    )


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
