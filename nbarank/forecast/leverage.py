"""What results change: leverage of a game, and effect of assumed results, on both teams' odds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.forecast.coming_games import ComingGames, GameInputs
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_simulation import Strengths
from nbarank.forecast.season_state import SeasonState
from nbarank.forecast.team_forecasts import odds_of_day
from nbarank.forecast.what_if import WhatIf, assumed_results

SIMULATIONS = 4000
"""For each of a game's two results; assumed results have as many as a forecast."""
TOP = 4
"""Seeds with home court in the first round."""
STAKES = ("playoffs", "top_four", "title")

Odds = NDArray[np.float64]


def leverage(
    inputs: GameInputs,
    found: ComingGames,
    params: ForecastParams,
    seed: int,
    what_if: WhatIf = WhatIf(),  # noqa: B008
) -> pd.DataFrame:
    """Return the odds of both teams of each regular-season game if they win, less if they lose.

    Each result is simulated with the same random numbers, so that the difference is that of the
    result. Games with an assumed result have none.

    Returns
    -------
    pandas.DataFrame
        game_id, team_id, playoffs, top_four (of the seeds), title.
    """
    state, odds = _simulation(inputs, found, params, seed, SIMULATIONS)
    assumed = assumed_results(state, inputs.league.teams, what_if).decided

    def after(place: int, result: int) -> Odds:
        decided = assumed.copy()
        decided[place] = result
        return odds(decided)

    parts = []
    for game in found.games[found.games["kind"] == "regular"].to_dict("records"):
        place = state.fixture(game["home_id"], game["away_id"], game["game_date"])
        if place is None or assumed[place]:
            continue
        change = after(place, 1) - after(place, -1)
        for team, sign in ((state.home[place], 1.0), (state.away[place], -1.0)):
            values = dict(zip(STAKES, sign * change[team], strict=True))
            facts = {"game_id": game["game_id"], "team_id": int(state.team_ids[team])}
            parts.append({**facts, **values})
    return pd.DataFrame(parts, columns=["game_id", "team_id", *STAKES])


def result_effects(
    inputs: GameInputs, found: ComingGames, params: ForecastParams, seed: int, what_if: WhatIf
) -> pd.DataFrame:
    """Return every team's odds with the assumed results, less those without, largest first.

    The random numbers are the same with and without the results, and those of `forecast_day`.

    Returns
    -------
    pandas.DataFrame
        team_id, playoffs, top_four (of the seeds), title.
    """
    state, odds = _simulation(inputs, found, params, seed, params.n_simulations)
    assumed = assumed_results(state, inputs.league.teams, what_if)
    change = odds(assumed.decided) - odds(state.decided)
    order = np.argsort(-np.abs(change).sum(axis=1), kind="stable")
    rows = pd.DataFrame(change[order], columns=list(STAKES))
    return rows.assign(team_id=state.team_ids[order])[["team_id", *STAKES]]


def _simulation(
    inputs: GameInputs, found: ComingGames, params: ForecastParams, seed: int, n: int
) -> tuple[SeasonState, Callable[[NDArray[np.int64]], Odds]]:
    """Return the season's state, and a function from decided games to [K, stakes] odds."""
    state = inputs.league.state(inputs.season, found.known)
    rows = inputs.strength[inputs.strength["as_of"] == found.as_of]
    rows = rows.set_index("team_id").reindex(state.team_ids)
    strengths = Strengths(
        rows["strength"].to_numpy(float),
        rows["strength_sd"].to_numpy(float),
        rows["playoff_strength"].to_numpy(float) if "playoff_strength" in rows else None,
    )

    def odds(decided: NDArray[np.int64]) -> Odds:
        played = replace(state, decided=decided)
        simulated = odds_of_day(played, strengths, inputs.model, params, seed=seed, n=n)
        rounds, top = simulated.rounds, simulated.seed[:, :TOP].sum(axis=1)
        return np.column_stack([rounds[:, 0], top, rounds[:, -1]]) / simulated.n

    return state, odds
