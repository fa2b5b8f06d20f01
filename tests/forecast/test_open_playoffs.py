"""What is still to be played in the postseason, what is at stake there, and assumed results."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.cli.games_screen import games_json, games_text
from nbarank.core.errors import ForecastError
from nbarank.forecast.coming_games import ComingGames, GameInputs, coming_games
from nbarank.forecast.leverage import STAKES, leverage, result_effects
from nbarank.forecast.odds import simulate_odds
from nbarank.forecast.open_playoffs import coming_meetings, with_win
from nbarank.forecast.season_simulation import Strengths
from nbarank.forecast.season_state import SeasonState
from nbarank.forecast.what_if import WhatIf, assumed_results, assumed_texts
from nbarank.league.rules import SERIES_WINS
from nbarank.results.games import Stakes
from tests.forecast.made_league import (
    END,
    MID,
    SEASON,
    TEAMS,
    league,
    params,
    series_games,
    strength_rows,
    strengths,
    teams,
)
from tests.forecast.made_news import MODELS, STAR, news, on_court, spelt
from tests.forecast.test_simulation import DRIFT, MODEL

AFTER = END + pd.Timedelta(days=1)
SIDES = ("home_id", "away_id")
NAMES = dict(zip(teams()["team_id"], teams()["abbreviation"], strict=True))


def rounds_of(state: SeasonState) -> np.ndarray:
    odds = simulate_odds(
        state,
        Strengths(strengths(), np.full(TEAMS, 2.0)),
        MODEL,
        DRIFT,
        50,
        np.random.default_rng(3),
    )
    return odds.rounds / odds.n


def test_nothing_is_certain_while_the_regular_season_lasts() -> None:
    assert coming_meetings(league(MID).state(SEASON, MID)) == []


@given(play_in=st.sampled_from(["standard", "none"]), seed=st.integers(0, 100_000))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_from_the_last_day_to_the_champion_every_coming_game_can_be_won_by_either(
    play_in: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    state = league(AFTER, play_in).state(SEASON, AFTER)
    ended = dict.fromkeys(range(5), 0)
    while found := coming_meetings(state):
        meeting = found[rng.integers(len(found))]
        winner = meeting.winners[rng.integers(2)]
        state = with_win(state, meeting, winner)
        if not {one.winners for one in coming_meetings(state)} & {meeting.winners}:
            ended[meeting.stage] += 1
            if rng.random() < 0.2:
                reached = rounds_of(state)[winner - 1, meeting.stage]
                # Who wins the first game of the play-in for seven has a place; the ninth does not.
                assert reached == 1.0 or meeting.stage == 0
    assert ended == {0: 6 if play_in == "standard" else 0, 1: 8, 2: 4, 3: 2, 4: 1}
    assert rounds_of(state)[:, -1].max() == 1.0


def test_the_ninth_of_the_bubble_must_win_twice() -> None:
    states = (league(AFTER, "bubble", seed).state(SEASON, AFTER) for seed in range(20))
    # A ninth more than four games behind plays no play-in.
    state, close = next(
        (state, one) for state in states for one in coming_meetings(state) if one.stage == 0
    )
    eighth, ninth = close.winners
    once = with_win(state, close, ninth)
    (again,) = (one for one in coming_meetings(once) if one.winners == close.winners)
    assert (close.games_left, again.games_left, again.won) == (1, 1, (0, 1))
    for winner in (eighth, ninth):
        over = coming_meetings(with_win(once, again, winner))
        assert close.winners not in {one.winners for one in over}
        assert any(one.stage == 1 and winner in one.winners for one in over)


@pytest.fixture(scope="module")
def playoffs() -> GameInputs:
    """The first round after one game of the first two seeds' conference that is settled."""
    base = league(AFTER, "none")
    first, second = coming_meetings(base.state(SEASON, AFTER))[0].winners
    games = series_games(first, second, [first] * 3, AFTER)
    whole = replace(base, games=pd.concat([base.games, games], ignore_index=True))
    day = AFTER + pd.Timedelta(days=1)
    rows = strength_rows(day, 1.0)
    rows = rows.assign(strength_sd=MODELS[SEASON].strength_sd(rows, params()))
    facts = news(on_court(base.games))
    facts = facts._replace(rosters=facts.rosters.assign(as_of=day))
    return GameInputs(SEASON, whole, rows, facts, MODELS[SEASON])


def games_of(inputs: GameInputs, what_if: WhatIf = WhatIf()) -> ComingGames:  # noqa: B008
    day = AFTER + pd.Timedelta(days=1)
    return coming_games(inputs, day, [day, day + pd.Timedelta(days=1)], what_if)


def test_the_next_game_of_a_series_is_at_stake_and_the_one_after_it_not_yet(
    playoffs: GameInputs,
) -> None:
    found = games_of(playoffs)
    assert len(found.games) == 2
    worth = leverage(playoffs, found, params(), seed=1)
    assert set(worth["game_id"]) == {found.games["game_id"].iloc[0]}
    home, away = (worth[worth["team_id"] == found.games[side].iloc[0]].iloc[0] for side in SIDES)
    assert home["series"] == away["series"] > 0.1
    assert 0 < home["title"] <= home["series"]
    assert home["playoffs"] == home["top_four"] == 0
    text = games_text(found, NAMES, Stakes(worth))
    assert "win:  series +" in text
    assert "seeds 1-4" not in text
    assert "of a series only the next" in text


