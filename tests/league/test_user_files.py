"""Files as people have them: each kind of input that once passed silently or was refused wrongly.

A tiny league with nba.com's ids is changed as the exports and sources of real users differ.
"""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbarank.core.errors import IngestError, NbarankError, SourceError
from nbarank.league.ingest import LeagueTables, ingest
from nbarank.sources.folder import collect_folder, examine_folder
from nbarank.sources.layout import league_of, raw_files
from nbarank.sources.raw import raw_league, read_raw
from tests.as_of_league import CHECKPOINTS
from tests.tiny_league import TinyLeague, fixtures_of, league_calendar, write_frames

LEAGUE = TinyLeague(
    seasons=("2020-21", "2021-22"), play_in=("none", "none"), n_teams=16, nba_ids=True
)
CALENDAR = league_calendar(LEAGUE)
FILES = LEAGUE.make()
SEASON, GAMES = "2021-22", LEAGUE.games_per_season()
TEAMS, PLAYERS = "team_logs_2021_22", "player_logs_2021_22"
FIXTURES = fixtures_of(FILES[TEAMS])
Frames = dict[str, pd.DataFrame]
few = settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def season(days: int | None = None) -> Frames:
    """Regular season 2021-22, or its first days; without playoffs it is in progress."""
    frames = {name: FILES[name].copy() for name in (TEAMS, PLAYERS)}
    if days is not None:
        last = sorted(frames[TEAMS]["GAME_DATE"].unique())[days - 1]
        frames = {n: f[f["GAME_DATE"] <= last].reset_index(drop=True) for n, f in frames.items()}
    return frames


def write(folder: Path, frames: Frames, ending: str = "parquet") -> Path:
    """Write files in place of those of the folder."""
    if folder.exists():
        shutil.rmtree(folder)
    return write_frames(folder, frames, ending)


def made(folder: Path, drop_games: bool = False) -> LeagueTables:
    files = raw_files(folder)
    raw, errors = raw_league(files, league_of(CALENDAR, {file.season for file in files}), None)
    if errors:
        raise errors[0]
    return ingest(raw, drop_games, 7, CHECKPOINTS)


def with_dates(form: Callable[[str], object]) -> Frames:
    return {n: f.assign(GAME_DATE=f["GAME_DATE"].map(form)) for n, f in season().items()}


def with_fixtures(more: pd.DataFrame, days: int | None = 9) -> Frames:
    """The first days of the season, its fixtures and some more."""
    return {**season(days), "schedule_2021_22": pd.concat([FIXTURES, more])}


def off(count: int) -> pd.DataFrame:
    """Return fixtures of the first games again, by other ids."""
    return FIXTURES.head(count).assign(GAME_ID=[f"00221{90000 + i}" for i in range(count)])


