"""A small league of two seasons with nba.com's team ids, served by the tests' hosts."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbarank.core.params import SeasonsParams
from nbarank.league.ingest import LeagueTables, ingest
from nbarank.sources.coverage import require_filled
from nbarank.sources.downloads import Downloads, begun_seasons
from nbarank.sources.layout import league_of, write_league_file
from nbarank.sources.manifest import write_manifest
from nbarank.sources.raw import read_raw
from tests.tiny_league import (
    Frames,
    TinyLeague,
    league_calendar,
    rosters_and_inactive,
    write_frames,
)

LEAGUE = TinyLeague(("2019-20", "2020-21"), ("none", "standard"), simulated=False, nba_ids=True)
AFTER = dt.date(2022, 1, 1)
ROLES = {"warm_up": [], "train": ["2019-20"], "validation": ["2020-21"], "test": []}


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    return LEAGUE.make()


@pytest.fixture(scope="session")
def lists(frames: Frames) -> dict[str, pd.DataFrame]:
    return rosters_and_inactive(frames)


@pytest.fixture(scope="session")
def whole(frames: Frames, lists: Frames, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder: box scores, rosters, inactive lists, teams and one injury report."""
    folder = write_frames(tmp_path_factory.mktemp("user"), {**frames, **lists})
    LEAGUE.teams().to_csv(folder / "teams.csv", index=False)
    (folder / "injury_reports").mkdir()
    (folder / "injury_reports" / "2020-11-05.json").write_text(
        '{"date": "2020-11-05", "injuries": []}'
    )
    return folder


@pytest.fixture
def user(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "box's"))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return new_raw(tmp_path)


def seasons_params(**roles: list[str]) -> SeasonsParams:
    return SeasonsParams.model_validate_json(json.dumps({**ROLES, **roles}))


def downloads(source: str, cache: Path, today: dt.date) -> Downloads:
    dates = league_calendar(LEAGUE)
    seasons = begun_seasons(dates, seasons_params(), today)
    return Downloads(source, str(cache), dates, seasons, today)


def finish(raw: Path, cache: Downloads, gaps: dict[str, str]) -> None:
    """Complete a raw layout as `collect` does after one network source."""
    require_filled({season: [reason] for season, reason in gaps.items()}, ("source",))
    write_league_file(raw, league_of(cache.calendar, cache.seasons))


def ingested(raw: Path) -> LeagueTables:
    return ingest(read_raw(raw), False, 7, (0.5, 1.0))


def manifest_of(raw: Path) -> dict[str, Any]:
    path = raw.parent / "manifest.json"
    write_manifest(path, raw, read_raw(raw), ingested(raw).report)
    return json.loads(path.read_text())


def new_raw(tmp_path: Path) -> Path:
    raw = tmp_path / f"raw-{len(list(tmp_path.glob('raw-*')))}"
    raw.mkdir()
    return raw
