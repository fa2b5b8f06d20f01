"""Rosters and inactive lists: read in any form, checked like box scores, listed in the manifest."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from nbarank.core.errors import IngestError, SourceError
from nbarank.core.tables import Table
from nbarank.league.ingest import ingest
from nbarank.schemas.league import INACTIVE_LISTS, TEAM_LISTS
from nbarank.schemas.season_split import read_whole, write_split
from nbarank.sources.folder import collect_folder
from nbarank.sources.raw import read_inactive, read_raw, read_rosters
from tests.as_of_league import NAMES
from tests.sources.conftest import LEAGUE, ingested, manifest_of, new_raw
from tests.tiny_league import Frames, league_calendar

ROSTERS, INACTIVE = "rosters_2020_21", "inactive_2020_21"
Edit = Callable[[pd.DataFrame], pd.DataFrame]


def collected(user: Path, tmp_path: Path) -> Path:
    raw = new_raw(tmp_path)
    collect_folder(user, raw, league_calendar(LEAGUE))
    return raw


def test_they_are_listed_and_change_no_table(user: Path, lists: Frames, tmp_path: Path) -> None:
    raw = collected(user, tmp_path)
    rosters, inactive = read_rosters(raw), read_inactive(raw)
    assert len(rosters) == len(lists[ROSTERS]) * 2
    assert rosters["age"].isna().sum() == 2 * 30, "unknown ages stay unknown"
    assert not rosters.duplicated(["season", "as_of", "player_id"]).any()
    assert set(inactive["reason"]) == {"Inactive", "Did Not Dress"}
    assert not inactive.duplicated(["game_id", "player_id"]).any()
    made = ingested(raw)
    files = {entry["file"]: entry for entry in manifest_of(raw)["files"]}
    entry = files[f"{INACTIVE}.parquet"]
    assert entry["rows"] == len(lists[INACTIVE])
    assert entry["games_counted"] == lists[INACTIVE]["GAME_ID"].nunique()
    assert files[f"{ROSTERS}.parquet"]["rows"] == len(lists[ROSTERS])
    for name in lists:
        (user / f"{name}.parquet").unlink()
    without = ingested(collected(user, tmp_path))
    season = made.as_of["season"] == "2020-21"
    assert (made.as_of.pop("teams_listed")[season] == 30).all()
    assert (without.as_of.pop("teams_listed") == 0).all()
    for name in NAMES:
        pd.testing.assert_frame_equal(getattr(made, name), getattr(without, name))


@pytest.mark.parametrize(
    ("table", "read"), [(TEAM_LISTS, read_rosters), (INACTIVE_LISTS, read_inactive)]
)
def test_without_lists_empty_tables_are_written(
    table: Table, read: Callable[[Path], pd.DataFrame], tmp_path: Path
) -> None:
    write_split(table, read(new_raw(tmp_path)), {"2020-21"}, tmp_path / "data")
    assert read_whole(table, tmp_path / "data").empty


def test_birth_dates_become_ages_on_1_february(user: Path, lists: Frames, tmp_path: Path) -> None:
    born = ["FEB 01, 1990", "FEB 2, 1990", "DEC 31, 1990", None]
    table = lists[ROSTERS].drop(columns="AGE").head(4).assign(BIRTH_DATE=born)
    table.to_csv(user / f"{ROSTERS}.csv", index=False)
    (user / f"{ROSTERS}.parquet").unlink()
    rosters = read_rosters(collected(user, tmp_path)).query("season == '2020-21'")
    assert rosters["age"].tolist()[:3] == [31.0, 30.0, 30.0]
    assert rosters["age"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        (ROSTERS, lambda t: t.drop(columns="AGE"), "no column.* AGE or BIRTH_DATE"),
        (ROSTERS, lambda t: t.drop(columns="AS_OF"), "no column.* AS_OF"),
        (ROSTERS, lambda t: t.assign(AS_OF="soon"), "invalid value.* in AS_OF"),
        (ROSTERS, lambda t: t.assign(AGE="old"), "invalid value.* in AGE"),
        (INACTIVE, lambda t: t.drop(columns="REASON"), "no column.* REASON"),
        (INACTIVE, lambda t: t.assign(PLAYER_ID="?"), "invalid value.* in PLAYER_ID"),
        (INACTIVE, lambda t: t.head(0), "has no rows"),
    ],
)
def test_another_form_is_rejected_naming_file_and_column(
    user: Path, lists: Frames, tmp_path: Path, name: str, edit: Edit, message: str
) -> None:
    edit(lists[name]).to_parquet(user / f"{name}.parquet", index=False)
    with pytest.raises(SourceError, match=message) as caught:
        collected(user, tmp_path)
    assert name in str(caught.value.where)


def twice(table: pd.DataFrame) -> pd.DataFrame:
    """Repeat a row with another value; identical rows are counted once."""
    other = {"AGE": 50} if "AGE" in table else {"REASON": "Did Not Dress, again"}
    return pd.concat([table, table.head(1).assign(**other)])


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        (ROSTERS, twice, "player on two rosters, or twice"),
        (ROSTERS, lambda t: t.assign(TEAM_ID=5), "unknown team in a roster"),
        (ROSTERS, lambda t: t.assign(AS_OF="2019-01-01"), "roster of a day outside its season"),
        (ROSTERS, lambda t: t.assign(AGE=7), "AGE breaks the rule"),
        (INACTIVE, twice, "player listed twice for a game"),
        (INACTIVE, lambda t: t.assign(REASON=""), "REASON breaks the rule"),
        (INACTIVE, lambda t: t.assign(GAME_ID="0021900001"), "game of another season"),
        (INACTIVE, lambda t: t.assign(TEAM_ID=1610612737), "team that is not in that game"),
    ],
)
def test_data_errors_name_file_rows_and_fix(
    user: Path, lists: Frames, tmp_path: Path, name: str, edit: Edit, message: str
) -> None:
    edit(lists[name]).to_parquet(user / f"{name}.parquet", index=False)
    raw = read_raw(collected(user, tmp_path))
    for drop_games in (False, True):  # dropping a game cannot fix a roster
        with pytest.raises(IngestError, match=message) as caught:
            ingest(raw, drop_games, 7, (0.5, 1.0))
        assert f"{name}.parquet, row " in str(caught.value.where)
        assert "drop_games" not in str(caught.value.next_command)


def test_an_unknown_game_of_the_past_is_an_error(user: Path, lists: Frames, tmp_path: Path) -> None:
    for year, name in ((20, INACTIVE), (19, "inactive_2019_20")):
        table = lists[name].head(2).assign(GAME_ID=f"002{year}09999")
        table.to_parquet(user / f"{name}.parquet", index=False)
    with pytest.raises(IngestError, match="game that has no box scores") as caught:
        ingested(collected(user, tmp_path))
    assert "inactive_2019_20" in str(caught.value.where)
    assert INACTIVE not in str(caught.value.where)


def test_inactive_but_played_is_a_warning(user: Path, lists: Frames, tmp_path: Path) -> None:
    table = lists[INACTIVE].copy()
    table.loc[0, "PLAYER_ID"] -= 90
    table.to_parquet(user / f"{INACTIVE}.parquet", index=False)
    (warning,) = ingested(collected(user, tmp_path)).report["warnings"]
    assert warning["what"].startswith("a player of the inactive list has a box score")
    assert warning["player_id"] == table.loc[0, "PLAYER_ID"]


def test_lists_of_a_season_without_games_are_ignored(user: Path, tmp_path: Path) -> None:
    for kind in ("rosters", "inactive"):
        shutil.copy(user / f"{kind}_2020_21.parquet", user / f"{kind}_2005_06.parquet")
    raw = collected(user, tmp_path)
    assert not list(raw.glob("*_2005_06*"))
    assert "2005-06" not in read_raw(raw).league.seasons
