"""Reading raw files: any form is accepted, every value is checked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.core.errors import SourceError
from nbarank.sources.layout import RawFile, file_name, raw_files, read_teams_file
from nbarank.sources.minutes import minutes
from nbarank.sources.raw import read_raw
from nbarank.sources.raw_file import read_raw_file
from tests.sources.conftest import LEAGUE
from tests.tiny_league import Frames

OneFile = tuple[RawFile, pd.DataFrame]


@pytest.fixture
def one_file(frames: Frames, tmp_path: Path) -> OneFile:
    """A player log that a test may damage, and its content."""
    path = tmp_path / file_name("2020-21", "player_logs")
    frame = frames["player_logs_2020_21"].copy()
    return RawFile(path, "2020-21", "regular", "player_logs"), frame


def read(file: RawFile, frame: pd.DataFrame) -> pd.DataFrame:
    frame.to_parquet(file.path, index=False)
    return read_raw_file(file)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["34:30", "0:06", "12:00"], [34.5, 0.1, 12.0]),
        ([34, 0, 12], [34.0, 0.0, 12.0]),
        ([34.5, 0.1, 12.0], [34.5, 0.1, 12.0]),
        (["34.5", " 7 ", "240:00"], [34.5, 7.0, 240.0]),
        (["34.000000:30", "1", "2"], [34.5, 1.0, 2.0]),
    ],
)
def test_minutes_are_read_in_every_form(written: list[object], expected: list[float]) -> None:
    assert minutes(pd.Series(written)).tolist() == pytest.approx(expected)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 59)), min_size=1))
def test_clock_minutes_are_exact(clocks: list[tuple[int, int]]) -> None:
    text = pd.Series([f"{m}:{s:02d}" for m, s in clocks])
    assert np.round(minutes(text) * 60).tolist() == [60 * m + s for m, s in clocks]


def test_form_of_columns_and_ids_does_not_matter(one_file: OneFile, tmp_path: Path) -> None:
    file, frame = one_file
    plain = read(file, frame)
    odd = frame[frame.columns[::-1]].rename(columns=str.lower)
    odd["game_id"] = odd["game_id"].astype("int64")
    odd["min"] = [f"{int(m)}:{60 * (m % 1):02.0f}" for m in frame["MIN"]]
    odd["video_available"] = 1
    path = tmp_path / "player_logs_2020_21.csv"
    odd.to_csv(path, index=False)
    other = read_raw_file(replace(file, path=path))
    pd.testing.assert_frame_equal(
        plain.drop(columns=["FILE", "MIN"]), other.drop(columns=["FILE", "MIN"])
    )
    assert other["MIN"].to_numpy() == pytest.approx(plain["MIN"].to_numpy(), abs=1 / 60)


def test_missing_column_is_named(one_file: OneFile) -> None:
    file, frame = one_file
    with pytest.raises(SourceError, match=r"logs_2020_21\.parquet has no .*FG3M, PLUS_MINUS"):
        read(file, frame.drop(columns=["FG3M", "PLUS_MINUS"]))


@pytest.mark.parametrize(
    ("column", "value"),
    [("GAME_DATE", "someday"), ("TEAM_ID", "Boston"), ("MIN", "DNP"), ("PTS", None)],
)
def test_invalid_value_is_named_with_row(one_file: OneFile, column: str, value: object) -> None:
    file, frame = one_file
    frame[column] = frame[column].astype("object").astype(str)
    frame.loc[4, column] = value
    with pytest.raises(SourceError, match=f"1 invalid value.* in {column}") as caught:
        read(file, frame)
    assert "row 5" in str(caught.value)


def test_corrupt_parquet_is_named(one_file: OneFile) -> None:
    file, frame = one_file
    read(file, frame)
    file.path.write_bytes(file.path.read_bytes()[:-100])
    with pytest.raises(SourceError, match=file.path.name) as caught:
        read_raw_file(file)
    assert "again" in str(caught.value.next_command)


def test_file_without_rows_is_rejected(one_file: OneFile) -> None:
    file, frame = one_file
    with pytest.raises(SourceError, match="has no rows"):
        read(file, frame.head(0))


def test_same_content_as_parquet_and_csv_is_ambiguous(tmp_path: Path) -> None:
    for ending in ("parquet", "csv"):
        (tmp_path / f"team_logs_2021_22.{ending}").touch()
    with pytest.raises(SourceError, match="Two files contain the regular team_logs of 2021-22"):
        raw_files(tmp_path)


def test_file_names_give_season_kind_and_level(tmp_path: Path) -> None:
    for name in ("playin_team_logs_2020_21.csv", "schedule_2020_21.parquet", "notes.txt"):
        (tmp_path / name).touch()
    assert [(f.season, f.kind, f.level) for f in raw_files(tmp_path)] == [
        ("2020-21", "playin", "team_logs"),
        ("2020-21", "regular", "schedule"),
    ]


def test_league_file_missing_names_the_stage(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"league\.json") as caught:
        read_raw(tmp_path)
    assert "collect" in str(caught.value.next_command)


def test_teams_file_must_name_conferences(tmp_path: Path) -> None:
    teams = LEAGUE.teams()
    teams.loc[3, "CONFERENCE"] = "North"
    teams.to_csv(tmp_path / "teams.csv", index=False)
    with pytest.raises(SourceError, match="other than East and West"):
        read_teams_file(tmp_path)
