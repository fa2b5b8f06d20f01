"""A small league of two seasons with nba.com's team ids, served by the tests' hosts."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbarank.core.params import SeasonsParams
from nbarank.league.ingest import LeagueTables, ingest
from nbarank.schemas.calendar import Calendar
from nbarank.sources.coverage import require_filled
from nbarank.sources.downloads import Downloads, begun_seasons
from nbarank.sources.layout import league_of, write_league_file
from nbarank.sources.manifest import write_manifest
from nbarank.sources.raw import read_raw
from tests.tiny_league import TinyLeague, calendar

LEAGUE = TinyLeague(
    seasons=("2019-20", "2020-21"),
    play_in=("none", "standard"),
    rounds=15,
    simulated=False,
    nba_ids=True,
)
AFTER = dt.date(2022, 1, 1)
ROLES = {"warm_up": [], "train": ["2019-20"], "validation": ["2020-21"], "test": []}


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    return LEAGUE.make()


def seasons_params(**roles: list[str]) -> SeasonsParams:
    return SeasonsParams.model_validate_json(json.dumps({**ROLES, **roles}))


def league_calendar(league: TinyLeague) -> Calendar:
    return Calendar.model_validate_json(json.dumps({"seasons": calendar(league)}))


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
    """Ingest a raw layout and return its manifest."""
    path = raw.parent / "manifest.json"
    write_manifest(path, raw, read_raw(raw), ingested(raw).report)
    return json.loads(path.read_text())


def new_raw(tmp_path: Path) -> Path:
    raw = tmp_path / f"raw-{len(list(tmp_path.glob('raw-*')))}"
    raw.mkdir()
    return raw
