"""What results change: leverage of a game, and effect of assumed results, on both teams' odds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.forecast.coming_games import ComingGames, GameInputs, postseason_numbers
from nbarank.forecast.open_playoffs import coming_meetings, games_since, meeting_of, with_win
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_simulation import Strengths
from nbarank.forecast.season_state import SeasonState
from nbarank.forecast.team_forecasts import odds_of_day
from nbarank.forecast.what_if import WhatIf, assumed_results, with_result

SIMULATIONS = 4000
"""For each of a game's two results; assumed results have as many as a forecast."""
TOP = 4
"""Seeds with home court in the first round."""
STAKES = ("playoffs", "top_four", "series", "title")
"""Being in the playoffs, a seed with home court, winning the series that is played, the title."""

NO_LEVERAGE = pd.DataFrame(columns=["game_id", "team_id", *STAKES]).astype(
    dict.fromkeys(STAKES, float)
)

Counts = NDArray[np.float64]
Series = NDArray[np.intp]


def leverage(
    inputs: GameInputs,
    found: ComingGames,
    params: ForecastParams,
    seed: int,
    what_if: WhatIf = WhatIf(),  # noqa: B008
) -> pd.DataFrame:
    """Return the odds of both teams of each game if they win, less if they lose.

    Each result is simulated with the same random numbers, so that the difference is that of the
    result. In the postseason only the next game of two teams counts. Games with an assumed result
    have none.

    Returns
    -------
    pandas.DataFrame
        game_id, team_id, playoffs, top_four (of the seeds), series (missing before the playoffs),
        title.
    """
    usual, simulate = _simulation(inputs, found, params, seed, SIMULATIONS)
    state = assumed_results(usual, inputs.league.teams, what_if)
    numbers = postseason_numbers(inputs.league, inputs.season, found.known)
    series = _open_series(state)
    parts = []
    for game in found.games[~found.games["game_id"].isin(list(found.winners))].to_dict("records"):
        teams = (game["home_id"], game["away_id"])
        place = state.fixture(*teams, game["game_date"])
        meeting, before = (meeting_of(one, *teams) for one in (state, usual))
        if place is not None:
            after = [with_result(state, place, result) for result in (1, -1)]
        elif meeting and numbers[game["game_id"]] == games_since(before, meeting):
            after = [with_win(state, meeting, team) for team in teams]
        else:
            continue
        change = (simulate(after[0], series) - simulate(after[1], series)) / SIMULATIONS
        for team, sign in zip(teams, (1.0, -1.0), strict=True):
            of_team = sign * change[np.searchsorted(state.team_ids, team)] + 0.0  # no -0.0
            facts = {"game_id": game["game_id"], "team_id": team}
            parts.append({**facts, **dict(zip(STAKES, of_team, strict=True))})
    return pd.DataFrame(parts, columns=NO_LEVERAGE.columns)


def result_effects(
    inputs: GameInputs, found: ComingGames, params: ForecastParams, seed: int, what_if: WhatIf
) -> pd.DataFrame:
    """Return every team's odds with the assumed results, less those without, largest first.

    The random numbers are the same with and without the results, and those of `forecast_day`.

    Returns
    -------
    pandas.DataFrame
        team_id, playoffs, top_four (of the seeds), series (missing for teams that play none),
        title.
    """
    state, simulate = _simulation(inputs, found, params, seed, params.n_simulations)
    series = _open_series(state)
    assumed = assumed_results(state, inputs.league.teams, what_if)
    change = (simulate(assumed, series) - simulate(state, series)) / params.n_simulations
    order = np.argsort(-np.nansum(np.abs(change), axis=1), kind="stable")
    rows = pd.DataFrame(change[order], columns=list(STAKES))
    return rows.assign(team_id=state.team_ids[order])[["team_id", *STAKES]]


def _simulation(
    inputs: GameInputs, found: ComingGames, params: ForecastParams, seed: int, n: int
) -> tuple[SeasonState, Callable[[SeasonState, Series], Counts]]:
    """Return the season's state, and a function from a state and series to [K, stakes] simulations.

    Their differences are exact: the odds of two teams change by the same amount.
    """
    state = inputs.league.state(inputs.season, found.known)
    rows = inputs.strength[inputs.strength["as_of"] == found.as_of]
    rows = rows.set_index("team_id").reindex(state.team_ids)
    strengths = Strengths(
        rows["strength"].to_numpy(float),
        rows["strength_sd"].to_numpy(float),
        rows["playoff_strength"].to_numpy(float) if "playoff_strength" in rows else None,
    )

    def simulate(assumed: SeasonState, series: Series) -> Counts:
        simulated = odds_of_day(assumed, strengths, inputs.model, params, seed=seed, n=n)
        rounds, top = simulated.rounds, simulated.seed[:, :TOP].sum(axis=1)
        of_series = np.full(len(rounds), np.nan)
        of_series[series[:, 0]] = rounds[series[:, 0], series[:, 1]]
        return np.column_stack([rounds[:, 0], top, of_series, rounds[:, -1]])

    return state, simulate


def _open_series(state: SeasonState) -> Series:
    """Return [N, 2]: each team in an open series, numbered as in the state, and its stage."""
    found = [
        (np.searchsorted(state.team_ids, team), one.stage)
        for one in coming_meetings(state)
        if one.stage
        for team in one.winners
    ]
    return np.array(found, np.intp).reshape(-1, 2)
