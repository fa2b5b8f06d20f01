"""Assumed absences, returns and results of a season's forecast."""

import shlex

import numpy as np
import pandas as pd
import pytest

from nbarank.cli.forecast_screen import changes_text
from nbarank.core.errors import ForecastError
from nbarank.forecast.name_search import find_player, find_team
from nbarank.forecast.predictions import to_json
from nbarank.forecast.season_state import League
from nbarank.forecast.single_day import forecast_as_of
from nbarank.forecast.what_if import WhatIf, assumed_results, assumed_texts
from nbarank.schemas.predictions import Predictions, TeamPrediction
from tests.forecast.made_league import (
    MID,
    SEASON,
    params,
    schedule,
    season_row,
    strength_rows,
    teams,
)

STAR, IDLE = "Anna", "Berta"


@pytest.fixture(scope="module")
def league(games: pd.DataFrame) -> League:
    return League(season_row(), teams(), games[games["game_date"] < MID], schedule())


def forecast(league: League, **assumed: tuple[str, ...]) -> Predictions:
    roster = pd.DataFrame(
        {
            "season": SEASON,
            "as_of": MID,
            "team_id": [1, 1],
            "player_id": [11, 12],
            "player_name": [STAR, IDLE],
            "impact": [7.0, 4.0],
            "expected_minutes_rest": [34.0, 0.0],
            "playoff_minutes": [36.0, 0.0],
            "played_minutes": [34.0, 0.0],
            "games_missed": [0.0, 0.0],
            "listed_out": [0.0, 0.0],
        }
    )
    return forecast_as_of(
        MID,
        league,
        strength_rows(MID, 0.5),
        params(),
        seed=3,
        what_if=WhatIf(**assumed),
        rosters=roster,
    )


def team(predictions: Predictions, number: int) -> TeamPrediction:
    return next(one for one in predictions.forecasts[0].teams if one.team_id == number)


def test_without_a_good_player_no_odds_of_his_team_rise(league: League) -> None:
    usual, assumed = forecast(league), forecast(league, without=(STAR,))
    own, without = team(usual, 1), team(assumed, 1)
    assert without.projected_wins < own.projected_wins - 1
    assert without.odds.title < own.odds.title
    assert without.odds.playoffs <= own.odds.playoffs
    text = changes_text(usual, assumed)
    assert "T01" in text and "points" in text and "%" not in text and "+0.0 " not in text
    order = [one.expected_final_rank for one in assumed.forecasts[0].teams]
    assert order == sorted(order)


def test_a_player_without_minutes_and_an_undone_assumption_change_no_byte(league: League) -> None:
    usual = to_json(forecast(league))
    assert to_json(forecast(league, without=(IDLE,))) == usual
    assert to_json(forecast(league, playing=(IDLE,))) == usual
    forecast(league, without=(STAR,), results=("T01-T02=T01",))
    assert to_json(forecast(league)) == usual
    assert "changes no figure" in changes_text(forecast(league), forecast(league))


def test_of_one_team_only_its_own_odds_are_said_to_stay(league: League) -> None:
    usual = forecast(league)
    day = usual.forecasts[0].model_copy(update={"teams": [team(usual, 3)]})
    one = usual.model_copy(update={"forecasts": [day]})
    said = f"The assumption changes no figure shown of the {team(usual, 3).name}."
    assert changes_text(one, one) == said


def test_a_result_changes_no_more_than_one_win(league: League) -> None:
    usual = forecast(league)
    won, lost = (forecast(league, results=(f"T01-T02={one}",)) for one in ("T01", "T02"))
    swing = team(won, 1).projected_wins - team(lost, 1).projected_wins
    assert swing == pytest.approx(1.0)  # the same random numbers: exactly the game itself
    assert team(lost, 1).projected_wins < team(usual, 1).projected_wins
    other = [team(one, 20).projected_wins for one in (usual, won, lost)]
    assert other == pytest.approx([other[0]] * 3)


