"""State of a season on a day: past results, remaining and made-up fixtures, wrong days."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import ForecastError, TableError
from nbarank.forecast.season_state import League
from nbarank.league.fixtures import complete_fixtures
from tests.forecast.made_league import (
    END,
    GAMES,
    MID,
    SEASON,
    START,
    empty_games,
    league,
    played,
    schedule,
    season_row,
    teams,
)


def games_per_team(fixtures: pd.DataFrame) -> pd.Series:
    return pd.concat([fixtures["home_id"], fixtures["away_id"]]).value_counts()


def pair_counts(fixtures: pd.DataFrame) -> np.ndarray:
    counts = np.zeros((30, 30), int)
    np.add.at(counts, (fixtures["home_id"] - 1, fixtures["away_id"] - 1), 1)
    return counts


def test_past_and_future_games_make_up_the_season() -> None:
    state = league(MID).state(SEASON, MID)
    assert state.won.sum() + len(state.home) == GAMES
    assert (state.played.sum(axis=1) == 82).all()
    assert (state.days >= 0).all() and (np.diff(state.days) >= 0).all()


def test_results_on_or_after_the_day_are_not_seen() -> None:
    fixtures = schedule()
    everything = League(season_row(), teams(), played(fixtures, 1), fixtures)
    past = everything.games[everything.games["game_date"] < MID]
    other = played(fixtures[fixtures["game_date"] >= MID], 99)
    changed = replace(everything, games=pd.concat([past, other], ignore_index=True))
    first, second = (one.state(SEASON, MID) for one in (everything, changed))
    for name in ("won", "difference", "home", "away", "days", "play_in_won", "playoffs_won"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_a_postponed_game_is_still_to_be_played() -> None:
    whole = league(MID)
    postponed = whole.games["game_id"].iloc[10]
    fewer = whole.games[whole.games["game_id"] != postponed]
    state = replace(whole, games=fewer).state(SEASON, MID)
    assert state.won.sum() + len(state.home) == GAMES
    assert state.days[0] == 0


@pytest.mark.parametrize("day", ["2021-01-01", "2022-03-01", "2023-02-01"])
def test_a_day_outside_the_data_is_refused_with_the_days_that_are_not(day: str) -> None:
    with pytest.raises(ForecastError, match="outside the data of season") as error:
        league(MID).state(SEASON, pd.Timestamp(day))
    assert "to 2022-01-1" in str(error.value)


def test_a_day_after_a_playoff_game_without_a_result_is_refused() -> None:
    known = league(END + pd.Timedelta(days=1))
    next_game = END + pd.Timedelta(days=3)
    facts = {"game_id": "0042100101", "season": SEASON, "game_date": next_game}
    coming = known.schedule.head(1).assign(**facts)
    with_game = replace(known, schedule=pd.concat([known.schedule, coming]))
    assert with_game.state(SEASON, next_game).as_of == next_game
    with pytest.raises(ForecastError, match=f"to {next_game:%Y-%m-%d}"):
        with_game.state(SEASON, next_game + pd.Timedelta(days=1))


def test_an_unknown_season_is_refused() -> None:
    with pytest.raises(ForecastError, match="not in the data"):
        league(MID).state("2030-31", MID)


def test_before_the_first_game_without_a_schedule_a_whole_season_is_made_up() -> None:
    nothing = schedule().head(0)
    state = League(season_row(), teams(), empty_games(), nothing).state(SEASON, START)
    assert len(state.home) == GAMES and (state.played.sum(axis=1) == 82).all()


def test_made_up_fixtures_follow_the_opponent_counts() -> None:
    made = schedule()
    counts = pair_counts(made)
    both = counts + counts.T
    rows = np.arange(30)
    division = (rows[:, None] // 5 == rows[None] // 5) & (rows[:, None] != rows[None])
    conference = (rows[:, None] < 15) == (rows[None] < 15)
    assert set(both[division]) == {4}
    assert set(both[conference & ~division & (rows[:, None] != rows[None])]) == {3, 4}
    assert set(both[~conference]) == {2}
    assert (games_per_team(made) == 82).all()
    # Home games are even to within a few, and no pair is hosted by one side alone.
    hosted = counts.sum(axis=1)
    assert np.abs(hosted - 41).max() <= 3
    assert np.abs(counts - counts.T).max() <= 1
    assert made["game_date"].between(START, END).all()


def test_the_rest_is_made_up_around_what_was_played() -> None:
    fixtures = schedule()
    before = played(fixtures[fixtures["game_date"] < MID], 0)
    state = League(season_row(), teams(), before, fixtures.head(0)).state(SEASON, MID)
    assert (state.played.sum(axis=1) == 82).all()
    assert state.won.sum() == len(before)
    wanted = pair_counts(fixtures) + pair_counts(fixtures).T
    # What is made up cannot know which rivals meet a fourth time, but stays within one game.
    assert np.abs(state.played - wanted).max() <= 2
    assert state.days.max() <= (END - MID).days


def test_a_short_season_keeps_the_proportions() -> None:
    made = complete_fixtures(teams(), schedule().head(0), schedule().head(0), 990, START, END)
    assert (games_per_team(made) == 66).all()
    both = pair_counts(made) + pair_counts(made).T
    rows = np.arange(30)
    across = (rows[:, None] < 15) != (rows[None] < 15)
    assert both[across].mean() < 2 < both[~across & (rows[:, None] != rows[None])].mean()


def test_made_up_fixtures_are_the_same_every_time() -> None:
    nothing = schedule().head(0)
    first, again = (
        complete_fixtures(teams(), nothing, nothing, GAMES, START, END) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, again)


def test_fixtures_that_cannot_be_planned_are_refused() -> None:
    fixtures = schedule()
    too_many = pd.concat([fixtures, fixtures.head(60).assign(home_id=1, away_id=2)])
    with pytest.raises(TableError, match="cannot be planned"):
        complete_fixtures(teams(), too_many, fixtures.head(0), GAMES, MID, END)
