"""The source `folder`: a folder of the user's own box scores.

Files are copied unchanged, so the hashes in data/manifest.json are those of the user's files;
differences of form are handled when files are read.
"""

from __future__ import annotations

import logging
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbarank.core.errors import SourceError
from nbarank.core.params import SeasonsParams
from nbarank.schemas.calendar import CALENDAR_FILE, Calendar
from nbarank.schemas.raw import NBA_TEAM_IDS, TEAMS_FILE, RawLeague
from nbarank.sources.coverage import require_files, require_roles
from nbarank.sources.external_ratings import FILE as RATINGS_FILE
from nbarank.sources.injuries import FOLDER as REPORTS_FOLDER
from nbarank.sources.injuries import report_names
from nbarank.sources.layout import (
    SEASON_LEVELS,
    RawFile,
    league_of,
    list_nearest,
    nearly_named,
    raise_together,
    raw_files,
    read_teams_file,
    write_league_file,
)
from nbarank.sources.raw import raw_league

_LOG = logging.getLogger(__name__)
_EXTRAS = (REPORTS_FOLDER, RATINGS_FILE, TEAMS_FILE)
_NAMING = (
    "player_logs_2015_16.parquet, team_logs_2015_16.parquet, playoffs_player_logs_2015_16.parquet, "
    "playin_... (or .csv, .csv.gz; 2015-16 or 2015_2016)"
)


@dataclass(frozen=True)
class UserFolder:
    """What a folder of box scores contains, and every error in its files."""

    files: list[RawFile]
    raw: RawLeague
    errors: list[SourceError]
    ignored: list[str]
    """Names of other files and folders."""


def examine_folder(
    location: Path, calendar: Calendar, seasons: SeasonsParams | None = None
) -> UserFolder:
    """Read a user's folder; `seasons` adds the checks of seasons with a role.

    Raises
    ------
    SourceError
        If the folder is missing or has no box scores. Other errors are returned.
    """
    files = _of_seasons_with_games(box_score_files(location))
    errors: list[SourceError] = []

    def check(test: Callable[[], object]) -> None:
        try:
            test()
        except SourceError as error:
            errors.append(error)

    check(lambda: _require_known_names(location))
    known = [file for file in files if file.season in calendar.seasons]
    check(lambda: _require_dates(location, files, calendar))
    play_in = {season: dates.play_in for season, dates in calendar.seasons.items()}
    check(lambda: require_files(known, play_in, location))
    if seasons:
        check(lambda: require_roles(files, seasons, "folder", str(location)))
    league = league_of(calendar, {file.season for file in known})
    raw, unreadable = raw_league(known, league, None)
    errors += unreadable
    ignored = set()
    try:
        raw = raw.model_copy(update={"teams": read_teams_file(location)})
    except SourceError as error:
        if raw.team_logs.empty or not raw.team_logs["TEAM_ID"].isin(NBA_TEAM_IDS).all():
            errors.append(error)
        else:  # not needed: every team is nba.com's
            _LOG.warning("%s is ignored: %s", TEAMS_FILE, error.what)
            ignored = {TEAMS_FILE}
    taken = {file.name for file in files} | (set(_EXTRAS) - ignored)
    other = sorted(path.name for path in location.iterdir() if path.name not in taken)
    reports = location / REPORTS_FOLDER
    if reports.is_dir():
        unnamed = sorted({path.name for path in reports.iterdir()} - set(report_names(reports)))
        other += [f"{REPORTS_FOLDER}/{name}" for name in unnamed]
    return UserFolder(files, raw, errors, other)


def collect_folder(
    location: Path, destination: Path, calendar: Calendar, seasons: SeasonsParams | None = None
) -> None:
    """Copy a user's folder into the raw layout.

    Parameters
    ----------
    location
        The user's folder; never written to.
    destination
        Empty folder that becomes data/raw.
    calendar
        Every season found must be in it.
    seasons
        Roles that the folder must have box scores for.

    Raises
    ------
    SourceError
        If the folder is missing or has no box scores, a file is missing, nearly named as it should
        be or not valid, a season is not in the calendar, or a file changed while it was being
        read. All errors are reported at once.
    """
    before = _state(location) if location.is_dir() else {}
    found = examine_folder(location, calendar, seasons)
    raise_together(found.errors)
    for file in found.files:
        shutil.copyfile(file.path, destination / file.name)
    for name in _EXTRAS:
        extra = location / name
        if name in found.ignored:
            continue
        if extra.is_dir():
            (destination / name).mkdir()
            for report in report_names(extra):
                shutil.copyfile(extra / report, destination / name / report)
        elif extra.is_file():
            shutil.copyfile(extra, destination / name)
    if found.ignored:
        _LOG.info(
            "ignored, not box scores or of a season without them: %s", ", ".join(found.ignored)
        )
    write_league_file(destination, found.raw.league)
    _require_unchanged(location, before)


def _require_known_names(location: Path) -> None:
    wrong = nearly_named(location)
    if wrong:
        raise SourceError(
            f"{len(wrong)} file(s) are nearly named like box scores: {', '.join(wrong[:4])}.",
            where=str(location),
            allowed=f"files named {_NAMING}",
            next_command="rename these files, or move them to another folder",
        )


def _require_dates(location: Path, files: list[RawFile], calendar: Calendar) -> None:
    unknown = sorted({file.season for file in files} - set(calendar.seasons))
    if unknown:
        raise SourceError(
            f"The calendar has no dates for season(s) of the folder: {', '.join(unknown)}.",
            where=f"{location}; {CALENDAR_FILE}",
            allowed=f"{min(calendar.seasons)} to {max(calendar.seasons)}",
            next_command=f"add their rows to {CALENDAR_FILE}, or move the files to another folder",
        )


def _of_seasons_with_games(files: list[RawFile]) -> list[RawFile]:
    """Leave out rosters and inactive lists of seasons without box scores and fixtures."""
    seasons = {file.season for file in files if file.level not in SEASON_LEVELS}
    return [file for file in files if file.season in seasons]


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


def box_score_files(location: Path) -> list[RawFile]:
    """List the box-score files of the user's folder; a SourceError if there are none."""
    if not location.is_dir():
        raise SourceError(
            f"The folder of box scores {location} "
            + ("is not a folder." if location.exists() else "does not exist."),
            where=str(location.absolute()),
            allowed=f"a folder (of data.source folder: data.folder.path) of files named {_NAMING}",
            next_command=list_nearest(location),
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
            next_command=f"ls -R {shlex.quote(str(location.absolute()))}",
        )
    return files
