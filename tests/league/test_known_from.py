"""Fixtures are known from a day on: drawn or moved during the season, or dated by the user."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbarank.features.schedule_strength import games_left, meetings_left
from nbarank.features.view_builder import season_views
from nbarank.forecast.season_state import League
from nbarank.league.games import build_schedule
from tests.features.team_rows import PARAMS, rated
from tests.forecast.made_league import GAMES, SEASON, START, played, season_row, teams
from tests.forecast.made_league import schedule as made_schedule
from tests.league.user_files import FIXTURES, made, season, with_fixtures, write

KNOCK_OUT = pd.Timestamp("2021-12-06"), pd.Timestamp("2021-12-10")
DRAWN = pd.Timestamp("2021-12-01")
few = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def dated(days: dict[str, pd.Timestamp]) -> pd.DataFrame:
    """The made-up season's fixtures, some known from a day on."""
    whole = made_schedule()
    known = whole["game_id"].map(days).astype("datetime64[us]")
    return whole.assign(
        known_from=known.where(known <= whole["game_date"], whole["game_date"]).where(known.notna())
    )


def drawn() -> pd.DataFrame:
    """The made-up fixtures; those of one week are drawn on a day before it."""
    whole = made_schedule()
    week = whole["game_date"].between(*KNOCK_OUT)
    return whole.assign(
        known_from=pd.Series(DRAWN, whole.index).where(week).astype("datetime64[us]")
    )


@few
@given(st.integers(0, 2**16), st.integers(1, 60), st.integers(0, 170), st.booleans())
def test_no_fixture_to_come_is_known_later_and_every_team_has_its_games(
    seed: int, count: int, day: int, complete: bool
) -> None:
    rng = np.random.default_rng(seed)
    whole = made_schedule()
    some = whole["game_id"].sample(count, random_state=seed)
    days = {game: START + pd.Timedelta(days=int(rng.integers(1, 170))) for game in some}
    fixtures, as_of = dated(days), START + pd.Timedelta(days=day)
    results = fixtures if complete else fixtures[fixtures["game_date"] < as_of]
    league = League(season_row(complete=complete), teams(), played(results, seed), fixtures)
    state = league.state(SEASON, as_of)
    late = fixtures[fixtures["known_from"] > as_of]
    listed = fixtures[~fixtures["known_from"].gt(as_of) & (fixtures["game_date"] >= as_of)]
    assert (state.played.sum(axis=1) == 82).all()
    pairs = pd.Series(list(zip(state.home, state.away, state.days, strict=True))).value_counts()
    ahead = (listed["game_date"] - as_of).dt.days
    wanted = pd.Series(
        list(zip(listed["home_id"] - 1, listed["away_id"] - 1, ahead.astype(float), strict=True))
    ).value_counts()
    assert (pairs.reindex(wanted.index).fillna(0) >= wanted).all()
    assert len(state.home) == len(listed) + len(late)
    # Which games are hidden does not show, only how many each team has.
    blind = late.assign(home_id=late["away_id"], away_id=late["home_id"])
    other = pd.concat([fixtures.drop(late.index), blind])
    again = replace(league, schedule=other).state(SEASON, as_of)
    assert np.array_equal(state.home, again.home) and np.array_equal(state.days, again.days)


@pytest.mark.parametrize("day", [DRAWN - pd.Timedelta(days=9), DRAWN])
def test_a_replay_sees_what_the_live_run_saw(day: pd.Timestamp) -> None:
    fixtures = drawn()
    past = played(fixtures[fixtures["game_date"] < day], 3)
    published = fixtures[~(fixtures["known_from"] > day)].assign(known_from=pd.NaT)
    live = League(season_row(), teams(), past, published).state(SEASON, day)
    everything = League(season_row(complete=True), teams(), played(fixtures, 3), fixtures)
    replay = everything.state(SEASON, day)
    for name in ("home", "away", "days"):
        assert np.array_equal(getattr(live, name), getattr(replay, name)), name
    hidden = fixtures["known_from"].notna().sum()
    assert hidden > 20 and len(replay.home) == GAMES - len(past)