def test_assumed_results_of_a_series_count_in_order(playoffs: GameInputs) -> None:
    first, second = (NAMES[playoffs.league.games[side].iloc[-1]] for side in SIDES)
    lost = WhatIf(results=(f"{first}-{second}={second}",))
    found = games_of(playoffs, lost)
    assert found.winners == {found.games["game_id"].iloc[0]: int(found.games["away_id"].iloc[0])}
    state = playoffs.league.state(SEASON, found.known)
    swapped = WhatIf(results=(f"{second}-{first}={second}",))
    said = assumed_texts(state, playoffs.league.teams, lost)
    assert assumed_texts(state, playoffs.league.teams, swapped) == said
    worth = leverage(playoffs, found, params(), 1, lost)
    assert set(worth["game_id"]) == {found.games["game_id"].iloc[1]}
    effects = result_effects(playoffs, found, params(), 1, lost)
    text = games_text(found, NAMES, Stakes(worth, effects, ["a game"]))
    changed = effects.set_index("team_id")["series"]
    ids = found.games[["home_id", "away_id"]].iloc[0]
    assert changed[ids["home_id"]] == pytest.approx(-changed[ids["away_id"]])
    assert changed[ids["home_id"]] < -0.05
    assert effects["series"].notna().sum() == 16
    assert "series      title" in text
    content = json.loads(games_json(found, NAMES, Stakes(worth, effects)))
    assert {len(one) for one in content["changes_by_results"]} == {len(STAKES), len(STAKES) + 1}


def test_a_series_that_assumed_results_bring_about_is_at_stake(playoffs: GameInputs) -> None:
    """Not the series before it, which is decided then."""
    first, *_ = playoffs.league.games[SIDES[0]].iloc[-1:]
    day = AFTER + pd.Timedelta(days=1)
    meetings = [one.winners for one in coming_meetings(playoffs.league.state(SEASON, day))]
    place = next(place for place, pair in enumerate(meetings) if first in pair)
    assert place % 2 == 0  # the next pair is the other half of its second round
    pairs = meetings[place : place + 2]
    results = [
        f"{NAMES[pair[0]]}-{NAMES[pair[1]]}={NAMES[pair[0]]}"
        for pair, left in zip(pairs, (3, 4), strict=True)
        for _ in range(left)
    ]
    second_round = series_games(pairs[0][0], pairs[1][0], [pairs[0][0]], day + 10 * (day - AFTER))
    games = pd.concat([playoffs.league.games, second_round], ignore_index=True)
    inputs = playoffs._replace(league=replace(playoffs.league, games=games))
    assumed = WhatIf(results=tuple(results))
    found = coming_games(inputs, day, second_round["game_date"], assumed)
    worth = leverage(inputs, found, params(), 1, assumed)
    assert worth["team_id"].tolist() == [pairs[0][0], pairs[1][0]]
    upper, lower = worth["series"]
    assert upper == pytest.approx(lower) and upper > 0.1


def test_an_assumed_loss_of_the_leader_makes_another_game_certain(playoffs: GameInputs) -> None:
    whole = playoffs.league
    known = AFTER + pd.Timedelta(days=1)
    last = whole.games.iloc[[-1]]
    first, second = (int(last[side].iloc[0]) for side in SIDES)
    three = series_games(first, second, [first] * 3, AFTER)
    more = series_games(first, second, [first] * 6, AFTER).iloc[3:]
    before = whole.games["game_date"] < AFTER
    games = pd.concat([whole.games[before], three.assign(game_date=AFTER)], ignore_index=True)
    dates = pd.date_range(known, periods=3)
    coming = more.assign(game_date=dates)[["game_id", "season", "game_date", *SIDES]]
    schedule = pd.concat([whole.schedule, coming.assign(known_from=pd.NaT)], ignore_index=True)
    inputs = playoffs._replace(league=replace(whole, games=games, schedule=schedule))
    result = f"{NAMES[first]}-{NAMES[second]}="
    sure = {"": 1, NAMES[second]: 2, NAMES[first]: 1}
    for winner, certain in sure.items():
        assumed = WhatIf(results=(result + winner,) if winner else ())
        found = coming_games(inputs, known, list(dates), assumed)
        assert found.uncertain == set(coming["game_id"].iloc[certain:]), winner


def test_a_series_has_no_game_after_the_fourth_win(playoffs: GameInputs) -> None:
    day = AFTER + pd.Timedelta(days=1)
    state, league_teams = playoffs.league.state(SEASON, day), playoffs.league.teams
    first, second = (NAMES[playoffs.league.games[side].iloc[-1]] for side in SIDES)
    result = f"{first}-{second}={first}"
    sweep = WhatIf(results=(result,) * (SERIES_WINS - 1))
    assert [one.split(", ")[1] for one in assumed_texts(state, league_teams, sweep)] == [
        f"game {number}: {first} wins" for number in (2, 3, 4)
    ]
    assumed_results(state, league_teams, sweep)
    with pytest.raises(ForecastError, match="no further game to assume"):
        assumed_results(state, league_teams, WhatIf(results=(result,) * SERIES_WINS))
    with pytest.raises(ForecastError, match="is known to come") as error:
        assumed_results(state, league_teams, WhatIf(results=("T01-T30=T01",)))
    example = str(error.value.next_command).split("--result ")[1]
    assert assumed_texts(state, league_teams, WhatIf(results=(example,)))


def test_an_assumed_absence_counts_as_many_points_in_the_playoffs_as_before(
    playoffs: GameInputs,
) -> None:
    usual = games_of(playoffs).games.iloc[0]
    star = f"Player {spelt(int(usual['home_id']) * 100 + STAR)}"
    found = games_of(playoffs, WhatIf(without=(star,)))
    (worth,) = found.absent.loc[found.absent["assumed"], "points"].unique()
    lost = usual["expected_margin"] - found.games["expected_margin"].iloc[0]
    assert lost == pytest.approx(MODELS[SEASON].games["tip_off"].absence * worth, abs=1e-6)
    assert MODELS[SEASON].games["evening"].playoff_stretch > 1
