"""The source `folder`: a directory of box scores that the user has.

Files are copied as they are, so that the hashes in data/manifest.json are those of the user's
own files; form (csv or parquet, case and order of columns, minutes) is evened out when read.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from nbarank.core.errors import SourceError
from nbarank.schemas.calendar import Calendar
from nbarank.schemas.raw import TEAMS_FILE
from nbarank.sources.coverage import require_files
from nbarank.sources.league_file import league_file
from nbarank.sources.raw import (
    RawFile,
    raw_files,
    read_raw_file,
    read_teams_file,
    write_league_file,
)

_LOG = logging.getLogger(__name__)
EXTRAS = ("injury_reports", "modern_RAPTOR_by_team.csv", TEAMS_FILE)
"""Carried along where they are there: players listed out by day, FiveThirtyEight's player
ratings, and the teams of a league that is not the NBA."""


def collect_folder(location: Path, destination: Path, calendar: Calendar) -> None:
    """Copy a user's folder into the raw layout.

    Parameters
    ----------
    location
        The user's folder; never written to.
    destination
        Empty folder that becomes data/raw.
    calendar
        Every season found must be in it.

    Raises
    ------
    SourceError
        If the folder is not there or holds no box scores, a file is missing, unreadable or lacks
        a column, a season is not in the calendar, or a file changed while it was being read.
    """
    files = _files(location)
    before = _state(location)
    _require_calendar(files, calendar, location)
    play_in = {season: dates.play_in for season, dates in calendar.seasons.items()}
    require_files(files, play_in, location)
    read_teams_file(location)
    for file in files:
        read_raw_file(file)
        shutil.copyfile(file.path, destination / file.name)
    for name in EXTRAS:
        extra = location / name
        if extra.is_dir():
            _copy_folder(extra, destination / name)
        elif extra.is_file():
            shutil.copyfile(extra, destination / name)
    taken = {file.name for file in files} | set(EXTRAS)
    ignored = sorted(path.name for path in location.iterdir() if path.name not in taken)
    if ignored:
        _LOG.info("not box scores, left where they are: %s", ", ".join(ignored))
    write_league_file(destination, league_file(calendar, {file.season for file in files}))
    _require_unchanged(location, before)


def _copy_folder(source: Path, target: Path) -> None:
    """Copy the files of a folder, but not its modes: a read-only copy could not be replaced."""
    target.mkdir()
    for path in sorted(source.iterdir()):
        if path.is_file():
            shutil.copyfile(path, target / path.name)


def _state(location: Path) -> dict[str, tuple[int, int, int]]:
    """Return size, time of change and inode of every file below a folder."""
    found = {}
    for path in location.rglob("*"):
        if path.is_file():
            status = path.stat()
            name = path.relative_to(location).as_posix()
            found[name] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return found


def _require_unchanged(location: Path, before: dict[str, tuple[int, int, int]]) -> None:
    """Refuse a folder that was written to meanwhile: half of it would be old, half new.

    DVC hashes the folder after the stage, so it would note the new content beside old outputs.
    """
    after = _state(location)
    changed = sorted(name for name in before | after if before.get(name) != after.get(name))
    if changed:
        raise SourceError(
            f"The folder of box scores changed while it was being read: {', '.join(changed[:4])}.",
            where=str(location),
            allowed="files that rest while the stage collect runs",
            next_command="wait until the files are written, then: dvc repro",
        )


def _files(location: Path) -> list[RawFile]:
    """List the box-score files of the user's folder."""
    naming = (
        "player_logs_2015_16.parquet, team_logs_2015_16.parquet, playoffs_player_logs_2015_16"
        ".parquet, playin_... (or .csv)"
    )
    if not location.is_dir():
        raise SourceError(
            f"The folder of box scores {location} is not there.",
            where="params.yaml: data.folder.path",
            allowed=f"a directory with files named {naming}",
            next_command="dvc exp run -S data.source=folder -S data.folder.path=PATH",
        )
    files = raw_files(location)
    if not any(file.level == "team_logs" for file in files):
        content = sorted(path.name for path in location.iterdir())
        raise SourceError(
            f"The folder of box scores {location} "
            + ("holds no team logs." if content else "is empty."),
            where=str(location.resolve())
            + (f"; it holds {', '.join(content[:4])}" if content else ""),
            allowed=f"files named {naming}",
            next_command=f"copy your files to {location}, or set data.folder.path",
        )
    return files


def _require_calendar(files: list[RawFile], calendar: Calendar, location: Path) -> None:
    """Refuse seasons whose dates nobody has written down."""
    unknown = sorted({file.season for file in files} - set(calendar.seasons))
    if unknown:
        raise SourceError(
            f"The folder holds season(s) that the calendar does not know: {', '.join(unknown)}.",
            where=f"{location}; params.yaml: calendar.seasons",
            allowed=f"{min(calendar.seasons)} to {max(calendar.seasons)}",
            next_command="add their dates and games to calendar.seasons, or move the files away",
        )
