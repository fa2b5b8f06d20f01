"""The source `folder`: what it copies, what it rejects, and its manifest."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from nbarank.core.errors import SourceError
from nbarank.sources.coverage import require_roles
from nbarank.sources.folder import collect_folder
from nbarank.sources.layout import raw_files
from tests.sources.conftest import ingested, league_calendar, manifest_of, seasons_params
from tests.tiny_league import TinyLeague, write_tiny_league

LEAGUE = TinyLeague()
DATES = league_calendar(LEAGUE)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tiny_league(tmp_path_factory.mktemp("user"), LEAGUE)
    (folder / "league.json").unlink()
    (folder / "notes.txt").write_text("mine")
    (folder / "injury_reports").mkdir()
    (folder / "injury_reports" / "2021-11-03.json").write_text("[]")
    return folder


@pytest.fixture
def user(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "user"))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink()


def test_folder_becomes_a_raw_layout_and_the_manifest_lists_every_file(
    user: Path, raw: Path
) -> None:
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
    assert files["playin_team_logs_2021_22.parquet"]["games_counted"] == 6
    assert files["injury_reports/2021-11-03.json"]["bytes"] == 2
    assert "notes.txt" not in files
    assert manifest["seasons"]["2021-22"]["complete"]
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
        "team_logs_2020_21.parquet",
        "playoffs_team_logs_2019_20.parquet",
        "playin_player_logs_2021_22.parquet",
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
    remove(user, "play[io]*_2021_22.parquet")
    collect_folder(user, raw, DATES)
    complete = ingested(raw).seasons.set_index("season")["complete"]
    assert complete.to_dict() == {"2019-20": True, "2020-21": True, "2021-22": False}


@pytest.mark.parametrize(
    ("removed", "missing"), [("*_2021_22", "box scores"), ("play[io]*_2021_22", "playoffs")]
)
def test_a_role_without_data_is_named_unless_it_is_a_test(
    user: Path, removed: str, missing: str
) -> None:
    remove(user, f"{removed}.parquet")
    files = raw_files(user)
    with pytest.raises(SourceError, match=rf"no {missing} of 2021-22 \(validation\)"):
        require_roles(files, seasons_params(validation=["2020-21", "2021-22"]), "folder", "here")
    require_roles(files, seasons_params(test=["2021-22"]), "folder", "here")
