"""The source `folder`: a folder of the user's own box scores.

Files are copied unchanged, so the hashes in data/manifest.json are those of the user's files;
differences of form are handled when files are read.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from nbarank.core.errors import SourceError
from nbarank.schemas.calendar import CALENDAR_FILE, Calendar
from nbarank.schemas.raw import TEAMS_FILE
from nbarank.sources.coverage import require_files
from nbarank.sources.external_ratings import FILE as RATINGS_FILE
from nbarank.sources.injuries import FOLDER as REPORTS_FOLDER
from nbarank.sources.layout import (
    SEASON_LEVELS,
    RawFile,
    league_of,
    raw_files,
    read_teams_file,
    write_league_file,
)
from nbarank.sources.raw import read_raw_file

_LOG = logging.getLogger(__name__)
_EXTRAS = (REPORTS_FOLDER, RATINGS_FILE, TEAMS_FILE)
_NAMING = (
    "player_logs_2015_16.parquet, team_logs_2015_16.parquet, playoffs_player_logs_2015_16.parquet, "
    "playin_... (or .csv)"
)


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
        If the folder is missing or has no box scores, a file is missing or not valid, a season is
        not in the calendar, or a file changed while it was being read.
    """
    files = _of_seasons_with_games(_files(location))
    before = _state(location)
    unknown = sorted({file.season for file in files} - set(calendar.seasons))
    if unknown:
        raise SourceError(
            f"The calendar has no dates for season(s) of the folder: {', '.join(unknown)}.",
            where=f"{location}; {CALENDAR_FILE}",
            allowed=f"{min(calendar.seasons)} to {max(calendar.seasons)}",
            next_command=f"add their rows to {CALENDAR_FILE}, or move the files to another folder",
        )
    require_files(files, {s: dates.play_in for s, dates in calendar.seasons.items()}, location)
    read_teams_file(location)
    for file in files:
        read_raw_file(file)
        shutil.copyfile(file.path, destination / file.name)
    for name in _EXTRAS:
        extra = location / name
        if extra.is_dir():
            _copy_folder(extra, destination / name)
        elif extra.is_file():
            shutil.copyfile(extra, destination / name)
    taken = {file.name for file in files} | set(_EXTRAS)
    ignored = sorted(path.name for path in location.iterdir() if path.name not in taken)
    if ignored:
        _LOG.info("ignored, not box scores or of a season without them: %s", ", ".join(ignored))
    write_league_file(destination, league_of(calendar, {file.season for file in files}))
    _require_unchanged(location, before)


def _of_seasons_with_games(files: list[RawFile]) -> list[RawFile]:
    """Leave out rosters and inactive lists of seasons without box scores and fixtures."""
    seasons = {file.season for file in files if file.level not in SEASON_LEVELS}
    return [file for file in files if file.season in seasons]


def _copy_folder(source: Path, target: Path) -> None:
    """Copy the files of a folder without their modes: a read-only copy could not be replaced."""
    target.mkdir()
    for path in sorted(source.iterdir()):
        if path.is_file():
            shutil.copyfile(path, target / path.name)


def _state(location: Path) -> dict[str, tuple[int, int, int]]:
    """Return size, modification time and inode of every file below a folder."""
    files = {path: path.stat() for path in location.rglob("*") if path.is_file()}
    return {
        path.relative_to(location).as_posix(): (status.st_size, status.st_mtime_ns, status.st_ino)
        for path, status in files.items()
    }


def _require_unchanged(location: Path, before: dict[str, tuple[int, int, int]]) -> None:
    """Reject a folder that was written to during the copy.

    DVC hashes the folder after the stage, so it would record new content with old outputs.
    """
    after = _state(location)
    changed = sorted(name for name in before | after if before.get(name) != after.get(name))
    if changed:
        raise SourceError(
            f"The folder of box scores changed while it was being read: {', '.join(changed[:4])}.",
            where=str(location),
            allowed="files that do not change while the stage collect runs",
            next_command="wait until the files are written, then: dvc repro",
        )


def _files(location: Path) -> list[RawFile]:
    """List the box-score files of the user's folder."""
    if not location.is_dir():
        raise SourceError(
            f"The folder of box scores {location} does not exist.",
            where="params.yaml: data.folder.path",
            allowed=f"a folder of files named {_NAMING}",
            next_command="dvc exp run -S data.source=folder -S data.folder.path=PATH",
        )
    files = raw_files(location)
    if not any(file.level == "team_logs" for file in files):
        content = sorted(path.name for path in location.iterdir())
        raise SourceError(
            f"The folder of box scores {location} "
            + ("has no team logs." if content else "is empty."),
            where=str(location.resolve())
            + (f"; it contains {', '.join(content[:4])}" if content else ""),
            allowed=f"files named {_NAMING}",
            next_command=f"copy your files to {location}, or set data.folder.path",
        )
    return files