def test_a_result_decides_the_next_open_game(league: League) -> None:
    state = league.state(SEASON, MID)
    once = assumed_results(state, league.teams, WhatIf(results=("T01-T02=T02",)))
    place = np.flatnonzero(once.decided)
    assert len(place) == 1 and {once.home[place[0]], once.away[place[0]]} == {0, 1}
    assert once.decided[place[0]] == (1 if once.home[place[0]] == 1 else -1)
    assert not state.decided.any()
    day = MID + pd.Timedelta(days=state.days[place[0]])
    (game,) = assumed_texts(state, league.teams, WhatIf(results=("T01-T02=T02",)))
    assert f"on {day:%Y-%m-%d}: T02 wins" in game
    with pytest.raises(ForecastError, match="no further game to assume"):
        assumed_results(state, league.teams, WhatIf(results=("T01-T02=T01",) * 9))
    with pytest.raises(ForecastError, match="not a result"):
        assumed_results(state, league.teams, WhatIf(results=("T01 beats T02",)))
    with pytest.raises(ForecastError, match="not a result"):
        assumed_results(state, league.teams, WhatIf(results=("T01-T02=T03",)))
    with pytest.raises(ForecastError, match="does not play itself"):
        assumed_results(state, league.teams, WhatIf(results=("T01-T01=T01",)))


@pytest.mark.parametrize("typed", ["T01-T02x=T02x", "T01x-T02=T02", "T01-T02=T1x", "T01-T02"])
@pytest.mark.parametrize("option", [("--result", "{}"), ("--result={}",)])
def test_a_misspelt_result_is_corrected_in_the_typed_command(
    league: League, typed: str, option: tuple[str, ...]
) -> None:
    state = league.state(SEASON, MID)
    with pytest.raises(ForecastError) as refused:
        assumed_results(state, league.teams, WhatIf(results=(typed,)))
    refused.value.correct(["games", *(word.format(typed) for word in option), "--leverage"])
    program, command, *_, result, last = shlex.split(str(refused.value.next_command))
    assert (program, command, last) == ("nbarank", "games", "--leverage")
    assumed = WhatIf(results=(result.removeprefix("--result="),))
    assert len(assumed_texts(state, league.teams, assumed)) == 1


def test_names_are_printed_on_one_line_and_empty_rosters_refused(league: League) -> None:
    roster = pd.DataFrame(
        {"player_name": [STAR], "player_id": [11], "impact": [7.0], "team_id": [1]}
    )
    for find in (
        lambda: find_player("No\n\x1b[31mone", roster),
        lambda: find_team("No\n\x1b[31mone", SEASON, league.teams),
        lambda: assumed_results(
            league.state(SEASON, MID), league.teams, WhatIf(results=("No\n\x1b[31mone",))
        ),
    ):
        with pytest.raises(ForecastError, match=r"'No \[31mone'") as error:
            find()
        assert ("league is simulated" in str(error.value)) == (error.value.where != "--result")
    nba = roster.assign(team_id=1610612738)
    with pytest.raises(ForecastError) as error:
        find_player("Nobody", nba)
    assert "simulated" not in str(error.value)
    with pytest.raises(ForecastError, match="No roster is known"):
        find_player(STAR, roster.head(0))


def test_a_player_who_is_not_absent_cannot_return(league: League) -> None:
    assert to_json(forecast(league, playing=(STAR,))) == to_json(forecast(league))


def test_a_player_cannot_be_out_and_play(league: League) -> None:
    with pytest.raises(ForecastError, match="cannot be out and play"):
        forecast(league, without=(STAR,), playing=(STAR.upper(),))


def test_the_command_after_an_impossible_result_works(league: League) -> None:
    state = league.state(SEASON, MID)
    with pytest.raises(ForecastError) as error:
        assumed_results(state, league.teams, WhatIf(results=("T01",)))
    example = str(error.value.next_command).split("--result ")[1]
    assert assumed_results(state, league.teams, WhatIf(results=(example,))).decided.any()
