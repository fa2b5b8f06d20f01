"""Files of the raw layout in data/raw: logs, schedules, rosters, league.json and teams.csv."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from nbarank.core.errors import SourceError
from nbarank.core.names import unprintable
from nbarank.core.params import season_label
from nbarank.core.tables import atomic_path, write_text
from nbarank.schemas.calendar import Calendar
from nbarank.schemas.raw import (
    LEAGUE_FILE,
    TEAM_COLUMNS,
    TEAMS_FILE,
    LeagueFile,
    RawSeason,
    RawSource,
)
from nbarank.sources.csv_files import read_csv_file
from nbarank.sources.parquet_files import read_parquet_file

_NAME = re.compile(
    r"^(?:(?P<kind>playoffs|play_?in)_(?=player_logs|team_logs|schedule))?"
    r"(?P<level>player_logs|team_logs|schedule|rosters|inactive)"
    r"_(?P<first>\d{4})[_-](?P<second>\d{2}|\d{4})\.(?P<ending>parquet|csv|csv\.gz)$",
    re.IGNORECASE,
)
_NEAR = re.compile(
    r"(?:player|team)[ _.-]*(?:game)?[ _.-]*logs?|box[ _.-]*scores?|schedule|play[ _-]?in|playoffs?"
    r"|rosters?[ _.-]|inactive|injury[ _.-]*reports?",
    re.IGNORECASE,
)
_OF_DATA = re.compile(
    r"(?:^[^.]*|\.(?:parquet|pq|csv|tsv|json|xlsx?|feather|gz|zip|xz|bz2|part|tmp|crdownload))$",
    re.IGNORECASE,
)
_EXACT = 2.0**53

SEASON_LEVELS = ("rosters", "inactive")
"""Levels with one file per season, whatever the season type."""


@dataclass(frozen=True)
class RawFile:
    """A file of one season, identified by its name."""

    path: Path
    season: str
    kind: str
    level: str

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.path.name


def file_name(season: str, level: str, kind: str = "regular") -> str:
    """Return the name of a parquet file: ('2015-16', 'team_logs', 'playoffs') -> playoffs_…."""
    prefix = "" if kind == "regular" else f"{kind}_"
    return f"{prefix}{level}_{season.replace('-', '_')}.parquet"


def raw_files(folder: Path) -> list[RawFile]:
    """List the files of a folder that belong to a season, by season and name.

    Raises
    ------
    SourceError
        If two files have the same content by their names (for example one parquet and one CSV).
    """
    found: dict[tuple[str, str, str], RawFile] = {}
    for path in sorted(folder.iterdir()):
        match = _NAME.match(path.name)
        season = _season_of(match) if match else None
        if not match or not season or not path.is_file():
            continue
        file = RawFile(
            path=path,
            season=season,
            kind=(match["kind"] or "regular").lower().replace("_", ""),
            level=match["level"].lower(),
        )
        key = (file.season, file.level, file.kind)
        if key in found:
            raise SourceError(
                f"Two files contain the {file.kind} {file.level} of {file.season}.",
                where=f"{found[key].path} and {path}",
                allowed="one file per season, season type and kind",
                next_command="move one of the two to another folder",
            )
        found[key] = file
    return sorted(found.values(), key=lambda file: (file.season, file.name))


def _season_of(match: re.Match[str]) -> str | None:
    """Return the season of 2021_22, 2021-22 or 2021_2022; None where the years do not follow."""
    season = season_label(int(match["first"]))
    second = int(match["first"]) + 1
    return season if match["second"] in (season[-2:], str(second)) else None


def nearly_named(folder: Path) -> list[str]:
    """Return names that look like box scores, but that `raw_files` does not read."""
    known = {file.path for file in raw_files(folder)}
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_file()
        and path not in known
        and not path.name.startswith((".", "~"))
        and _NEAR.search(path.name)
        and (_OF_DATA.search(path.name) or _NAME.match(f"{path.stem}.csv"))
    )


def read_any(path: Path) -> pd.DataFrame:
    """Read a parquet or CSV file, column names in upper case; values of CSV files are text.

    Raises
    ------
    SourceError
        If the file is not what its ending says.
    """
    try:
        is_parquet = path.suffix.lower() == ".parquet"
        frame = read_parquet_file(path) if is_parquet else read_csv_file(path)
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # damaged bytes make the readers raise almost anything
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise SourceError(
            f"{path.name} cannot be read: {reason}",
            where=str(path),
            allowed="a complete parquet or CSV file",
            next_command="download or copy this file again; it may be truncated",
        ) from error
    return frame.rename(columns=lambda name: str(name).strip().upper())


def list_nearest(path: Path) -> str:
    """Return the command that lists a folder, or the nearest one above that exists."""
    place = path.absolute()
    return f"ls {shlex.quote(str(next(one for one in (place, *place.parents) if one.is_dir())))}"


def require_columns(
    name: str, frame: pd.DataFrame, columns: Sequence[str], where: str, next_command: str
) -> None:
    """Raise a SourceError if a column of a file is missing or repeated."""
    missing = [column for column in columns if column not in frame.columns]
    twice = sorted(set(frame.columns[frame.columns.duplicated()]) & set(columns))
    if missing or twice:
        raise SourceError(
            f"{name} has no column(s) {', '.join(missing)}."
            if missing
            else f"{name} has the column(s) {', '.join(twice)} twice.",
            where=where,
            allowed=f"columns {', '.join(columns)}",
            next_command=next_command,
        )


def raise_together(errors: Sequence[SourceError]) -> None:
    """Raise the errors of several files as one; nothing without errors."""
    if len(errors) < 2:
        if errors:
            raise errors[0]
        return
    lines = [f"{error.what} ({error.where}) -> {error.next_command}" for error in errors]
    raise SourceError(
        f"{len(errors)} files or settings have errors: {errors[0].what}",
        where="\n           ".join(lines),
        allowed="; ".join(dict.fromkeys(error.allowed for error in errors if error.allowed)),
        next_command="correct what is named above, then run the same command again",
    )


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a parquet file atomically."""
    with atomic_path(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")


def read_teams_file(folder: Path) -> pd.DataFrame | None:
    """Read `teams.csv`, or return None if there is none.

    Returns
    -------
    DataFrame with TEAM_COLUMNS and SEASON (missing if the row is for every season).

    Raises
    ------
    SourceError
        If a column is missing, a value is invalid or empty, a conference is neither East nor West,
        or a team has two rows.
    """
    path = folder / TEAMS_FILE
    if not path.is_file():
        return None
    frame = read_any(path)
    require_columns(TEAMS_FILE, frame, TEAM_COLUMNS, str(path), f"correct {path}")
    if "SEASON" not in frame:
        frame["SEASON"] = None
    frame = frame[[*TEAM_COLUMNS, "SEASON"]].reset_index(drop=True)
    ids = whole_numbers(frame["TEAM_ID"])
    given = frame["SEASON"].map(_clean)
    seasons = given.map(_label, na_action="ignore")
    texts = [name for name in TEAM_COLUMNS if name != "TEAM_ID"]
    frame[texts] = frame[texts].map(_clean)
    frame = frame.assign(TEAM_ID=ids, SEASON=seasons.astype("object").where(seasons.notna(), None))
    wrong = (
        ids.isna()
        | (given.notna() & seasons.isna())
        | frame[texts].isna().any(axis=1)
        | ~frame["CONFERENCE"].isin(["East", "West"])
        | frame.duplicated(["TEAM_ID", "SEASON"])
        | frame[texts].fillna("").apply(unprintable).any(axis=1)
    )
    if wrong.any():
        raise SourceError(
            f"{TEAMS_FILE} has an invalid or empty value, a conference other than East and West, "
            "a team twice, or a control character.",
            where=f"{path}: {frame.assign(SEASON=given)[wrong].head(3).to_dict('records')}",
            allowed="one row per TEAM_ID (and SEASON such as 2021-22), CONFERENCE East or West",
            next_command=f"correct {path}",
        )
    return frame.astype({"TEAM_ID": "int64"})


def _clean(value: object) -> str | None:
    return None if pd.isna(value) or not str(value).strip() else str(value).strip()  # type: ignore[call-overload]


def _label(text: str) -> str | None:
    """Return the season label of 2021-22, 2021_22, 2021-2022 or 2021 (its first year)."""
    match = re.fullmatch(r"(?P<first>\d{4})(?:[-_](?P<second>\d{2}|\d{4})|(?:\.0)?)", text)
    if not match:
        return None
    return _season_of(match) if match["second"] else season_label(int(match["first"]))


def whole_numbers(values: pd.Series) -> pd.Series:
    """Return ids as float64 where a value is a positive whole number that is exact; else NaN."""
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        text = values.astype("object").map(str).str.strip().str.removeprefix("'")
        values = pd.to_numeric(text.where(text.str.fullmatch(r"[0-9]{1,15}(?:\.0*)?")))
    number = values.astype("float64")
    return number.where((number % 1 == 0) & (number >= 0) & (number < _EXACT))


def league_of(
    calendar: Calendar, found: Collection[str], sources: Sequence[RawSource] = ()
) -> LeagueFile:
    """Return the content of league.json for the seasons found in real sources."""
    seasons = {
        season: RawSeason(**dates.model_dump(exclude={"games"}), games_expected=dates.games)
        for season, dates in calendar.seasons.items()
        if season in found
    }
    return LeagueFile(simulated=False, seasons=seasons, sources=tuple(sources))


def write_league_file(folder: Path, league: LeagueFile) -> None:
    """Write `league.json` into a raw folder."""
    text = league.model_dump_json(indent=2, exclude_defaults=True)
    write_text(folder / LEAGUE_FILE, text + "\n")


def read_league_file(folder: Path) -> LeagueFile:
    """Read `league.json`.

    Raises
    ------
    SourceError
        If it is missing or was not written by `collect`.
    """
    path = folder / LEAGUE_FILE
    try:
        return LeagueFile.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise SourceError(
            f"{LEAGUE_FILE} is missing or damaged: {' '.join(str(error).split())[:200]}",
            where=str(path),
            allowed="the file that the stage collect writes",
            next_command="dvc repro -f collect",
        ) from error
