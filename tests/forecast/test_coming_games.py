"""Games of chosen days, what-if questions, and what results change."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest

from nbarank.cli.games_screen import games_json, games_text
from nbarank.cli.screen import WIDTH
from nbarank.core.errors import ForecastError
from nbarank.forecast.coming_games import GameInputs, coming_games, no_games
from nbarank.forecast.game_forecasts import forecast_games
from nbarank.forecast.leverage import SIMULATIONS, STAKES, leverage, result_effects
from nbarank.forecast.team_forecasts import forecast_day
from nbarank.forecast.what_if import WhatIf, assumed_results
from nbarank.results.games import Stakes
from tests.forecast.made_league import MID, SEASON, params, schedule, strength_rows, teams
from tests.forecast.made_news import (
    BENCH,
    MODELS,
    STAR,
    STRANGER,
    news,
    spelt,
    without_latest,
)


def player(team: int, slot: int) -> str:
    return f"Player {spelt(team * 100 + slot)}"


def test_the_games_of_a_day_are_those_of_the_forecast_table(inputs: GameInputs) -> None:
    found = coming_games(inputs, MID, [MID, MID + pd.Timedelta(days=1)])
    stored, _ = forecast_games(inputs.league, inputs.strength, MODELS, params(), inputs.news)
    both = found.games.merge(stored, on=["game_id", "as_of"], suffixes=("", "_stored"))
    assert len(both) == len(found.games) > 0
    assert both["state"].eq("evening").all()
    expected = both["home_win_probability_stored"].to_numpy()
    assert both["home_win_probability"].to_numpy() == pytest.approx(expected)


def test_assumed_absences_and_returns(inputs: GameInputs) -> None:
    plain = coming_games(inputs, MID, [MID])
    game = plain.games.iloc[0]
    home = int(game["home_id"])

    def chance(**assumed: tuple[str, ...]) -> float:
        found = coming_games(inputs, MID, [MID], WhatIf(**assumed)).games
        return float(found.loc[found["game_id"] == game["game_id"], "home_win_probability"].iloc[0])

    usual = float(game["home_win_probability"])
    assert chance(without=(player(home, STAR),)) < usual - 0.05
    assert chance(without=(player(int(game["away_id"]), STAR),)) > usual + 0.05
    assert chance(without=(player(home, BENCH),)) == usual
    assert chance(without=(player(home, STRANGER),)) <= usual
    assert chance(playing=(player(home, BENCH),)) == usual
    again = coming_games(inputs, MID, [MID], WhatIf())
    names = dict(zip(teams()["team_id"], teams()["abbreviation"], strict=True))
    assert games_json(again, names) == games_json(plain, names)
    assert names[home] in games_text(plain, names)


def test_a_legend_is_shown_only_for_what_is_on_the_screen(inputs: GameInputs) -> None:
    found = coming_games(inputs, MID, [MID])
    names = dict(zip(teams()["team_id"], teams()["abbreviation"], strict=True))
    rested = found.games.assign(home_rest=2, away_rest=2)
    healthy = found._replace(games=rested, absent=found.absent.iloc[:0])
    assert not {"out:", "b2b"} & {*games_text(healthy, names).replace("(", " ").split()}
    even = healthy._replace(games=rested.assign(expected_margin=-0.01))
    assert " 0.0 " in games_text(even, names) and "-0.0" not in games_text(even, names)
    tired = healthy._replace(games=rested.assign(home_rest=1))
    assert "(b2b: one)" in games_text(tired, names)
    home = int(found.games["home_id"].iloc[0])
    hurt = coming_games(inputs, MID, [MID], WhatIf(without=(player(home, STAR),)))
    assert "\nout:  missed his team's latest game" in games_text(hurt, names)


def test_a_return_undoes_an_expected_absence(inputs: GameInputs, games: pd.DataFrame) -> None:
    game = coming_games(inputs, MID, [MID]).games.iloc[0]
    home = int(game["home_id"])
    told = news(without_latest(games, home, home * 100 + STAR))
    away = inputs._replace(news=told)

    def chance(given: GameInputs, what_if: WhatIf) -> float:
        found = coming_games(given, MID, [MID], what_if).games
        return float(found.loc[found["game_id"] == game["game_id"], "home_win_probability"].iloc[0])

    back = WhatIf(playing=(player(home, STAR),))
    certain = WhatIf(without=(player(home, STAR),))
    assert chance(away, certain) < chance(away, WhatIf()) < chance(away, back)
    assert chance(away, back) == pytest.approx(chance(inputs, back))
    found = coming_games(away, MID, [MID], back)
    assert f"{NAMES[home]} back:  {player(home, STAR)} (assumed)" in games_text(found, NAMES)
    content = json.loads(games_json(found, NAMES))["games"]
    marked = [side for game in content for side in ("home", "away") if game[f"{side}_back"]]
    assert len(marked) == 1
    assert "_back" not in games_json(coming_games(away, MID, [MID]), NAMES)
    assert chance(away, certain) == pytest.approx(chance(inputs, certain))


def test_an_unknown_player_and_a_day_without_strengths_are_refused(inputs: GameInputs) -> None:
    with pytest.raises(ForecastError, match="No player on the rosters"):
        coming_games(inputs, MID, [MID], WhatIf(without=("Nobody",)))
    with pytest.raises(ForecastError, match="Several players"):
        coming_games(inputs, MID, [MID], WhatIf(without=("player",)))
    away = int(coming_games(inputs, MID, [MID]).games["away_id"].iloc[0])
    own = coming_games(inputs, MID, [MID], team=away).games
    idle = next(team for team in NAMES if not (own[["home_id", "away_id"]] == team).any(axis=None))
    for assumed in (WhatIf(without=(player(idle, STAR),)), WhatIf(playing=(player(idle, STAR),))):
        with pytest.raises(ForecastError, match="is in none of the games") as error:
            coming_games(inputs, MID, [MID], assumed, away)
        words = shlex.split(str(error.value.next_command))
        day = [pd.Timestamp(words[words.index("--date") + 1])]
        assert NAMES[away] in str(error.value.allowed)
        assert len(coming_games(inputs, MID, day, assumed).games)
    with pytest.raises(ForecastError, match="No strengths"):
        coming_games(inputs, MID - pd.Timedelta(days=9), [MID])


def test_a_win_is_worth_more_than_a_loss(inputs: GameInputs) -> None:
    found = coming_games(inputs, MID, [MID])
    found = found._replace(games=found.games.head(2))
    worth = leverage(inputs, found, params(), seed=1)
    assert len(worth) == 2 * len(found.games)
    assert (worth[["playoffs", "top_four", "title"]] >= -0.002).all().all()
    assert worth["playoffs"].max() > 0.005
    names = dict(zip(teams()["team_id"], teams()["abbreviation"], strict=True))
    text = games_text(found, names, Stakes(worth))
    assert (
        "win:  change of the odds against a loss" in text
        and max(map(len, text.splitlines())) <= WIDTH
    )
    pd.testing.assert_frame_equal(worth, leverage(inputs, found, params(), seed=1))


NAMES = dict(zip(teams()["team_id"], teams()["abbreviation"], strict=True))


def test_no_player_out_raises_the_odds_of_his_team(inputs: GameInputs) -> None:
    usual = coming_games(inputs, MID, [MID]).games.set_index("game_id")
    for game in usual.itertuples():
        for side, sign in (("home_id", 1), ("away_id", -1)):
            for slot in (STAR, BENCH, STRANGER):
                out = WhatIf(without=(player(getattr(game, side), slot),))
                found = coming_games(inputs, MID, [MID], out).games.set_index("game_id")
                chance = usual["home_win_probability"] - found["home_win_probability"]
                fall = sign * chance[game.Index]
                assert fall > 0.05 if slot == STAR else fall == 0
                others = (usual[["home_id", "away_id"]] != getattr(game, side)).all(axis=1)
                pd.testing.assert_frame_equal(found[others], usual[others])


@pytest.mark.parametrize("field", WhatIf._fields)
def test_undoing_any_assumption_gives_the_same_bytes(
    inputs: GameInputs, games: pd.DataFrame, field: str
) -> None:
    home, away = coming_games(inputs, MID, [MID]).games[["home_id", "away_id"]].iloc[0]
    inputs = inputs._replace(news=news(without_latest(games, home, home * 100 + STAR)))
    result = f"{NAMES[home]}-{NAMES[away]}={NAMES[away]}"
    assumed = result if field == "results" else player(home, STAR)

    def printed(assumed: WhatIf) -> tuple[str, str]:
        found = coming_games(inputs, MID, [MID], assumed)
        found = found._replace(games=found.games.head(1))
        worth = Stakes(leverage(inputs, found, params(), 1, assumed))
        return games_text(found, NAMES, worth), games_json(found, NAMES, worth)

    usual = printed(WhatIf())
    assert printed(WhatIf(**{field: (assumed,)})) != usual
    assert printed(WhatIf()) == usual


def test_a_result_changes_the_odds_of_its_teams_and_has_no_leverage(inputs: GameInputs) -> None:
    found = coming_games(inputs, MID, [MID])
    game = found.games.iloc[0]
    home, away = NAMES[game["home_id"]], NAMES[game["away_id"]]
    won, lost = (WhatIf(results=(f"{home}-{away}={one}",)) for one in (home, away))
    same = params(n_simulations=SIMULATIONS)
    effects = {
        what_if: result_effects(inputs, found, same, 1, what_if).set_index("team_id")
        for what_if in (won, lost)
    }
    swing = effects[won] - effects[lost].loc[effects[won].index]
    worth = leverage(inputs, found._replace(games=found.games.head(1)), params(), 1)
    expected = worth.set_index("team_id")[list(STAKES)]
    np.testing.assert_allclose(swing.loc[game["home_id"]], expected.loc[game["home_id"]])
    np.testing.assert_allclose(-swing.loc[game["away_id"]], expected.loc[game["away_id"]])
    for effect in effects.values():
        assert effect["title"].sum() == pytest.approx(0.0, abs=1e-12)

    decided = coming_games(inputs, MID, [MID], won)
    assert decided.winners == {game["game_id"]: game["home_id"]}
    pd.testing.assert_frame_equal(decided.games, found.games)
    rest = leverage(inputs, decided, params(), 1, won)
    assert game["game_id"] not in set(rest["game_id"])
    assert set(rest["game_id"]) == set(found.games["game_id"]) - {game["game_id"]}
    text = games_text(decided, NAMES, Stakes(rest, effects[won].reset_index()))
    assert f"{home} wins (assumed)" in text and "Change by the assumed results" in text
    assert "win:" in text
    alone = decided._replace(games=decided.games.head(1))
    assert "win:" not in games_text(alone, NAMES, Stakes(rest.head(0)))
    content = json.loads(games_json(decided, NAMES, Stakes(rest, effects[won].reset_index())))
    assert content["games"][0]["assumed_winner"] == home
    assert len(content["changes_by_results"]) == len(NAMES)


def test_games_and_forecast_change_the_same_odds_by_a_result(inputs: GameInputs) -> None:
    found = coming_games(inputs, MID, [MID])
    home, away = (NAMES[found.games.iloc[0][side]] for side in ("home_id", "away_id"))
    assumed = WhatIf(results=(f"{home}-{away}={away}",))
    effects = result_effects(inputs, found, params(), 1, assumed).set_index("team_id").sort_index()
    state = inputs.league.state(SEASON, MID)
    after, before = (
        forecast_day(one, strength_rows(MID, 0.5), inputs.model, params(), seed=1)
        for one in (assumed_results(state, inputs.league.teams, assumed), state)
    )
    for stake in ("playoffs", "title"):
        np.testing.assert_allclose(effects[stake], after[stake] - before[stake], atol=1e-12)
    text = games_text(found, NAMES, Stakes(None, effects.reset_index(), ["the game"]))
    assert "the game\nChange by the assumed results; odds in percentage points" in text
    assert "%" not in text.split("Change by")[1] and "the evening before" in text


def test_days_without_games_name_the_next_day_with_games() -> None:
    dates = schedule()["game_date"].sort_values()
    later = MID + pd.Timedelta(days=300)
    for last, nearest in ((dates.iloc[0] - pd.Timedelta(days=3), dates.iloc[0]),
                          (later, dates.iloc[-1])):  # fmt: skip
        found = no_games(SEASON, last, dates, last)
        assert found.nearest == nearest
        assert f"--date {nearest:%Y-%m-%d}" in games_text(found, NAMES)
        content = json.loads(games_json(found, NAMES))
        assert content["games"] == []
        assert content["nearest_day_with_games"] == f"{nearest:%Y-%m-%d}"
    assert "No day with games" in games_text(no_games(SEASON, later, dates.head(0), later), NAMES)
