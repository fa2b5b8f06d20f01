"""The as-of grid: from days and counts alone, never from results."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.league.ingest import LeagueTables, ingest
from nbarank.league.seasons import as_of_grid, teams_listed
from nbarank.schemas.raw import RawLeague
from tests.as_of_league import CHECKPOINTS

START = pd.Timestamp("2021-10-19")


def season(expected: int, complete: bool = False) -> pd.DataFrame:
    row = {"season": "2021-22", "start": START, "games_expected": expected, "complete": complete}
    return pd.DataFrame([row])


def games(offsets: list[int], kind: str = "regular") -> pd.DataFrame:
    days = START + pd.to_timedelta(offsets, unit="D")
    return pd.DataFrame({"season": "2021-22", "game_date": days, "kind": kind}).astype(
        {"game_date": "datetime64[us]"}
    )


def test_checkpoint_is_the_first_day_with_the_share_behind_it() -> None:
    # 20 games, two a day on days 0..9: after day 0 there are 2 = 10 %, after day 2 there are 6.
    played = games([day for day in range(10) for _ in range(2)])
    grid = as_of_grid(season(20), played, 7, CHECKPOINTS)
    found = grid.dropna(subset="checkpoint").set_index("checkpoint")["as_of"]
    expected = {0.0: 0, 0.1: 1, 0.25: 3, 0.5: 5, 0.75: 8, 1.0: 10}
    assert {share: (day - START).days for share, day in found.items()} == expected
    assert grid.loc[grid["weekly"], "as_of"].tolist() == [START, START + pd.Timedelta(days=7)]
    assert grid["season_share"].tolist() == [0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 1.0]


def test_weeks_without_a_game_are_left_out() -> None:
    grid = as_of_grid(season(4), games([0, 1, 40, 41]), 7, (1.0,))
    assert [(day - START).days for day in grid["as_of"]] == [0, 7, 42]


def test_season_in_progress_ends_the_day_after_its_latest_game() -> None:
    grid = as_of_grid(season(100), games(list(range(30))), 7, CHECKPOINTS)
    assert grid["as_of"].max() == START + pd.Timedelta(days=30)
    assert grid["checkpoint"].dropna().tolist() == [0.0, 0.1, 0.25]


def test_season_before_its_first_game_has_its_first_day_only() -> None:
    grid = as_of_grid(season(100), games([]), 7, CHECKPOINTS)
    assert grid["as_of"].tolist() == [START]
    assert grid["season_share"].tolist() == [0.0]
    assert grid["checkpoint"].tolist() == [0.0]
    assert as_of_grid(season(100), games([]), 7, (1.0,))["checkpoint"].isna().all()


def test_a_season_with_games_left_out_still_reaches_its_end() -> None:
    played = pd.concat([games(list(range(9))), games([20], "playoffs")])
    grid = as_of_grid(season(10, complete=True), played, 7, CHECKPOINTS)
    assert grid["as_of"].max() == START + pd.Timedelta(days=9)
    assert grid.loc[grid["checkpoint"] == 1.0, "as_of"].item() == START + pd.Timedelta(days=9)


def test_the_latest_day_of_the_playoffs_is_on_the_grid_until_the_season_has_ended() -> None:
    played = pd.concat([games(list(range(9))), games([20, 22], "playoffs")])
    grid = as_of_grid(season(9), played, 7, CHECKPOINTS)
    assert grid["as_of"].iloc[-1] == START + pd.Timedelta(days=23)
    assert grid["season_share"].iloc[-2:].tolist() == [1.0, 1.0]
    ended = as_of_grid(season(9, complete=True), played, 7, CHECKPOINTS)
    pd.testing.assert_frame_equal(ended, grid.iloc[:-1])


def test_teams_with_a_published_roster_are_counted_from_its_day() -> None:
    days = START + pd.to_timedelta([-10, 0, 3, 30], unit="D")
    grid = pd.DataFrame({"season": "2021-22", "as_of": days})
    known = {1: -20, 2: 2, 3: 7, 4: 25}  # team: days from the start to its first list
    lists = pd.DataFrame({"season": "2021-22", "team_id": list(known), "as_of": START})
    lists["as_of"] += pd.to_timedelta(list(known.values()), unit="D")
    again = lists.assign(as_of=lists["as_of"] + pd.Timedelta(days=2))
    rosters = pd.concat([again, lists, lists.assign(season="2020-21")])
    seasons = pd.DataFrame({"season": ["2020-21", "2021-22"], "start": [START, START]})
    assert teams_listed(grid, rosters, seasons).tolist() == [1, 3, 3, 4]
    assert teams_listed(grid, rosters.iloc[:0], seasons).tolist() == [0, 0, 0, 0]


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=80).map(sorted),
    st.integers(1, 14),
    st.integers(0, 60),
)
def test_no_date_depends_on_what_comes_after(offsets: list[int], every: int, cut: int) -> None:
    expected = len(offsets)
    whole = as_of_grid(season(expected), games(offsets), every, CHECKPOINTS)
    early = [day for day in offsets if day < cut]
    part = as_of_grid(season(expected), games(early), every, CHECKPOINTS)
    horizon = START + pd.Timedelta(days=max(early, default=-1) + 1)
    # Only the last day of the shorter season, "today", need not be on the longer one's grid.
    before = part[part["as_of"] < horizon].reset_index(drop=True)
    pd.testing.assert_frame_equal(before, whole[whole["as_of"] < horizon].reset_index(drop=True))
    assert whole["as_of"].is_monotonic_increasing
    assert whole["as_of"].is_unique


def test_results_do_not_move_the_grid(made: LeagueTables) -> None:
    turned = made.games.assign(home_pts=made.games["away_pts"], away_pts=made.games["home_pts"])
    grid = as_of_grid(made.seasons, turned, 7, CHECKPOINTS)
    pd.testing.assert_frame_equal(grid, made.as_of.drop(columns="teams_listed"))


@pytest.mark.parametrize("every", [1, 3, 7])
def test_share_counts_games_before_the_day(every: int, tiny_raw: RawLeague) -> None:
    made = ingest(tiny_raw, False, every, CHECKPOINTS)
    regular = made.games[made.games["kind"] == "regular"]
    for row in made.as_of.itertuples():
        before = (regular["season"] == row.season) & (regular["game_date"] < row.as_of)
        assert np.isclose(row.season_share, before.sum() / 225)
