"""What the page shows besides the odds: likely bracket, value of a win, expected wins, stars."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nbarank.forecast.bracket import Brackets
from nbarank.forecast.odds import CHUNK_SIZE, Odds, simulate_odds
from nbarank.forecast.season_model import SeasonModel, season_models
from nbarank.forecast.season_simulation import Strengths
from nbarank.forecast.season_state import SeasonState
from nbarank.forecast.team_forecasts import odds_of_day, strengths_of_day
from nbarank.forecast.weekly import weekly_rows
from nbarank.forecast.without_star import without_stars
from nbarank.schemas.forecast import BRACKETS
from tests.forecast.made_league import MID, SEASON, league, params, strength_rows, strengths
from tests.forecast.test_simulation import DRIFT, MODEL

N = 4000


@pytest.fixture(scope="module")
def state() -> SeasonState:
    return league(MID, "standard").state(SEASON, MID)


def simulated(state: SeasonState) -> Odds:
    given = Strengths(strengths() / 2, np.full(30, 1.5))
    return simulate_odds(state, given, MODEL, DRIFT, N, np.random.default_rng(1))


@pytest.fixture(scope="module")
def odds(state: SeasonState) -> Odds:
    return simulated(state)


def test_every_simulation_has_one_winner_of_each_series(odds: Odds) -> None:
    assert odds.series.sum(axis=(1, 2)).tolist() == [N] * 15
    assert odds.series[14].sum(axis=1).tolist() == odds.rounds[:, 4].tolist()
    assert odds.series[:8].sum(axis=(0, 2)).tolist() == odds.rounds[:, 1].tolist()


def test_the_likely_bracket_is_a_bracket(state: SeasonState, odds: Odds) -> None:
    found = Brackets()
    found.add(state, odds)
    rows = BRACKETS.schema.made.validate(found.rows()).set_index("series")
    first = rows.loc[:8, ["first_id", "second_id"]].to_numpy()
    assert len(set(first.ravel())) == 16
    seeds = rows.loc[:4, ["first_seed", "second_seed"]].to_numpy().tolist()
    assert seeds == [[1, 8], [4, 5], [2, 7], [3, 6]]
    before = [(2 * number - 17, 2 * number - 16) for number in range(9, 16)]
    for number, pair in zip(range(9, 16), before, strict=True):
        for name, earlier in zip(("first_id", "second_id"), pair, strict=True):
            came, one = rows.loc[earlier], rows.loc[number, name]
            lead = came["first_wins"] * 2 >= came["meetings"]
            assert one == came["first_id" if lead else "second_id"]
    final = rows.loc[15]
    numbers = np.searchsorted(state.team_ids, [final["first_id"], final["second_id"]])
    assert final["meetings"] == odds.series[14][np.ix_(numbers, numbers)].sum()


def test_a_wins_value_is_that_of_a_result_with_the_same_random_numbers(
    state: SeasonState, odds: Odds
) -> None:
    """Over the first fixtures of teams in the middle of the East."""
    value = odds.playoffs_per_win()
    assert value.max() < 0.25 and value.min() > -0.01
    changes = {}
    for team in range(5, 11):
        game = np.flatnonzero((state.home == team) | (state.away == team))[0]
        result = 1 if state.home[game] == team else -1
        shares = []
        for decided in (result, -result):
            assumed = state.decided.copy()
            assumed[game] = decided
            shares.append(simulated(replace(state, decided=assumed)).rounds[team, 0] / N)
        changes[team] = shares[0] - shares[1]
    teams = list(changes)
    assert np.mean(list(changes.values())) == pytest.approx(value[teams].mean(), abs=0.02)


def model_of_season() -> SeasonModel:
    whole = league(MID, "standard")
    return season_models([SEASON], strength_rows(MID, 0.5), whole.games, params())[SEASON]


def test_expected_wins_are_the_mean_of_the_simulations(state: SeasonState) -> None:
    rows, model = strength_rows(MID, 0.5), model_of_season()
    found = weekly_rows(league(MID, "standard"), rows, {SEASON: model}, params())
    given = strengths_of_day(state, rows, model, params())
    mean = odds_of_day(state, given, model, params(), seed=1, n=N).mean_wins()
    assert found["expected_wins"].sum() == pytest.approx(1230)
    assert np.abs(found["expected_wins"].to_numpy() - mean).max() < 0.5


def test_the_odds_without_a_star_have_the_forecasts_random_numbers(state: SeasonState) -> None:
    rows, model = strength_rows(MID, 0.5), model_of_season()
    roster = {"season": SEASON, "as_of": MID, "team_id": [1, 1, 2], "player_id": [11, 12, 21]}
    roster |= {"player_name": ["Anna", "Berta", "Cora"], "impact": [7.0, 4.0, -2.0]}
    roster |= {"expected_minutes_rest": [30.0, 35.0, 20.0], "playoff_minutes": 36.0}
    found = without_stars(
        league(MID, "standard"),
        rows,
        pd.DataFrame(roster),
        {SEASON: model},
        [(SEASON, MID)],
        params(),
        seed=1,
    )
    given = strengths_of_day(state, rows, model, params())
    odds = odds_of_day(state, given, model, params(), seed=1, n=CHUNK_SIZE)
    assert set(found["player_id"]) == {11, 21}
    # Cora is worth as much as her replacement: her absence changes nothing.
    unchanged = found[found["player_id"] == 21]
    assert unchanged["wins"].tolist() == odds.mean_wins().tolist()
    own = found[(found["player_id"] == 11) & (found["team_id"] == 1)].iloc[0]
    assert own["wins"] < odds.mean_wins()[0] - 2 and own["title"] < odds.rounds[0, 4] / odds.n
