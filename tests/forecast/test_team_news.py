"""Rest and absences: what each state of knowledge may see, and what a player's absence does."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nbarank.core.tables import validate
from nbarank.forecast.game_forecasts import forecast_games
from nbarank.forecast.game_model import GameModel, fit_game_model
from nbarank.forecast.season_model import SeasonModel, model_rows, models_of_rows
from nbarank.forecast.season_state import League
from nbarank.forecast.strength_error import StrengthError
from nbarank.forecast.team_news import (
    absent_at_tip_off,
    absent_before,
    news_of_played,
    with_points,
    with_rest,
)
from nbarank.schemas.forecast import ABSENCES, FORECAST_GAMES, State
from tests.forecast.made_league import (
    MID,
    SEASON,
    params,
    schedule,
    season_row,
    strength_rows,
    teams,
)
from tests.forecast.made_news import (
    BENCH,
    MODELS,
    STAR,
    STRANGER,
    inactive,
    news,
    on_court,
    reports,
    rosters,
    without_latest,
)


@pytest.fixture(scope="module")
def next_games(games: pd.DataFrame) -> pd.DataFrame:
    rows = games[games["game_date"] >= MID].sort_values("game_date").head(10)
    return rows.assign(as_of=MID, known=MID).reset_index(drop=True)


def test_rest_is_counted_from_the_latest_game_of_the_season(games: pd.DataFrame) -> None:
    found = with_rest(games, games)
    assert found["home_rest"].between(1, 10).all()
    team = int(found["home_id"].iloc[0])
    own = found[(found["home_id"] == team) | (found["away_id"] == team)].sort_values("game_date")
    rest = np.where(own["home_id"] == team, own["home_rest"], own["away_rest"])
    assert rest[0] == 10
    days = own["game_date"].diff().dt.days.to_numpy()[1:]
    once = days > 0  # two made-up games on one day have the same rest
    assert (rest[1:][once] == np.minimum(days, 10)[once]).all()


def test_who_missed_the_latest_game_is_absent(
    games: pd.DataFrame, next_games: pd.DataFrame
) -> None:
    team = int(next_games["home_id"].iloc[0])
    star = team * 100 + STAR
    found = absent_before(next_games, news(without_latest(games, team, star)))
    assert set(found["player_id"]) == {star}
    assert found["points"].iloc[0] == pytest.approx(34.0 * 8.0 / 48.0)
    assert absent_before(next_games, news(on_court(games))).empty


def test_rest_at_the_end_of_the_season_is_no_absence_in_the_playoffs(
    games: pd.DataFrame, next_games: pd.DataFrame
) -> None:
    team = int(next_games["home_id"].iloc[0])
    star = team * 100 + STAR
    tables = news(without_latest(games, team, star))
    playoffs = next_games.assign(kind="playoffs")
    assert absent_before(playoffs, tables).empty
    hurt = tables._replace(rosters=rosters().assign(games_missed=3.0))
    assert set(absent_before(playoffs, hurt)["player_id"]) == {star}


def test_a_report_counts_from_the_next_day_and_on_its_day_for_game_day(
    games: pd.DataFrame, next_games: pd.DataFrame
) -> None:
    star = int(next_games["home_id"].iloc[0]) * 100 + STAR
    day = pd.Timedelta(days=1)

    def absent(report: pd.Timestamp, *, same_day: bool = False) -> set[int]:
        tables = news(on_court(games), reports((report, star)))
        return set(absent_before(next_games, tables, same_day=same_day)["player_id"])

    assert absent(MID - day) == {star}
    assert absent(MID) == set() and absent(MID + day, same_day=True) == set()
    assert absent(MID, same_day=True) == {star}
    assert absent(MID - 5 * day) == set()
    later = pd.concat([reports((MID - 2 * day, star)), reports((MID - day, -1))])
    assert absent_before(next_games, news(on_court(games), later)).empty


def test_the_evening_does_not_see_its_own_day_or_the_inactive_lists(
    games: pd.DataFrame, next_games: pd.DataFrame
) -> None:
    team = int(next_games["home_id"].iloc[0])
    box = without_latest(games, team, team * 100 + STAR)
    other = box[(box["game_date"] < MID) | (box["player_id"] % 100 != STAR)]
    assert len(other) < len(box)
    expected = absent_before(next_games, news(box))
    pd.testing.assert_frame_equal(absent_before(next_games, news(other)), expected)
    lists = inactive((next_games["game_id"].iloc[0], team, team * 100 + STAR))
    told, silent = (news_of_played(next_games, news(box, lists=one)) for one in (lists, inactive()))
    pd.testing.assert_frame_equal(told["evening"], silent["evening"])
    assert len(told["tip_off"]) == 1 and silent["tip_off"].empty


def test_a_list_counts_in_its_own_game_only(next_games: pd.DataFrame) -> None:
    game, team = next_games["game_id"].iloc[0], int(next_games["home_id"].iloc[0])
    found = absent_at_tip_off(next_games, news(lists=inactive((game, team, team * 100 + STAR))))
    priced = with_points(next_games, found)
    worth = priced["home_out_points"] + priced["away_out_points"]
    assert (worth[priced["game_id"] == game] > 5).all()
    assert (worth[priced["game_id"] != game] == 0).all()


@pytest.mark.parametrize("state", ["evening", "tip_off"])
def test_an_absence_never_helps_and_one_without_minutes_changes_nothing(
    next_games: pd.DataFrame, state: State
) -> None:
    game = next_games.head(1)
    team = int(game["home_id"].iloc[0])
    edges = game.assign(edge=1.0, error=2.0, home_rest=2, away_rest=2)
    model = MODELS[SEASON].games[state]

    def chance(*players: int) -> float:
        lists = inactive(*((game["game_id"].iloc[0], team, team * 100 + one) for one in players))
        priced = with_points(edges, absent_at_tip_off(edges, news(lists=lists)))
        return float(model.forecast(priced)["home_win_probability"].iloc[0])

    everyone = chance()
    assert chance(STAR) < everyone - 0.05
    assert chance(BENCH) == everyone
    assert chance(STRANGER) <= everyone
    assert chance(STAR, STRANGER) <= chance(STAR)


def test_swapping_home_and_away_mirrors_a_game_on_neutral_ground() -> None:
    model = GameModel(11.0, 2.4, 11.5, 3.9, 1.3, 1.2, -1.5, 0.9)
    game = pd.DataFrame(
        {
            "game_id": ["0042100101", "0022100001"],
            "kind": ["playoffs", "regular"],
            "neutral": True,
            "edge": [3.0, -2.0],
            "error": 2.0,
            "home_rest": [1, 3],
            "away_rest": [2, 1],
            "home_out_points": [4.0, 0.0],
            "away_out_points": [0.0, 1.5],
        }
    )
    mirrored = game.rename(
        columns={f"{a}_{n}": f"{b}_{n}" for a, b in (("home", "away"), ("away", "home"))
                 for n in ("rest", "out_points")}
    ).assign(edge=-game["edge"])  # fmt: skip
    one, other = model.forecast(game), model.forecast(mirrored)
    total = one["home_win_probability"] + other["home_win_probability"]
    assert total.to_numpy() == pytest.approx(np.ones(2), abs=1e-12)
    assert one["expected_margin"].to_numpy() == pytest.approx(-other["expected_margin"].to_numpy())


def test_fatigue_and_absences_are_recovered() -> None:
    rng = np.random.default_rng(5)
    n = 60_000
    frame = pd.DataFrame(
        {
            "kind": "regular",
            "neutral": False,
            "edge": rng.normal(0, 6, n),
            "error": 2.0,
            "home_rest": rng.integers(1, 4, n),
            "away_rest": rng.integers(1, 4, n),
            "home_out_points": rng.exponential(2, n),
            "away_out_points": rng.exponential(2, n),
        }
    )
    tired = (frame["home_rest"] == 1).astype(float) - (frame["away_rest"] == 1)
    lost = frame["home_out_points"] - frame["away_out_points"]
    margin = frame["edge"] + 2.4 - 1.2 * tired - 0.8 * lost
    margin += rng.normal(0, np.hypot(11.0, 2.0), n)
    scored = frame.assign(home_pts=(margin > 0) * 1, away_pts=(margin <= 0) * 1)
    found = fit_game_model(scored, params(), absence=0.6)
    assert found.back_to_back == pytest.approx(-1.2, abs=0.3)
    assert found.absence == pytest.approx(0.8, abs=0.06)
    assert fit_game_model(scored, params()).absence == pytest.approx(0.0, abs=1e-4)


def test_near_games_have_the_news_and_later_ones_do_not(games: pd.DataFrame) -> None:
    league = League(season_row(), teams(), games[games["game_date"] < MID], schedule())
    team = int(games[games["game_date"] == MID]["home_id"].iloc[0])
    told = news(without_latest(games, team, team * 100 + STAR))
    strength = strength_rows(MID, 0.5)
    found, absent = forecast_games(league, strength, MODELS, params(), told)
    plain, nobody = forecast_games(league, strength, MODELS, params())
    assert set(validate(ABSENCES, absent)["player_id"]) == {team * 100 + STAR} and nobody.empty
    ahead = (found["game_date"] - found["as_of"]).dt.days
    assert (found["state"] == np.where(ahead <= 1, "evening", "schedule")).all()
    assert (plain["state"] == "schedule").all()
    validate(FORECAST_GAMES, found)
    own = (found["home_id"] == team) & (ahead == 0)
    fall = plain["home_win_probability"] - found["home_win_probability"]
    assert (fall[own] > 0.05).all() and own.any()
    assert (found.loc[ahead > 1, "home_out_points"] == 0).all()


def test_stored_models_are_the_fitted_ones() -> None:
    other = replace(MODELS[SEASON].games["tip_off"], absence=0.91)
    games = {**MODELS[SEASON].games, "tip_off": other}
    models = {**MODELS, "2022-23": SeasonModel(games, StrengthError(2.5, 1.5))}
    assert models_of_rows(model_rows(models)) == models
