"""Leverage: how much a game's result changes both teams' odds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.seeds import generator
from nbarank.forecast.coming_games import ComingGames, GameInputs
from nbarank.forecast.odds import Odds, simulate_odds
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_simulation import Drift, Strengths
from nbarank.forecast.season_state import SeasonState

SIMULATIONS = 4000
"""For each of a game's two results."""
TOP = 4
"""Seeds with home court in the first round."""
STAKES = ("playoffs", "top_four", "title")


def leverage(
    inputs: GameInputs, found: ComingGames, params: ForecastParams, seed: int
) -> pd.DataFrame:
    """Return the odds of both teams of each regular-season game if they win, less if they lose.

    Each result is simulated with the same random numbers, so that the difference is that of the
    result.

    Returns
    -------
    pandas.DataFrame
        game_id, team_id, playoffs, top_four (of the seeds), title.
    """
    state = inputs.league.state(inputs.season, found.known)
    rows = inputs.strength[inputs.strength["as_of"] == found.as_of]
    rows = rows.set_index("team_id").reindex(state.team_ids)
    strengths = Strengths(
        rows["strength"].to_numpy(float),
        rows["strength_sd"].to_numpy(float),
        rows["playoff_strength"].to_numpy(float) if "playoff_strength" in rows else None,
    )
    drift = Drift(params.drift_sd, params.drift_memory_days)

    def odds(place: int, result: int) -> NDArray[np.float64]:
        decided = state.decided.copy()
        decided[place] = result
        return _odds(
            simulate_odds(
                replace(state, decided=decided),
                strengths,
                inputs.model.game,
                drift,
                SIMULATIONS,
                generator(seed, "leverage", inputs.season, f"{found.known:%Y-%m-%d}"),
            )
        )

    parts = []
    for game in found.games[found.games["kind"] == "regular"].to_dict("records"):
        days = (game["game_date"] - found.known).days
        place = _fixture(state, game["home_id"], game["away_id"], days)
        if place is None:
            continue
        change = odds(place, 1) - odds(place, -1)
        for team, sign in ((state.home[place], 1.0), (state.away[place], -1.0)):
            values = dict(zip(STAKES, sign * change[team], strict=True))
            facts = {"game_id": game["game_id"], "team_id": int(state.team_ids[team])}
            parts.append({**facts, **values})
    return pd.DataFrame(parts, columns=["game_id", "team_id", *STAKES])


def _odds(simulated: Odds) -> NDArray[np.float64]:
    """Return [K, stakes] probabilities."""
    counts = [simulated.rounds[:, 0], simulated.seed[:, :TOP].sum(axis=1), simulated.rounds[:, -1]]
    return np.column_stack(counts) / simulated.n


def _fixture(state: SeasonState, home: int, away: int, days: int) -> int | None:
    """Return the place of a game among the remaining fixtures; None if it is not one."""
    same = (state.team_ids[state.home] == home) & (state.team_ids[state.away] == away)
    found = np.flatnonzero(same & (state.days == days))
    return int(found[0]) if len(found) else None
