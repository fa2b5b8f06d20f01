"""What a user reads: predictions.json, the terminal, a forecast for any day."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbarank.cli.forecast_screen import predictions_text, season_over_text
from nbarank.cli.screen import WIDTH
from nbarank.core.errors import ForecastError
from nbarank.core.tables import validate
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.explanation import explanation, reasons
from nbarank.forecast.game_forecasts import forecast_games
from nbarank.forecast.game_predictions import coming_predictions
from nbarank.forecast.name_search import find_team
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.predictions import build_predictions, classify, to_json
from nbarank.forecast.season_forecasts import forecast_grid
from nbarank.forecast.season_state import League
from nbarank.forecast.single_day import default_day, forecast_as_of, season_of_day
from nbarank.forecast.team_forecasts import described_strength, softmax_odds
from nbarank.forecast.what_if import WhatIf
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS
from nbarank.schemas.predictions import Predictions
from tests.forecast.made_league import (
    END,
    MID,
    SEASON,
    START,
    TEAMS,
    empty_games,
    league,
    params,
    schedule,
    season_row,
    series_games,
    strength_rows,
    teams,
)


@pytest.fixture(scope="module")
def whole() -> League:
    return league(MID)


@pytest.fixture(scope="module")
def predictions(whole: League) -> Predictions:
    return forecast(whole)


def forecast(
    known: League,
    rows: pd.DataFrame | None = None,
    section: ForecastParams | None = None,
    day: pd.Timestamp = MID,
    **given: Any,
) -> Predictions:
    """Forecast a day, mid-season with the true strengths by default."""
    rows = strength_rows(MID, 0.5) if rows is None else rows
    return forecast_as_of(day, known, rows, section or params(), **({"seed": 1} | given))


def evidence() -> Evidence:
    """Made-up facts of every team: hard schedules, bad luck."""
    key = {"season": SEASON, "as_of": MID, "team_id": np.arange(TEAMS) + 1}
    return Evidence(
        ratings=pd.DataFrame({**key, "sos": 1.0, "luck": -3.0, "games_played": 41.0}),
        roster_teams=pd.DataFrame(
            {**key, "lineup_drift": 0.0, "missing_strength": 0.0, "star_reliance": 0.4}
        ),
        model_scores=dict.fromkeys(
            ("xgb", "rf"), pd.DataFrame({**key, "rank_score": np.arange(TEAMS, dtype=float)})
        ),
    )


def test_the_file_is_read_back_and_the_same_twice(whole: League, predictions: Predictions) -> None:
    text = to_json(predictions)
    assert Predictions.model_validate_json(text) == predictions
    assert to_json(forecast(whole)) == text
    assert to_json(forecast(whole, seed=2)) != text


def test_ranks_are_a_permutation_in_the_order_of_the_file(predictions: Predictions) -> None:
    day = predictions.forecasts[0]
    assert [team.predicted_league_rank for team in day.teams] == list(range(1, 31))
    for name in ("East", "West"):
        ranks = [t.predicted_conference_rank for t in day.teams if t.conference == name]
        assert sorted(ranks) == list(range(1, 16))
    for team in day.teams:
        assert sum(team.conference_rank_odds) == pytest.approx(1, abs=1e-3)
        assert sum(team.seed_odds) == pytest.approx(team.odds.playoffs, abs=1e-3)
        assert team.wins_interval.low <= team.projected_wins <= team.wins_interval.high
    strongest = max(day.teams, key=lambda team: team.strength)
    assert strongest.ensemble_score == 1.0
    # Higher = stronger, through to the forecast.
    strength = [team.strength for team in day.teams]
    assert np.corrcoef(strength, [team.projected_wins for team in day.teams])[0, 1] > 0.9


def test_what_is_not_known_is_left_out(predictions: Predictions) -> None:
    team = json.loads(to_json(predictions))["forecasts"][0]["teams"][0]
    assert "season_end" not in team["analysis"]
    assert team["diagnostics"] == {"rank_by_model": {}}
    assert team["roster"] == {"contributors": []}
    assert team["analysis"]["reasons"] == []


def test_evidence_appears_in_the_file(whole: League) -> None:
    made = forecast(whole, evidence=evidence(), team="T01")
    (team,) = made.forecasts[0].teams
    assert team.roster.star_reliance == 0.4
    assert team.diagnostics.rank_by_model == {"xgb": 30.0, "rf": 30.0}
    assert team.diagnostics.agreement == "High"
    assert {one.name for one in team.analysis.reasons} == {"schedule", "luck"}
    assert all(one.points > 0 for one in team.analysis.reasons)


def test_sleepers_and_paper_tigers_are_named_by_places() -> None:
    names = ["sleeper"] * 2 + ["aligned"] * 3 + ["paper tiger"] * 2
    assert [classify(delta, 3.0) for delta in (4, 3, 2, 0, -2, -3, -9)] == names


def test_a_strong_team_with_a_bad_record_is_a_sleeper(whole: League) -> None:
    rows = strength_rows(MID, 0.5)
    last, first = rows["team_id"] == 15, rows["team_id"] == 1
    rows.loc[last, "strength"], rows.loc[first, "strength"] = 15.0, -15.0
    teams_of_day = forecast(whole, rows).forecasts[0].teams
    found = {team.team_id: team.analysis for team in teams_of_day}
    assert found[15].classification == "sleeper" and found[15].delta >= 3
    assert found[1].classification == "paper tiger" and found[1].delta <= -3
    assert found[15].slots == found[15].delta and found[1].slots == -found[1].delta


def test_the_sentence_names_the_strongest_reasons_of_the_right_sign() -> None:
    found = reasons(
        {"sos": 0.9, "luck": -3.0, "games_played": 40, "lineup_drift": -1.0, "missing_strength": 2},
        29.0,
    )
    assert [one.name for one in found] == ["luck", "line-up", "schedule"]
    better = explanation("sleeper", 4, (18, 22), found)
    assert better.startswith("Forecast 4 places better than its 18-22 record: ")
    assert "unlucky (3.0 wins fewer" in better and "schedule was hard" in better
    assert "worse" not in better
    worse = explanation("paper tiger", 1, (22, 18), found)
    assert "1 place worse" in worse and "absent regulars are worth 2.0" in worse
    assert "do not explain it" in explanation("sleeper", 3, (18, 22), [])
    assert "No game" in explanation("aligned", 0, (0, 0), found)
    assert reasons({}, 29.0) == []


def grid(whole: League, strength: pd.DataFrame | None = None) -> Any:
    """Forecast all days of the strengths, mid-season by default."""
    strength = strength_rows(MID, 0.5) if strength is None else strength
    days = {(SEASON, pd.Timestamp(day)): 200 for day in strength["as_of"].unique()}
    return forecast_grid(whole, strength, days, params(), seed=1)


def test_odds_that_do_not_add_up_are_refused(whole: League) -> None:
    rows, _ = grid(whole)
    rows["title"] /= 2
    with pytest.raises(ForecastError, match="breaks the schema"):
        build_predictions(rows, whole, {(SEASON, MID): 0.5}, params(), Evidence())


def test_rows_keep_their_contracts(whole: League) -> None:
    rows, models = grid(whole)
    assert len(validate(FORECAST_TEAMS, rows)) == TEAMS
    games, _ = forecast_games(whole, strength_rows(MID, 0.5), models, params())
    games = validate(FORECAST_GAMES, games)
    horizon = MID + pd.Timedelta(days=params().game_horizon_days)
    assert games["game_date"].between(MID, horizon, inclusive="left").all()
    near = schedule()["game_date"].between(MID, horizon, inclusive="left")
    assert len(games) == near.sum() > 50


def test_playoff_games_use_the_playoff_strength_of_the_simulations(whole: League) -> None:
    rested = strength_rows(END, 1.0)
    rested.loc[rested["team_id"] == 1, "strength"] -= 20.0  # regulars rest on the last day
    usual = strength_rows(END - pd.Timedelta(days=7), 0.9)
    _, models = grid(whole)
    ended = replace(whole, games=series_games(1, 2, [1, 1, 1, 1], END + pd.Timedelta(days=5)))

    def chance(strength: pd.DataFrame) -> float:
        games, _ = forecast_games(ended, strength, models, params(playoff_strength_share=0.2))
        return float(games.loc[games["kind"] == "playoffs", "home_win_probability"].iloc[0])

    both = pd.concat([usual, rested], ignore_index=True)
    half = rested.copy()
    half.loc[half["team_id"] == 1, "strength"] += 10.0  # mean of the two days
    assert chance(both) == pytest.approx(chance(half))
    assert chance(both) > chance(rested) + 0.1


def test_days_do_not_depend_on_one_another(whole: League) -> None:
    early = pd.Timestamp("2022-01-10")
    strength = pd.concat([strength_rows(MID, 0.5), strength_rows(early, 0.48)], ignore_index=True)
    both, _ = grid(whole, strength)
    late = both[both["as_of"] == MID].reset_index(drop=True)
    pd.testing.assert_frame_equal(late, grid(whole)[0])


def test_softmax_instead_of_playing(whole: League) -> None:
    changed = params(championship_odds_method="softmax", odds_temperature=2.0)
    for team in forecast(whole, section=changed).forecasts[0].teams:
        assert team.odds.title == team.odds.title_softmax
    odds = softmax_odds(np.array([4.0, 2.0, 0.0]), 2.0, np.array([True, True, False]))
    assert odds.tolist() == pytest.approx([np.e / (1 + np.e), 1 / (1 + np.e), 0.0])


@pytest.mark.parametrize("scale", ["percentile", "softmax", "platt"])
def test_the_score_rises_with_strength_on_every_scale(whole: League, scale: str) -> None:
    made = forecast(whole, section=params(true_strength_scale=scale))
    by_strength = sorted(made.forecasts[0].teams, key=lambda team: team.strength)
    scores = [team.ensemble_score for team in by_strength]
    assert scores == sorted(scores) and len(set(scores)) > 20


def test_a_season_before_its_first_game_and_without_a_schedule() -> None:
    new = League(season_row(), teams(), empty_games(), schedule().head(0))
    made = forecast(new, strength_rows(START, 0.0), day=START)
    first = made.forecasts[0].teams[0]
    assert first.analysis.conference_rank is None
    assert first.analysis.classification == "aligned"
    assert "No game has been played yet" in first.analysis.explanation
    assert first.strength == max(team.strength for team in made.forecasts[0].teams)


def test_the_default_day_is_the_newest_of_the_current_season() -> None:
    rows = pd.concat([strength_rows(MID, 0.5), strength_rows(MID + pd.Timedelta(days=7), 0.6)])
    assert default_day(rows, [SEASON]) == MID + pd.Timedelta(days=7)
    assert default_day(rows, []) is None
    grid = pd.DataFrame({"season": SEASON, "as_of": [START, MID], "checkpoint": [0.0, np.nan]})
    text = season_over_text(grid, "Town 1 (T01)")
    assert (
        f"{SEASON} is over: Town 1 (T01) won the title." in text
        and f"{START:%Y-%m-%d} (0%)" in text
    )
    assert f"{MID:%Y-%m-%d}" not in text


@pytest.mark.parametrize(("share", "rest"), [(0.7, 1.0), (0.775, 0.5), (0.9, 0.0), (1.0, 0.0)])
def test_the_strength_shown_fades_to_that_of_the_playoffs(share: float, rest: float) -> None:
    day, usual = np.array([-13.0, 10.0]), np.array([-8.0, 5.0])
    shown = described_strength(day, usual, share)
    np.testing.assert_allclose(shown, rest * day + (1 - rest) * usual)
    np.testing.assert_array_equal(described_strength(day, None, share), day)


def test_resting_on_the_last_day_changes_neither_the_strength_shown_nor_the_title() -> None:
    after = END + pd.Timedelta(days=1)
    days = [(after - pd.Timedelta(days=7 * back), 1.0 - back / 20) for back in range(9)]
    rows = pd.concat([strength_rows(day, share) for day, share in days], ignore_index=True)
    best = rows.loc[rows["as_of"] == after, "strength"].idxmax()
    rested = rows.copy()
    rested.loc[best, "strength"] -= 9.0
    shown = []
    for strength in (rows, rested):
        made = forecast(league(after), strength, day=after)
        team = made.forecasts[0].teams
        shown.append(next(t.strength for t in team if t.team_id == rows["team_id"][best]))
    assert shown[0] - shown[1] == pytest.approx(1.0, abs=0.01)  # a ninth of the deviation


def test_a_forecast_before_the_first_game_says_which_rosters_are_known() -> None:
    new = League(season_row(), teams(), empty_games(), schedule())
    grid = pd.DataFrame({"season": SEASON, "as_of": [START], "teams_listed": [30]})
    for listed, said in ((30, "30 teams have published rosters"), (0, "no roster is published")):
        facts = Evidence(as_of=grid.assign(teams_listed=listed))
        made = forecast(new, strength_rows(START, 0.0), day=START, evidence=facts)
        assert made.forecasts[0].teams_with_roster == listed
        assert said in predictions_text(made)
    played = forecast(league(MID), evidence=Evidence(as_of=grid.assign(as_of=MID)))
    assert "published" not in predictions_text(played)


def test_a_team_without_strength_is_named(whole: League) -> None:
    with pytest.raises(ForecastError, match="Team 30 has no strength"):
        forecast(whole, strength_rows(MID, 0.5).head(29))
    rows = strength_rows(MID, 0.5)
    rows.loc[4, "strength"] = np.inf
    with pytest.raises(ForecastError, match=r"team 5 .* not a finite number"):
        forecast(whole, rows)


def test_teams_and_days_that_do_not_exist_are_refused_with_what_does(whole: League) -> None:
    assert find_team("t07", SEASON, whole.teams) == 7
    assert find_team("Town 12", SEASON, whole.teams) == 12
    assert find_team("3", SEASON, whole.teams) == 3
    with pytest.raises(ForecastError, match="called 'BOS'") as error:
        find_team("BOS", SEASON, whole.teams)
    assert "T01, T02" in str(error.value)
    with pytest.raises(ForecastError, match="outside the seasons"):
        season_of_day(pd.Timestamp("1999-01-01"), whole.seasons)


def test_a_day_between_two_seasons_belongs_to_the_one_that_starts() -> None:
    dates = {"start": "2020-10-20", "end": "2021-04-10", "playoffs_end": "2021-06-20"}
    before = season_row("2020-21", **{name: pd.Timestamp(day) for name, day in dates.items()})
    both = pd.concat([before, season_row()])
    assert season_of_day(pd.Timestamp("2021-06-10"), both) == "2020-21"
    assert season_of_day(pd.Timestamp("2021-07-10"), both) == SEASON
    assert season_of_day(START, both) == SEASON


def test_the_text_shows_every_team_and_one_in_detail(whole: League) -> None:
    text = predictions_text(forecast(whole))
    lines = text.splitlines()
    assert len(lines) == 37 and max(map(len, lines)) <= WIDTH
    assert "sleeper" in text and " simulations)" in lines[0]
    decided = predictions_text(forecast(whole), "Town 3 (T03)")
    assert "Champion: Town 3 (T03)" in decided and " simulations)" not in decided
    assert all(f" T{number:02d} Town {number} " in text for number in range(1, 31))
    named = forecast(whole)
    named.forecasts[0].teams[0].name = "Town of a very long name"
    assert " Town of a very long … " in predictions_text(named)
    assert "vs now" in predictions_text(named)
    for team in named.forecasts[0].teams:
        team.analysis.classification = "aligned"
    assert "vs now" not in predictions_text(named)
    text = predictions_text(forecast(whole, evidence=evidence(), team="T01"))
    assert "Town 1 (T01)" in text and "models agree   High" in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert re.search(r"now \d+(st|nd|rd|th), expected \d+(st|nd|rd|th) in the (East|West)", text)
    assumed = forecast(
        whole, evidence=evidence(), team="T01", what_if=WhatIf(results=("T01-T02=T02",))
    )
    assert "models agree" not in predictions_text(assumed)
    assert not assumed.forecasts[0].teams[0].analysis.reasons


def test_ended_seasons_show_how_they_ended(whole: League) -> None:
    ranks = np.arange(TEAMS) + 1
    outcomes = pd.DataFrame({"season": SEASON, "team_id": ranks, "final_rank": ranks})
    outcomes = outcomes.assign(conference_rank=1, playoff_rank_performance=TEAMS + 1 - ranks)
    made = forecast(whole, evidence=Evidence(outcomes=outcomes), team="T03")
    end = made.forecasts[0].teams[0].analysis.season_end
    assert end is not None and end.eos_rank_source == "playoff_outcome"
    assert (end.final_rank, end.eos_rank, end.playoff_rank) == (3, 28, 28)


def test_between_season_and_playoffs_the_final_standings_are_shown() -> None:
    after = END + pd.Timedelta(days=1)
    made = forecast(league(after), strength_rows(after, 1.0), day=after)
    for team in made.forecasts[0].teams:
        end = team.analysis.season_end
        assert end is not None and end.eos_rank_source == "final_standings"
        assert end.playoff_rank is None
        assert end.final_rank == team.predicted_league_rank
        assert end.final_conference_rank == team.analysis.conference_rank


def test_the_file_has_the_fixtures_of_the_coming_days(whole: League) -> None:
    _, models = grid(whole)
    strength = strength_rows(MID, 0.5)
    games, _ = forecast_games(whole, strength, models, params())
    first = games.sort_values(["game_date", "game_id"]).iloc[0]
    hurt = {"game_id": first["game_id"], "season": SEASON, "as_of": MID, "player_name": "Anna"}
    absent = pd.DataFrame([{**hurt, "team_id": first["home_id"], "player_id": 5, "points": 2.5}])
    late = games.head(1).assign(game_id="0042100101", kind="playoffs")
    coming = coming_predictions(pd.concat([games, late]), absent, {"0042100101"})
    open_game = coming_predictions(pd.concat([games, late]), absent, ())(SEASON, MID)
    assert "0042100101" in {one.game_id for one in open_game}
    found = coming(SEASON, MID)
    near = schedule()["game_date"].between(MID, MID + pd.Timedelta(days=7), inclusive="left")
    assert {one.game_id for one in found} == set(schedule().loc[near, "game_id"])
    assert [one.date for one in found] == sorted(one.date for one in found)
    assert len(found) == near.sum() > 20
    assert [one.points for one in found[0].home_out] == [2.5] and not found[0].away_out
    assert found[0].home_win_probability == pytest.approx(first["home_win_probability"], abs=1e-5)
    assert found[0].expected_total is None  # no box scores
    assert coming(SEASON, START) == []