def warnings(tables: LeagueTables) -> str:
    return "; ".join(f"{w['what']} {w.get('games', '')}" for w in tables.report["warnings"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "box"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> LeagueTables:
    return made(write(tmp_path_factory.mktemp("right") / "box", season()))


# Fixtures that will not be played


@few
@given(
    st.integers(1, 12),
    st.sampled_from(["Postponed", "STATUS_CANCELED", "PPD", "CANC", "cancelled", "Suspended"]),
    st.sampled_from(["STATUS", "gameStatusText", "status_type_name"]),
)
def test_cancelled_fixtures_are_out(tmp_path: Path, count: int, status: str, column: str) -> None:
    frames = with_fixtures(off(count).assign(**{column: status}))
    table = frames["schedule_2021_22"]
    table[column] = table[column].fillna("Final")
    tables = made(write(tmp_path / "box", frames))
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
    odd["GAME_ID"] = ["0012100001", "0032100001", "0062100001", "0042100101", "0022199999"]
    tables = made(write(folder, with_fixtures(odd)))
    assert len(tables.schedule) == GAMES
    assert "not of the regular season" in warnings(tables)
    assert "teams are not known yet" in warnings(tables)


def test_past_fixtures_without_a_result_and_lost_games_are_named(folder: Path) -> None:
    frames, lost = season(9), "0022100010"
    frames = {name: frame[frame["GAME_ID"] != lost] for name, frame in frames.items()}
    assert lost in warnings(made(write(folder, frames)))
    tables = made(write(folder, {**frames, "schedule_2021_22": FIXTURES}))
    assert f"without a result before the latest game; they count as still to be played ['{lost}']" \
        in warnings(tables)  # fmt: skip


# Rows without a result


@pytest.mark.parametrize("blank", ["", None, "-"])
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


# Forms of csv files


FORMS = [
    {"sep": separator, "encoding": encoding}
    for separator in (",", ";", "\t", "|")
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252")
]


@pytest.mark.parametrize("form", [*FORMS, {"sep": ";", "decimal": ","}])
def test_forms_of_csv_are_read(folder: Path, right: LeagueTables, form: dict[str, str]) -> None:
    frames = season()
    frames[PLAYERS]["PLAYER_NAME"] = "José Calderón"
    folder.mkdir()
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False, **form)
    tables = made(folder)
    pd.testing.assert_frame_equal(tables.games, right.games)
    named = right.player_games.assign(player_name="José Calderón")
    pd.testing.assert_frame_equal(tables.player_games, named)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda text: text.replace("Player", "Dončić", 1).encode("cp1250"), "not clear"),
        (lambda text: text.encode("utf-16-le"), "UTF-16"),
        (lambda text: b"PK\x03\x04" + text.encode(), "Excel"),
        (lambda text: b"<!DOCTYPE html>", "web page"),
        (lambda text: text.encode()[:-40], "may be truncated"),
        (lambda text: text.replace("1610612737", "1.6E+09").encode(), "(?s)TEAM_ID.*scientific"),
        (lambda text: text.replace("0022100001", "2.2E+07").encode(), "(?s)GAME_ID.*scientific"),
        (lambda text: text.replace("1610612737", "1610612737,5", 1).encode(), "fields in row"),
    ],
)  # fmt: skip
def test_other_files_are_named(folder: Path, content: Callable[[str], bytes], message: str) -> None:
    path = write(folder, season(), "csv") / f"{PLAYERS}.csv"
    path.write_bytes(content(path.read_text()))
    with pytest.raises(SourceError, match=message):
        made(folder)


@pytest.mark.parametrize("remark", [None, "DNP - Coach's Decision", "Did Not Dress", "NWT - Rest"])
def test_absent_players_are_skipped(folder: Path, right: LeagueTables, remark: str | None) -> None:
    frames = season()
    counts = list(frames[PLAYERS].columns[frames[PLAYERS].columns.get_loc("MIN") :])
    absent = frames[PLAYERS].head(3).assign(PLAYER_ID=[1, 2, 3], **dict.fromkeys(counts, None))
    frames[PLAYERS] = pd.concat([frames[PLAYERS], absent.assign(MIN=remark)])
    tables = made(write(folder, frames, "csv"))
    pd.testing.assert_frame_equal(tables.player_games, right.player_games)
    assert "players who did not play" in warnings(tables)


def test_a_repeated_header_is_left_out(folder: Path, right: LeagueTables) -> None:
    path = write(folder, season(), "csv") / f"{PLAYERS}.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:500], lines[0], *lines[500:]]))
    tables = made(folder)
    pd.testing.assert_frame_equal(tables.player_games, right.player_games)
    assert "header repeated" in warnings(tables)


@pytest.mark.parametrize(
    "form",
    [
        lambda m: f"{int(m)}:{round(60 * (m % 1)):02d}" if round(60 * (m % 1)) < 60 else f"{m:.2f}",
        lambda m: f"0:{int(m):02d}:{min(round(60 * (m % 1)), 59):02d}" if m < 60 else "4:00:00",
        lambda m: f"{int(m)}:{min(round(60 * (m % 1)), 59):02d}:00",
        lambda m: f"PT{int(m)}M{60 * (m % 1):05.2f}S",
    ],
)
def test_minutes_of_exports(
    folder: Path, right: LeagueTables, form: Callable[[float], str]
) -> None:
    frames = {name: frame.assign(MIN=frame["MIN"].map(form)) for name, frame in season().items()}
    found = made(write(folder, frames)).player_games["minutes"]
    np.testing.assert_allclose(found, right.player_games["minutes"], atol=0.02)


