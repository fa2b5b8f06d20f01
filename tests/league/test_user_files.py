"""Files as people have them: each kind of input that once passed silently or was refused wrongly.

A tiny league with nba.com's ids is changed as the exports and sources of real users differ.
"""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import IngestError, NbarankError, SourceError
from nbarank.league.ingest import LeagueTables, ingest
from nbarank.schemas.raw import RawLeague
from nbarank.sources.folder import collect_folder, examine_folder
from nbarank.sources.minutes import minutes
from nbarank.sources.raw import read_raw
from tests.as_of_league import CHECKPOINTS
from tests.league.user_files import (
    CALENDAR,
    FILES,
    LEAGUE,
    PLAYERS,
    SEASON,
    TEAMS,
    made,
    season,
    warnings,
    write,
)

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
        (lambda text: b'[{"GAME_ID": "0022100001"}]', "JSON"),
        (lambda text: text.replace(",Player", ',"Player', 1).encode(), "quotation mark"),
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


@pytest.mark.parametrize("form", ['="{}"', '"=""{}"""'])
def test_ids_written_as_formulas_are_read(folder: Path, right: LeagueTables, form: str) -> None:
    path = write(folder, season(), "csv") / f"{PLAYERS}.csv"
    path.write_text(
        re.sub(r"(?<=,)(00221\d{5})(?=,)", lambda id: form.format(id[0]), path.read_text())
    )
    pd.testing.assert_frame_equal(made(folder).player_games, right.player_games)


@pytest.mark.parametrize("number", [None, "-", "NaN", "DNP"])
@pytest.mark.parametrize(
    "remark",
    [None, "DNP - Coach's Decision", "Did Not Dress", "NWT - Rest", "Player Suspended", "-", "NaN"],
)
def test_absent_players_are_skipped(
    folder: Path, right: LeagueTables, remark: str | None, number: str | None
) -> None:
    frames = season()
    counts = list(frames[PLAYERS].columns[frames[PLAYERS].columns.get_loc("MIN") :])
    absent = frames[PLAYERS].head(3).assign(PLAYER_ID=[1, 2, 3], **dict.fromkeys(counts, number))
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


def test_seconds_written_as_decimals_are_read() -> None:
    clock = pd.Series([f"{minute}.{second:02d}" for minute in (4, 34) for second in range(60)])
    np.testing.assert_allclose(minutes(clock), minutes(clock.str.replace(".", ":")))
    np.testing.assert_allclose(minutes(clock.astype(float)), minutes(clock.str.replace(".", ":")))
    for other in ([*clock, "7.75"], clock[::5], [f"{m}.5" for m in range(60)], [*clock, "7.125"]):
        kept = minutes(pd.Series(other))
        np.testing.assert_allclose(kept, pd.Series(other).astype(float))


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
        "schedule_2021_22.txt",
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


@pytest.mark.parametrize("game", range(6))
def test_a_season_without_a_play_in_game_is_refused(tiny_raw: RawLeague, game: int) -> None:
    teams, players = tiny_raw.team_logs, tiny_raw.player_logs
    lost = sorted(teams.loc[teams["KIND"] == "playin", "GAME_ID"].unique())[game]
    logs = {"team_logs": teams, "player_logs": players}
    short = {name: log[log["GAME_ID"] != lost].reset_index(drop=True) for name, log in logs.items()}
    with pytest.raises(IngestError, match=r"2021-22 has 5 play-in games instead of 6") as caught:
        ingest(tiny_raw.model_copy(update=short), False, 7, CHECKPOINTS)
    assert "playin_team_logs_2021_22" in str(caught.value)


def test_errors_of_all_files_are_reported_at_once(folder: Path) -> None:
    whole_folder(folder)
    (folder / f"{TEAMS}.csv").write_text("a;b\n1;2\n")
    (folder / "player_logs_2020_21.csv").write_bytes(b"PAR1")
    assert len(examine_folder(folder, CALENDAR).errors) >= 2
    with pytest.raises(NbarankError, match="2 files"):
        collect_folder(folder, folder, CALENDAR)