def test_features_count_unknown_fixtures_without_pairs(tables: dict[str, pd.DataFrame]) -> None:
    name = "2021-22"
    own = tables["schedule"]["season"] == name
    days = np.sort(tables["schedule"].loc[own, "game_date"].unique())
    last = own & tables["schedule"]["game_date"].isin(days[-3:])
    known = pd.Series(pd.Timestamp(days[-5]), tables["schedule"].index).where(last)
    later = {**tables, "schedule": tables["schedule"].assign(known_from=known)}
    before, after = (
        {v.season: v for v in season_views(t, rated(tables), PARAMS)}[name] for t in (tables, later)
    )
    np.testing.assert_array_equal(games_left(before), games_left(after))
    np.testing.assert_array_equal(meetings_left(after), meetings_left(after).transpose(0, 2, 1))
    early = after.as_of < np.datetime64(days[-5])
    same = (meetings_left(before) == meetings_left(after)).all(axis=(1, 2))
    assert same[~early].all() and not same[early].any()


def test_a_user_dates_fixtures_in_a_column(tmp_path: Path) -> None:
    rows = FIXTURES.copy()
    late = rows["GAME_ID"] > "0022100090"
    rows["Known_From"] = np.where(late, "2021-11-10", None)
    tables = made(write(tmp_path / "box", {**season(9), "schedule_2021_22": rows}, "csv"))
    known = tables.schedule.set_index("game_id")["known_from"]
    assert (known[late[late].index.map(rows["GAME_ID"])] == pd.Timestamp("2021-11-10")).all()
    assert known.notna().sum() == late.sum()
    pd.testing.assert_series_equal(
        made(write(tmp_path / "box", with_fixtures(rows.iloc[:0]))).schedule["game_date"],
        tables.schedule["game_date"],
    )


@pytest.mark.parametrize(
    ("column", "group", "knock_out"),
    [
        ("gameSubtype", "in-season", "in-season-knockout"),
        ("NOTES_HEADLINE", "NBA Cup - Group Play", "NBA Cup - Quarterfinals"),
        ("game_label", "In-Season Tournament Group", "In-Season Tournament Semifinals"),
        ("gameSubtype", "", "in-season-knockout"),
    ],
)
def test_games_of_the_knock_out_week_are_known_after_the_groups(
    tmp_path: Path, column: str, group: str, knock_out: str
) -> None:
    rows = FIXTURES.copy()
    days = sorted(rows["GAME_DATE"].unique())
    rows[column] = rows["GAME_DATE"].map({days[2]: group, days[5]: knock_out, days[7]: knock_out})
    tables = made(write(tmp_path / "box", {**season(), "schedule_2021_22": rows}))
    found = tables.schedule.set_index("game_date")["known_from"].groupby(level=0).first()
    week = [pd.Timestamp(day) for day in days[5:8]]
    drawn = pd.Timestamp(days[2]) + pd.Timedelta(days=1)
    assert found[week].tolist() == ([drawn] * 3 if group else week)
    assert found.drop(week).isna().all()


def test_a_moved_game_is_known_after_the_postponed_one(tmp_path: Path) -> None:
    rows = FIXTURES.assign(STATUS="Scheduled")
    moved = rows[rows["GAME_ID"] == "0022100100"]
    rows = pd.concat(
        [rows, moved.assign(GAME_ID="0022190000", GAME_DATE="2021-11-09", STATUS="Postponed")]
    )
    tables = made(write(tmp_path / "box", {**season(9), "schedule_2021_22": rows}))
    known = tables.schedule.set_index("game_id")["known_from"].dropna()
    assert known.to_dict() == {"0022100100": pd.Timestamp("2021-11-10")}


def test_drawn_games_without_a_schedule_are_known_by_their_number() -> None:
    games = pd.DataFrame(
        {
            "game_id": ["0022300001", "0022301200", "0022301201", "0022301230"],
            "season": "2023-24",
            "game_date": pd.to_datetime(["2023-10-24", "2024-04-14", "2023-12-04", "2023-12-08"]),
            "home_id": 1610612737,
            "away_id": 1610612738,
            "kind": "regular",
        }
    )
    none = FIXTURES.iloc[:0].assign(SEASON="", KNOWN_FROM=pd.NaT)
    known = build_schedule(games, none)["known_from"]
    assert known.isna().tolist() == [True, True, False, False]
    assert known[2:].tolist() == games["game_date"][2:].tolist()
    earlier = games.assign(season="2022-23")
    assert build_schedule(earlier, none)["known_from"].isna().all()