@pytest.mark.parametrize("value", ["34:75", "-5", "inf", "nan?", "1e3", "34:12:99", "PT"])
def test_impossible_minutes_are_refused(folder: Path, value: str) -> None:
    frames = season()
    frames[PLAYERS]["MIN"] = frames[PLAYERS]["MIN"].astype(str)
    frames[PLAYERS].loc[7, "MIN"] = value
    with pytest.raises(SourceError, match=r"invalid value.* in MIN") as caught:
        made(write(folder, frames))
    assert "row 8" in str(caught.value)


# Names of files, optional files


def whole_folder(folder: Path, name: Callable[[str], str] = str) -> Path:
    return write(folder, {name(stem): frame for stem, frame in FILES.items()}, "csv")


def unknown_team(folder: Path) -> None:
    path = folder / f"{TEAMS}.csv"
    path.write_text(path.read_text().replace("1610612737", "77"))


@pytest.mark.parametrize("years", ["2021_22", "2021-22", "2021_2022", "2021-2022"])
def test_season_names_and_gzip_files_are_accepted(folder: Path, raw: Path, years: str) -> None:
    whole_folder(folder, lambda stem: stem.replace("2021_22", years))
    path = folder / f"{TEAMS.replace('2021_22', years)}.csv"
    (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    collect_folder(folder, raw, CALENDAR)
    assert ingest(read_raw(raw), False, 7, CHECKPOINTS).seasons["complete"].all()


@pytest.mark.parametrize(
    "name",
    [
        "team_logs_2021_22 (1).csv",
        "team_log_2021_22.csv",
        "team_logs_2021_23.csv",
        "TeamLogs 2021-22.xlsx",
        "play-in_team_logs_2021_22.csv",
        "schedule-2021.csv",
        "player_logs_2021_22.csv.zip",
    ],
)
def test_names_that_nearly_fit_are_refused(folder: Path, raw: Path, name: str) -> None:
    whole_folder(folder)
    (folder / name).write_text("x")
    (folder / "playoffs_team_logs_2020_21.csv").unlink()
    with pytest.raises(SourceError) as caught:
        collect_folder(folder, raw, CALENDAR)
    assert name in str(caught.value)
    assert "playoffs_team_logs_2020_21" in str(caught.value)


def test_a_stray_teams_file_is_ignored(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole_folder(folder)
    (folder / "teams.csv").write_text("id,full_name\n1,Town\n")
    found = examine_folder(folder, CALENDAR)
    assert found.errors == []
    assert found.raw.teams is None
    assert "teams.csv is ignored" in caplog.text
    unknown_team(folder)
    assert len(examine_folder(folder, CALENDAR).errors) == 1


@pytest.mark.parametrize(
    ("column", "value"), [("TEAM_ID", "1.7"), ("TEAM_ID", "x"), ("SEASON", "someday"), ("NAME", "")]
)
def test_values_of_a_teams_file_are_checked(folder: Path, column: str, value: str) -> None:
    unknown_team(whole_folder(folder))
    teams = LEAGUE.teams().assign(SEASON="").astype(str)
    teams.loc[2, column] = value
    teams.to_csv(folder / "teams.csv", index=False)
    (error,) = examine_folder(folder, CALENDAR).errors
    assert "teams.csv" in str(error)


@pytest.mark.parametrize("form", ["2021-22", "2021_22", "2021-2022", "2021"])
def test_seasons_of_a_teams_file_are_matched_and_na_is_a_name(folder: Path, form: str) -> None:
    whole_folder(folder)
    teams = LEAGUE.teams().assign(SEASON=form, DIVISION="Own")
    teams.loc[0, "ABBREVIATION"] = "NA"
    teams.to_csv(folder / "teams.csv", index=False)
    raw = examine_folder(folder, CALENDAR).raw
    assert raw.teams is not None and raw.teams["ABBREVIATION"].iloc[0] == "NA"
    tables = ingest(raw, False, 7, CHECKPOINTS)
    own = tables.teams[tables.teams["division"] == "Own"]
    assert set(own["season"]) == {SEASON}


def test_errors_of_all_files_are_reported_at_once(folder: Path) -> None:
    whole_folder(folder)
    (folder / f"{TEAMS}.csv").write_text("a;b\n1;2\n")
    (folder / "player_logs_2020_21.csv").write_bytes(b"PAR1")
    assert len(examine_folder(folder, CALENDAR).errors) >= 2
    with pytest.raises(NbarankError, match="2 files"):
        collect_folder(folder, folder, CALENDAR)
