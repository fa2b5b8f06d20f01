"""Rows of forecast/teams for one day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import ForecastError
from nbarank.core.ordering import ranks_from_scores
from nbarank.core.seeds import generator
from nbarank.forecast.game_model import GameModel
from nbarank.forecast.odds import Odds, simulate_odds
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import SeasonModel
from nbarank.forecast.season_simulation import Drift, Simulated, Strengths
from nbarank.forecast.season_state import SeasonState

MOST_GAMES = 82
"""Of a team in a regular season: every season has the same columns wins_p00 to wins_p82."""
PERSISTS_UNTIL, GONE_FROM = 0.70, 0.85
"""Share of the season up to which a team's deviation from its mean since mid-season persists into
the playoffs, and from which none of it does: then it is rest (docs/forecast.md)."""


def forecast_day(
    state: SeasonState,
    strength: pd.DataFrame,
    model: SeasonModel,
    params: ForecastParams,
    *,
    seed: int,
    n_simulations: int | None = None,
    keep: Callable[[SeasonState, Simulated], None] | None = None,
    count: Callable[[SeasonState, Odds], None] | None = None,
) -> pd.DataFrame:
    """Return one day's rows of forecast/teams.

    Parameters
    ----------
    state
        The season as of the day.
    strength
        One row a team: team_id, season_share, strength, strength_sd; optional playoff_strength.
    model
        Fitted on earlier seasons.
    seed
        `repro.seed`; the random stream also depends on season and day, so days are independent.
    n_simulations
        Overrides `params.n_simulations`.
    keep, count
        Receive the first chunk of simulations, and the counts of all of them.

    Raises
    ------
    ForecastError
        If a team has no strength, or the bracket cannot be completed.
    """
    strengths = strengths_of_day(state, strength, model, params)
    n = n_simulations or params.n_simulations
    odds = odds_of_day(state, strengths, model, params, seed=seed, n=n, keep=keep)
    if count:
        count(state, odds)
    share = strength["season_share"].iloc[0]
    shown = described_strength(strengths.mean, strengths.playoff_mean, share)
    return _rows(state, strengths, shown, odds, model.game, params)


def strengths_of_day(
    state: SeasonState, strength: pd.DataFrame, model: SeasonModel, params: ForecastParams
) -> Strengths:
    """Return the strengths in the order of the state's teams; errors as in `forecast_day`."""
    rows = strength.set_index("team_id").reindex(state.team_ids)
    missing = rows["strength"].isna().to_numpy()
    if missing.any():
        raise ForecastError(
            f"Team {state.team_ids[missing][0]} has no strength on {state.as_of:%Y-%m-%d}.",
            where="ensemble/strength",
            allowed="one row per team of league/teams",
            next_command="dvc repro",
        )
    return Strengths(
        rows["strength"].to_numpy(float),
        model.strength_sd(rows, params),
        rows["playoff_strength"].to_numpy(float) if "playoff_strength" in rows else None,
    )


def odds_of_day(
    state: SeasonState,
    strengths: Strengths,
    model: SeasonModel,
    params: ForecastParams,
    *,
    seed: int,
    n: int,
    keep: Callable[[SeasonState, Simulated], None] | None = None,
) -> Odds:
    """Simulate the rest of a season with the random stream of its season and day."""
    return simulate_odds(
        state,
        strengths,
        model.game,
        Drift(params.drift_sd, params.drift_memory_days),
        n,
        generator(seed, "forecast", state.season, state.as_of.strftime("%Y-%m-%d")),
        keep=keep,
    )


def described_strength(
    mean: NDArray[np.float64],
    playoff_mean: NDArray[np.float64] | None,
    season_share: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Return the strength that describes a team, in points, in the shape of `mean`.

    Late in the season, when teams rest players, the strength of the day predicts the remaining
    games but says little about the team: it fades to the strength of the playoffs.
    """
    if playoff_mean is None:
        return mean
    faded = np.clip((season_share - PERSISTS_UNTIL) / (GONE_FROM - PERSISTS_UNTIL), 0.0, 1.0)
    return np.asarray((1.0 - faded) * mean + faded * playoff_mean)


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
        [K] can still win; if none can, all count.
    """
    allowed = possible if possible.any() else np.ones_like(possible)
    scaled = np.where(allowed, strength, -np.inf) / temperature
    weight = np.exp(scaled - scaled.max())
    return np.asarray(weight / weight.sum())


def _ensemble_score(
    mean: NDArray[np.float64], sd: NDArray[np.float64], model: GameModel, params: ForecastParams
) -> NDArray[np.float64]:
    """Return strength on a scale of 0 to 1 within the league, by `true_strength_scale`."""
    if params.true_strength_scale == "softmax":
        return np.asarray(np.exp((mean - mean.max()) / params.odds_temperature))
    if params.true_strength_scale == "platt":
        regular, neutral = np.zeros(len(mean), bool), np.ones(len(mean), bool)
        return model.home_win(mean, sd, neutral, regular)
    return np.asarray((len(mean) - ranks_from_scores(mean)) / (len(mean) - 1))


def _rows(
    state: SeasonState,
    strengths: Strengths,
    shown: NDArray[np.float64],
    odds: Odds,
    model: GameModel,
    params: ForecastParams,
) -> pd.DataFrame:
    wins = odds.interval(odds.wins, params.interval)
    final = odds.interval(odds.league_rank, params.interval)
    conference = odds.interval(odds.conference_rank, params.interval)
    rounds = odds.rounds / odds.n
    over = not len(state.home)
    possible = (odds.rounds[:, 4] > 0) if over else np.ones(state.n_teams, bool)
    softmax = softmax_odds(shown, params.odds_temperature, possible)
    seeds = odds.seed / odds.n
    depth = int(np.bincount(state.conference).max())
    shorter = max(MOST_GAMES + 1 - odds.wins.shape[1], 0)
    distributions = {
        f"{name}{value + first:02d}": counts[:, value] / odds.n
        for name, first, counts in (
            ("conference_rank_p", 1, odds.conference_rank[:, :depth]),
            ("final_rank_p", 1, odds.league_rank),
            ("wins_p", 0, np.pad(odds.wins, ((0, 0), (0, shorter)))),
        )
        for value in range(counts.shape[1])
    }
    return pd.DataFrame(
        {
            "season": state.season,
            "as_of": pd.Series(state.as_of, index=range(state.n_teams), dtype="datetime64[us]"),
            "team_id": state.team_ids,
            "n_simulations": odds.n,
            "strength": shown,
            "strength_sd": strengths.sd,
            "ensemble_score": _ensemble_score(shown, strengths.sd, model, params),
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
            "playoffs_per_win": odds.playoffs_per_win(),
            **{f"seed_{seed + 1}": seeds[:, seed] for seed in range(seeds.shape[1])},
            **distributions,
        }
    )
