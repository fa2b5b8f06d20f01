"""Values as people's files have them: fixtures, dates, minutes, sides and repeated rows.

A tiny league is changed as the exports and sources of real users differ.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbarank.core.errors import IngestError, SourceError
from nbarank.league.ingest import LeagueTables
from tests.league.user_files import (
    FILES,
    FIXTURES,
    GAMES,
    LEAGUE,
    PLAYERS,
    TEAMS,
    Frames,
    few,
    made,
    off,
    season,
    warnings,
    with_dates,
    with_fixtures,
    write,
)
from tests.tiny_league import fixtures_of

# Fixtures that will not be played


@few
@given(
    st.integers(1, 12),
    st.sampled_from(["Postponed", "STATUS_CANCELED", "PPD", "CANC", "cancelled", "Suspended"]),
    st.sampled_from(["STATUS", "gameStatusText", "status_type_name", "Game_State"]),
)
def test_cancelled_fixtures_are_out(tmp_path: Path, count: int, status: str, column: str) -> None:
    frames = with_fixtures(off(count).assign(**{column: status}))
    table = frames["schedule_2021_22"]
    table[column] = table[column].fillna("Final")
    tables = made(write(tmp_path / "box", frames))
    assert len(tables.schedule) == GAMES
    assert "postponed or cancelled" in warnings(tables)


@pytest.mark.parametrize("column", ["is_postponed", "CANCELLED", "postponedStatus"])
@pytest.mark.parametrize(("off_value", "on_value"), [(1, 0), (True, False), ("Y", "A")])
def test_flagged_fixtures_are_out(
    folder: Path, column: str, off_value: object, on_value: object
) -> None:
    more = pd.concat([FIXTURES.assign(**{column: on_value}), off(3).assign(**{column: off_value})])
    tables = made(write(folder, {**season(9), "schedule_2021_22": more}))
    assert len(tables.schedule) == GAMES
    assert "postponed or cancelled" in warnings(tables)


@pytest.mark.parametrize("count", [1, 8])
def test_more_fixtures_than_the_calendar_allows_are_an_error(folder: Path, count: int) -> None:
    with pytest.raises(IngestError, match=f"{GAMES + count} games and fixtures") as caught:
        made(write(folder, with_fixtures(off(count))), drop_games=True)
    assert "0022190000" in str(caught.value)
    assert "drop_games" not in str(caught.value.next_command)


def test_a_team_with_more_fixtures_than_others_is_an_error(folder: Path) -> None:
    whole = FIXTURES.copy()
    first = whole["HOME_TEAM_ID"].iloc[0]
    later = whole.index[(whole["HOME_TEAM_ID"] != first) & (whole["AWAY_TEAM_ID"] != first)][-1]
    whole.loc[later, "HOME_TEAM_ID"] = first
    with pytest.raises(IngestError, match=f"1 team.* more than {LEAGUE.rounds} .*{first}: 16"):
        made(write(folder, {**season(9), "schedule_2021_22": whole}))


def test_a_season_that_is_over_has_nothing_to_come(folder: Path, right: LeagueTables) -> None:
    tables = made(write(folder, with_fixtures(off(3), days=None)))
    pd.testing.assert_frame_equal(tables.schedule, right.schedule)
    assert "season that is over" in warnings(tables)


def test_fixtures_of_other_types_and_without_teams_are_set_aside(folder: Path) -> None:
    odd = off(5).assign(HOME_TEAM_ID=[1610612737, 9999, 1610612737, 1610612737, 0])
    odd["GAME_ID"] = ["0012100001", "0032100001", "0062100001", "0072100101", "0022199999"]
    tables = made(write(folder, with_fixtures(odd)))
    assert len(tables.schedule) == GAMES
    assert "of neither season nor playoffs" in warnings(tables)
    assert "teams are not known yet" in warnings(tables)


def playoffs_until(days: int) -> tuple[Frames, pd.DataFrame]:
    """The season with the first days of its playoffs, and the fixtures of all their games."""
    logs = FILES[f"playoffs_{TEAMS}"]
    last = sorted(logs["GAME_DATE"].unique())[days - 1]
    late = {f"playoffs_{name}": FILES[f"playoffs_{name}"] for name in (TEAMS, PLAYERS)}
    begun = {name: frame[frame["GAME_DATE"] <= last] for name, frame in late.items()}
    return {**season(), **begun}, fixtures_of(logs)


def test_playoff_games_to_come_are_in_the_schedule_until_they_are_played(folder: Path) -> None:
    frames, fixtures = playoffs_until(5)
    tables = made(write(folder, {**frames, "schedule_2021_22": fixtures}))
    late = tables.schedule[~tables.schedule["game_id"].str.startswith("002")]
    played = set(tables.games["game_id"])
    assert set(late["game_id"]) == set(fixtures["GAME_ID"]) - played
    assert len(late) and played & set(fixtures["GAME_ID"])
    assert not tables.seasons["complete"].iloc[-1]
    whole = made(write(folder, {**FILES, "schedule_2021_22": fixtures}))
    assert whole.schedule["game_id"].str.startswith("002").all()


def test_fixtures_of_a_series_that_is_over_are_set_aside(folder: Path) -> None:
    frames, fixtures = playoffs_until(12)
    first = fixtures.iloc[[0]].assign(GAME_ID="0042100107")
    first["GAME_DATE"] = fixtures["GAME_DATE"].max()
    more = pd.concat([fixtures, first])
    tables = made(write(folder, {**frames, "schedule_2021_22": more}))
    assert "0042100107" not in set(tables.schedule["game_id"])
    assert "of a series that is over; set aside ['0042100107']" in warnings(tables)


def test_a_series_of_more_than_seven_games_and_a_wrong_day_are_errors(folder: Path) -> None:
    frames, fixtures = playoffs_until(1)
    eight = pd.concat([fixtures.iloc[[-1]].assign(GAME_ID=f"00421004{i:02d}") for i in range(8)])
    with pytest.raises(IngestError, match="more than seven games"):
        made(write(folder, {**frames, "schedule_2021_22": eight}))
    early = fixtures.tail(1).assign(GAME_DATE=FIXTURES["GAME_DATE"].iloc[0])
    with pytest.raises(IngestError, match="fixture outside its season"):
        made(write(folder, {**frames, "schedule_2021_22": early}))


@pytest.mark.parametrize("row", [0, -1], ids=["played", "to come"])
def test_a_playoff_game_listed_under_another_id_is_an_error(folder: Path, row: int) -> None:
    frames, fixtures = playoffs_until(1)
    twice = pd.concat([fixtures, fixtures.iloc[[row]].assign(GAME_ID="0042100199")])
    with pytest.raises(IngestError, match="two games of a series on one day"):
        made(write(folder, {**frames, "schedule_2021_22": twice}))


@pytest.mark.parametrize("day", ["TBD", None])
def test_a_fixture_without_a_day_and_an_empty_schedule_are_warnings(
    folder: Path, day: str | None
) -> None:
    fixtures = FIXTURES.astype({"GAME_DATE": "object"})
    fixtures.loc[fixtures.index[-1], "GAME_DATE"] = day
    tables = made(write(folder, {**season(9), "schedule_2021_22": fixtures}, "csv"))
    assert len(tables.schedule) == GAMES - 1
    assert "day or teams are not known yet" in warnings(tables)
    tables = made(write(folder, {**season(), "schedule_2021_22": FIXTURES.head(0)}, "csv"))
    assert len(tables.schedule) == GAMES
    assert "no rows; ignored" in warnings(tables)


def test_past_fixtures_without_a_result_and_lost_games_are_named(folder: Path) -> None:
    frames, lost = season(9), "0022100010"
    frames = {name: frame[frame["GAME_ID"] != lost] for name, frame in frames.items()}
    assert lost in warnings(made(write(folder, frames)))
    tables = made(write(folder, {**frames, "schedule_2021_22": FIXTURES}))
    assert f"without a result before the latest game; they count as still to be played ['{lost}']" \
        in warnings(tables)  # fmt: skip


# Rows without a result


@pytest.mark.parametrize("blank", ["", None, "-", "L"])
@pytest.mark.parametrize("of_players", [True, False])
def test_games_to_come_are_fixtures(folder: Path, blank: str | None, of_players: bool) -> None:
    frames, played = season(), season(9)
    counts = [c for c in frames[TEAMS] if c not in played[PLAYERS].columns[:10]]
    counts = [c for c in counts if frames[TEAMS][c].dtype.kind in "if" and c != "TEAM_ID"]
    later = ~frames[TEAMS]["GAME_ID"].isin(played[TEAMS]["GAME_ID"])
    frames[TEAMS].loc[later, counts] = 0
    frames[TEAMS].loc[later, "WL"] = blank
    frames[PLAYERS] = played[PLAYERS]
    if of_players:
        row = FILES[PLAYERS].tail(1).assign(WL=blank, **dict.fromkeys(counts, 0))
        frames[PLAYERS] = pd.concat([played[PLAYERS], row])
    for drop_games in (False, True):
        tables = made(write(folder, frames), drop_games)
        assert len(tables.games) == played[TEAMS]["GAME_ID"].nunique()
        assert len(tables.schedule) == GAMES
        assert tables.report["dropped_games"] == []
        assert "taken as fixtures to come" in warnings(tables)


def test_games_without_a_result_and_of_one_team_are_left_out(folder: Path) -> None:
    frames, played = season(), season(9)
    later = frames[TEAMS][~frames[TEAMS]["GAME_ID"].isin(played[TEAMS]["GAME_ID"])]
    later = later.drop_duplicates("GAME_ID").assign(WL="", PTS=0)
    played[TEAMS] = pd.concat([played[TEAMS], later])
    tables = made(write(folder, played))
    assert len(tables.schedule) == len(tables.games)
    assert "of one team; left out" in warnings(tables)


def test_a_game_in_progress_is_a_fixture(folder: Path) -> None:
    frames = season(10)
    live = frames[TEAMS]["GAME_ID"].iloc[-1]
    for frame in frames.values():
        frame.loc[frame["GAME_ID"] == live, "WL"] = None
    tables = made(write(folder, frames))
    assert live in set(tables.schedule["game_id"])
    assert live not in set(tables.games["game_id"]) | set(tables.player_games["game_id"])


def test_a_missing_winner_follows_from_the_points(folder: Path, right: LeagueTables) -> None:
    frames = season()
    frames[TEAMS].loc[frames[TEAMS]["GAME_ID"] == "0022100003", "WL"] = None
    pd.testing.assert_frame_equal(made(write(folder, frames)).games, right.games)
    frames[TEAMS]["WL"] = None
    tables = made(write(folder, frames))
    pd.testing.assert_frame_equal(tables.games, right.games)
    assert "taken from the points" in warnings(tables)


# Minutes


@few
@given(
    st.sampled_from(["zero", "hours", "seconds", "bench", "half"]),
    st.integers(1, 20),
    st.booleans(),
)
def test_wrong_minutes_name_the_side(tmp_path: Path, how: str, count: int, whole: bool) -> None:
    frames = season()
    players = frames[PLAYERS]
    if whole:
        players["MIN"] = players["MIN"].round()
    games = sorted(players["GAME_ID"].unique())[-count:]
    rows = players["GAME_ID"].isin(games) & (players["TEAM_ABBREVIATION"] > "T05")
    factor = {"zero": 0.0, "hours": 1 / 60, "seconds": 60.0, "half": 0.5, "bench": 1.0}[how]
    players["MIN"] = players["MIN"].where(~rows, players["MIN"] * factor)
    if how == "bench":
        players = players[~(rows & players["PLAYER_NAME"].str.endswith(("7", "8", "9")))]
    with pytest.raises(IngestError, match="minutes") as caught:
        made(write(tmp_path / "box", {**frames, PLAYERS: players}))
    first = frames[TEAMS][frames[TEAMS]["GAME_ID"].isin(games)]
    assert any(game in str(caught.value) for game in first["GAME_ID"])
    assert "TEAM_ABBREVIATION T" in str(caught.value)


def test_an_error_of_most_games_is_not_repaired_by_dropping_them(folder: Path) -> None:
    frames = season()
    frames[PLAYERS]["MIN"] /= 60
    for drop_games in (False, True):
        with pytest.raises(IngestError, match=rf"minutes.*, in {GAMES} of {GAMES} games") as caught:
            made(write(folder, frames), drop_games)
        assert "drop_games" not in str(caught.value.next_command)


@pytest.mark.parametrize("overtimes", [0, 1, 3])
def test_whole_minutes_and_overtimes_add_up(folder: Path, overtimes: int) -> None:
    frames = season()
    game = "0022100004"
    for frame in frames.values():
        rows = frame["GAME_ID"] == game
        frame["MIN"] = frame["MIN"].where(~rows, frame["MIN"] * (240 + 25 * overtimes) / 240)
    frames[PLAYERS]["MIN"] = frames[PLAYERS]["MIN"].round()
    games = made(write(folder, frames)).games.set_index("game_id")
    assert games.loc[game, "overtimes"] == overtimes


# Dates


def _utc(day: str, hour: int) -> str:
    time = pd.Timestamp(f"{day} {hour}:30", tz="America/New_York").tz_convert("UTC")
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


DATES: dict[str, Callable[[str], object]] = {
    "number": lambda day: int(day.replace("-", "")),
    "text of eight digits": lambda day: day.replace("-", ""),
    "evening in UTC": lambda day: _utc(day, 20),
    "afternoon in UTC": lambda day: _utc(day, 13),
    "with offsets": lambda day: pd.Timestamp(f"{day} 19:30", tz="America/New_York").isoformat(),
    "midnight UTC": lambda day: f"{day}T00:00:00.000Z",
    "day first": lambda day: f"{day[8:]}/{day[5:7]}/{day[:4]}",
    "month first": lambda day: f"{int(day[5:7])}/{int(day[8:])}/{day[:4]}",
    "points": lambda day: f"{day[8:]}.{day[5:7]}.{day[:4]}",
    "by name": lambda day: pd.Timestamp(day).strftime("%b %d, %Y").upper(),
    "with weekday": lambda day: pd.Timestamp(day).strftime("%a, %b %d, %Y"),
    "timestamps": pd.Timestamp,
    "local evening": lambda day: f"{day} 7:30 PM",
}


@pytest.mark.parametrize("form", DATES, ids=list(DATES))
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_clear_dates_are_read(folder: Path, right: LeagueTables, form: str, ending: str) -> None:
    found = made(write(folder, with_dates(DATES[form]), ending))
    pd.testing.assert_frame_equal(found.games, right.games)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (lambda day: DATES["evening in UTC"](day) if day < "2021-11-10" else day, "mixed|without"),
        (lambda day: _utc(day, 20)[:-1], "without a time zone"),
        (lambda day: f"{day[8:]}/{day[5:7]}/{day[:4]}" if day > "2021-11-13"
         else f"{day[5:7]}/{day[8:]}/{day[:4]}", "day and month"),
        (lambda day: f"{min(int(day[8:]), 12)}/11/2021", "not clear"),
        (lambda day: day if day < "2021-11-10" else day.replace("-", ""), "mixed formats"),
    ],
)  # fmt: skip
def test_unclear_dates_stop(folder: Path, form: Callable[[str], object], message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        made(write(folder, with_dates(form)))
    assert "'" in str(caught.value)
    assert "drop_games" not in str(caught.value)


def test_a_misread_column_is_not_repaired_by_dropping_games(folder: Path) -> None:
    late = with_dates(lambda day: pd.Timestamp(day) + pd.Timedelta(days=20))
    with pytest.raises(IngestError, match="seems to be misread") as caught:
        made(write(folder, late))
    assert "drop_games" not in str(caught.value)


def test_days_of_another_time_zone_show_as_two_games_on_a_day(folder: Path) -> None:
    frames = season()
    for frame in frames.values():
        moved = frame["GAME_ID"].str[-1].isin(list("12345"))
        days = pd.to_datetime(frame["GAME_DATE"]) + pd.Timedelta(days=2)
        frame["GAME_DATE"] = days.dt.strftime("%Y-%m-%d").where(moved, frame["GAME_DATE"])
    with pytest.raises(IngestError, match="two games on one day"):
        made(write(folder, frames))


# Home side, redundant columns, repeated rows


@pytest.mark.parametrize("spelling", [("T01", "PHO"), ("T16", "BRK"), ("T02", "CHO")])
def test_mirrored_rows_settle_the_home_side_whatever_the_spelling(
    folder: Path, right: LeagueTables, spelling: tuple[str, str]
) -> None:
    frames = season()
    for frame in frames.values():
        frame["TEAM_ABBREVIATION"] = frame["TEAM_ABBREVIATION"].replace(*spelling)
    pd.testing.assert_frame_equal(made(write(folder, frames)).games, right.games)
    for frame in frames.values():  # both teams by another spelling
        frame["TEAM_ABBREVIATION"] = frame["TEAM_ABBREVIATION"] + "X"
    pd.testing.assert_frame_equal(made(write(folder, frames)).games, right.games)


@pytest.mark.parametrize(
    "written", ["{away} @ {home}", "{home} vs. {away}", "{away}  at {home}", "{home} VS {away}"]
)
def test_one_text_in_both_rows_and_another_spelling_settle_it_too(
    folder: Path, right: LeagueTables, written: str
) -> None:
    frames = season()
    games = right.games.set_index("game_id").loc[frames[TEAMS]["GAME_ID"]]
    short = FILES[TEAMS].drop_duplicates("TEAM_ID").set_index("TEAM_ID")["TEAM_ABBREVIATION"]
    pairs = zip(short.loc[games["home_id"]], short.loc[games["away_id"]], strict=True)
    frames[TEAMS]["MATCHUP"] = [written.format(home=home, away=away) for home, away in pairs]
    pd.testing.assert_frame_equal(made(write(folder, frames)).games, right.games)
    frames[TEAMS]["TEAM_ABBREVIATION"] = frames[TEAMS]["TEAM_ABBREVIATION"] + "X"
    pd.testing.assert_frame_equal(made(write(folder, frames)).games, right.games)


@pytest.mark.parametrize(
    "edit",
    [
        lambda log: log.assign(PLUS_MINUS=log["PLUS_MINUS"] / 5),
        lambda log: log.assign(PLUS_MINUS=None),
        lambda log: log.assign(PLUS_MINUS=-log["PLUS_MINUS"]),
        lambda log: log.drop(columns="PLUS_MINUS"),
    ],
)
def test_plus_minus_of_teams_follows_from_the_points(
    folder: Path, right: LeagueTables, edit: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    frames = season()
    tables = made(write(folder, {**frames, TEAMS: edit(frames[TEAMS])}))
    pd.testing.assert_frame_equal(tables.team_games, right.team_games)


@few
@given(st.integers(1, 40), st.sampled_from([TEAMS, PLAYERS, "both"]), st.integers(1, 3))
def test_identical_rows_count_once(tmp_path: Path, count: int, where: str, times: int) -> None:
    frames = season()
    for name in frames if where == "both" else [where]:
        extra = [frames[name].tail(count)] * times
        frames[name] = pd.concat([frames[name], *extra])
    tables = made(write(tmp_path / "box", frames, "csv"))
    assert len(tables.games) == GAMES
    assert "repeat another row exactly" in warnings(tables)
