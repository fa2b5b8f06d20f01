"""The source `folder`: what it copies, what it rejects, and its manifest."""

import hashlib
import shutil
from pathlib import Path

import pytest

from nbarank.core.errors import SourceError
from nbarank.sources.coverage import require_roles
from nbarank.sources.folder import collect_folder
from nbarank.sources.layout import raw_files
from tests.sources.conftest import LEAGUE, ingested, manifest_of, seasons_params
from tests.tiny_league import league_calendar

DATES = league_calendar(LEAGUE)


def remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink()


def test_folder_becomes_a_raw_layout_with_a_manifest_of_its_files(user: Path, raw: Path) -> None:
    (user / "notes.txt").write_text("mine")
    collect_folder(user, raw, DATES)
    manifest = manifest_of(raw)
    files = {entry["file"]: entry for entry in manifest["files"]}
    assert set(files) == {
        path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file()
    }
    entry = files["team_logs_2020_21.parquet"]
    digest = hashlib.sha256((user / "team_logs_2020_21.parquet").read_bytes()).hexdigest()
    assert entry["sha256"] == digest
    assert entry["rows"] == 2 * LEAGUE.games_per_season()
    assert entry["games_counted"] == entry["games_expected"] == LEAGUE.games_per_season()
    assert files["playin_team_logs_2020_21.parquet"]["games_counted"] == 6
    assert files["injury_reports/2020-11-05.json"]["bytes"] == 38
    assert "notes.txt" not in files
    assert manifest["seasons"]["2020-21"]["complete"]
    assert manifest["dropped_games"] == []


def test_missing_or_empty_folder_is_rejected(tmp_path: Path, raw: Path) -> None:
    with pytest.raises(SourceError, match="does not exist") as caught:
        collect_folder(tmp_path / "nowhere", raw, DATES)
    assert "data.folder.path" in str(caught.value)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="is empty"):
        collect_folder(tmp_path / "empty", raw, DATES)


@pytest.mark.parametrize(
    "name",
    [
        "player_logs_2019_20.parquet",
        "team_logs_2019_20.parquet",
        "playoffs_team_logs_2019_20.parquet",
        "playin_player_logs_2020_21.parquet",
    ],
)
def test_incomplete_season_is_rejected_naming_the_file(user: Path, raw: Path, name: str) -> None:
    (user / name).unlink()
    with pytest.raises(SourceError, match=name):
        collect_folder(user, raw, DATES)


def test_season_without_dates_in_the_calendar_is_named(user: Path, raw: Path) -> None:
    shutil.copy(user / "team_logs_2019_20.parquet", user / "team_logs_1998_99.parquet")
    with pytest.raises(SourceError, match=r"no dates for season.* 1998-99"):
        collect_folder(user, raw, DATES)


def test_latest_season_may_be_in_progress(user: Path, raw: Path) -> None:
    remove(user, "play[io]*_2020_21.parquet")
    collect_folder(user, raw, DATES)
    complete = ingested(raw).seasons.set_index("season")["complete"]
    assert complete.to_dict() == {"2019-20": True, "2020-21": False}


@pytest.mark.parametrize(
    ("removed", "missing"), [("*_2020_21", "box scores"), ("play[io]*_2020_21", "playoffs")]
)
def test_a_role_without_data_is_named_except_test(user: Path, removed: str, missing: str) -> None:
    remove(user, f"{removed}.parquet")
    with pytest.raises(SourceError, match=rf"no {missing} of 2020-21 \(validation\)"):
        require_roles(raw_files(user), seasons_params(), "folder", "here")
    for path in user.glob("*_2019_20.parquet"):
        shutil.copy(path, user / path.name.replace("2019_20", "2018_19"))
    roles = seasons_params(train=["2018-19"], validation=["2019-20"], test=["2020-21"])
    require_roles(raw_files(user), roles, "folder", "here")
