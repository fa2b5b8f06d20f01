"""No roster, no expected minute and no strength sees the day itself or later."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.features.players.rosters import RosterTables
from tests.as_of_league import (
    WAYS,
    Tables,
    assert_same_until,
    change_future,
    day_at,
    real_changes,
    real_tables,
)
from tests.rosters.conftest import make, some_lists, some_ratings, some_reports


def later_reports_changed(reports: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    late = reports["report_date"] >= day
    return reports.assign(player_id=reports["player_id"].where(~late, reports["player_id"] + 1))


def later_lists_changed(lists: pd.DataFrame, day: pd.Timestamp, starts: pd.Series) -> pd.DataFrame:
    """Lists known after the day have other players and ages."""
    first = lists.groupby(["season", "team_id"])["as_of"].transform("min")
    opening = lists["season"].map(starts)
    late = lists["as_of"].where(lists["as_of"] > first, opening) > day
    return lists.assign(
        player_id=lists["player_id"].where(~late, lists["player_id"] + 1),
        age=lists["age"].where(~late, 45.0),
    ).drop_duplicates(["season", "as_of", "player_id"])


def dated(made: RosterTables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables with one row per as-of date."""
    return made.rosters, made.roster_teams


def assert_past_unmoved(
    tables: Tables, before: RosterTables, day: pd.Timestamp, how: str, seed: int
) -> None:
    changed = change_future(tables, day, how, np.random.default_rng(seed))
    reports, ratings = some_reports(tables), some_ratings(tables)
    season = tables["seasons"].set_index("season")["start"]
    running = season[season <= day].index.max()
    # A season's ratings are published after it: those of the current season may be anything.
    ratings = ratings.assign(
        rating=ratings["rating"].where(ratings["season"] < running, 9.0 * seed)
    )
    lists = later_lists_changed(some_lists(tables), day, season)
    after = make(changed, later_reports_changed(reports, day), ratings, lists)
    assert_same_until(day, dated(before), dated(after))
    both = before.weights.merge(after.weights, on=["season", "model", "place"])
    both = both[both["season"] <= running]
    assert (both["weight_x"] == both["weight_y"]).all()


@settings(max_examples=15, derandomize=True, deadline=None)
@given(place=st.floats(0, 1), how=st.sampled_from(WAYS), seed=st.integers(0, 2**16))
def test_games_lists_and_reports_from_a_date_on_move_no_row_of_that_date(
    league: Tables, listed: RosterTables, place: float, how: str, seed: int
) -> None:
    assert_past_unmoved(league, listed, day_at(league, place), how, seed)


def test_later_lists_reach_later_rows(league: Tables, listed: RosterTables) -> None:
    """Lists on their own move later rows, so the test above can fail."""
    day, season = day_at(league, 0.5), league["seasons"].set_index("season")["start"]
    lists = later_lists_changed(some_lists(league), day, season)
    after = make(league, some_reports(league), some_ratings(league), lists)
    assert_same_until(day, dated(listed), dated(after))
    late = listed.roster_teams["as_of"] > day
    moved = listed.roster_teams.loc[late] != after.roster_teams.loc[late]
    assert moved["available_strength"].mean() > 0.5


@pytest.mark.parametrize("how", WAYS)
def test_the_change_reaches_later_rows(league: Tables, made: RosterTables, how: str) -> None:
    """The test above can fail: strengths of later dates do move."""
    day = day_at(league, 0.5)
    changed = make(change_future(league, day, how, np.random.default_rng(1)))
    late = made.roster_teams["as_of"] > day
    moved = (
        made.roster_teams.loc[late, "available_strength"]
        != changed.roster_teams.loc[late, "available_strength"]
    )
    assert moved.mean() > 0.9


def test_weights_are_fitted_to_earlier_seasons_only(league: Tables, made: RosterTables) -> None:
    """In the first season no model has been fitted yet: margins do not move box plus-minus."""
    first = made.rosters["season"] == made.rosters["season"].min()
    np.testing.assert_array_equal(
        made.rosters.loc[first, "minutes_raw"], made.rosters.loc[first, "recent_minutes"]
    )
    played = league["player_games"]
    other = make({**league, "player_games": played.assign(plus_minus=played["plus_minus"] * -2)})
    plain = make(league)
    pd.testing.assert_series_equal(
        plain.rosters.loc[first, "box_plus_minus"], other.rosters.loc[first, "box_plus_minus"]
    )
    assert (
        plain.rosters.loc[~first, "box_plus_minus"] != other.rosters.loc[~first, "box_plus_minus"]
    ).mean() > 0.9


@pytest.fixture(scope="module")
def real(real_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, RosterTables]:
    seasons = ("2017-18", "2018-19", "2019-20")
    tables = real_tables(real_raw, seasons, tmp_path_factory.mktemp("real"))
    return tables, make(tables, some_reports(tables), some_ratings(tables), some_lists(tables))


@pytest.mark.real
@pytest.mark.slow
@real_changes
def test_real_games_move_no_past_row(real: tuple[Tables, RosterTables], how: str, day: str) -> None:
    assert_past_unmoved(*real, pd.Timestamp(day), how, 5)
