"""A season of a tiny league with nba.com's ids, written and read as users' files."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, settings

from nbarank.league.ingest import LeagueTables, ingest
from nbarank.sources.layout import league_of, raw_files
from nbarank.sources.raw import raw_league
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
