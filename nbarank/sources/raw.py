"""Raw files read into normal form.

Any form is accepted (parquet or CSV; columns in any order and case; minutes whole, decimal or
'MM:SS'; ids with or without leading zeros); every value is checked.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.schemas.raw import (
    BOX_COLUMNS,
    INACTIVE_COLUMNS,
    OTHER_PREFIXES,
    PLAYER_LOG_COLUMNS,
    ROSTER_AGES,
    ROSTER_COLUMNS,
    SCHEDULE_COLUMNS,
    TEAM_LOG_COLUMNS,
    RawLeague,
)
from nbarank.sources.layout import (
    RawFile,
    raw_files,
    read_any,
    read_league_file,
    read_teams_file,
    require_columns,
)

_COLUMNS = {
    "team_logs": TEAM_LOG_COLUMNS,
    "player_logs": PLAYER_LOG_COLUMNS,
    "schedule": SCHEDULE_COLUMNS,
    "rosters": ROSTER_COLUMNS,
    "inactive": INACTIVE_COLUMNS,
}
_LOG_FORM = "the LeagueGameLog"
_FORMS = {"rosters": "the CommonTeamRoster", "inactive": "the inactive list (docs/data.md)"}
_IDS = ("TEAM_ID", "PLAYER_ID", "HOME_TEAM_ID", "AWAY_TEAM_ID")
_TEXTS = ("TEAM_ABBREVIATION", "TEAM_NAME", "PLAYER_NAME", "MATCHUP", "WL", "PLAYER", "REASON")
_DAYS = ("GAME_DATE", "AS_OF")


def minutes(values: pd.Series) -> pd.Series:
    """Return minutes as decimals from whole minutes, decimals or 'MM:SS'; NaN where neither."""
    if pd.api.types.is_numeric_dtype(values):
        return values.astype("float64")
    text = values.astype("string").str.strip()
    parts = text.str.extract(r"^(\d+(?:\.\d*)?):(\d{1,2}(?:\.\d*)?)$").astype("float64")
    clock = parts[0] + parts[1] / 60
    plain = pd.to_numeric(text, errors="coerce").astype("float64")
    return clock.where(parts[0].notna(), plain).astype("float64")


def read_raw_file(file: RawFile) -> pd.DataFrame:
    """Read one file into normal form: its columns, SEASON, KIND, FILE and ROW (from 1).

    Counts are float64 and ids int64. Rosters have AGE on 1 February of the season, taken from
    BIRTH_DATE where the file has it.

    Raises
    ------
    SourceError
        If the file cannot be read, has no rows, or a column is missing, repeated or has a value
        that is not of its type (an id that is not a number, a date that is not a date).
    """
    frame = read_any(file.path)
    wanted = _COLUMNS[file.level]
    ages = [name for name in ROSTER_AGES if file.level == "rosters" and name in frame.columns]
    if file.level == "rosters" and not ages:
        wanted = (*wanted, " or ".join(ROSTER_AGES))
    remedy = f"export the file again with every column of {_FORMS.get(file.level, _LOG_FORM)}"
    require_columns(file.name, frame, wanted, str(file.path), remedy)
    if frame.empty:
        raise SourceError(
            f"{file.name} has no rows.",
            where=str(file.path),
            next_command="download the file again, or remove it if no games were played",
        )
    frame = frame[[*wanted, *ages]].reset_index(drop=True)
    if "GAME_ID" in frame:
        frame["GAME_ID"] = ten_digits(frame["GAME_ID"])
    for name in _DAYS:
        if name in frame:
            frame[name] = _days(file, frame, name)
    for name in _IDS:
        if name in frame:
            ids = pd.to_numeric(frame[name], errors="coerce")
            _refuse(file, frame, name, ids.isna() | (ids % 1 != 0), "a whole number")
            frame[name] = ids.astype("int64")
    for name in _TEXTS:
        if name in frame:
            # A missing name becomes '' here; ingest checks it.
            frame[name] = frame[name].astype("object").fillna("").astype(str).str.strip()
    if "MIN" in frame:
        decimal = minutes(frame["MIN"])
        _refuse(file, frame, "MIN", decimal.isna(), "whole minutes, decimals or 'MM:SS'")
        frame["MIN"] = decimal
        for name in (*BOX_COLUMNS, "PLUS_MINUS"):
            counts = pd.to_numeric(frame[name], errors="coerce").astype("float64")
            _refuse(file, frame, name, counts.isna(), "a number; 0 for none")
            frame[name] = counts
    if ages:
        frame["AGE"] = _ages(file, frame)
        frame = frame.drop(columns="BIRTH_DATE", errors="ignore")
    frame["SEASON"], frame["KIND"], frame["FILE"] = file.season, file.kind, file.name
    frame["ROW"] = np.arange(1, len(frame) + 1)
    return frame


def _days(
    file: RawFile, frame: pd.DataFrame, column: str, may_be_missing: bool = False
) -> pd.Series:
    """Return a column of dates as days."""
    days = pd.to_datetime(frame[column], errors="coerce", format="mixed")
    bad = days.isna() & (frame[column].notna() if may_be_missing else True)
    _refuse(file, frame, column, bad, "a date such as 2015-10-27")
    return days.dt.tz_localize(None).dt.normalize().astype("datetime64[us]")


def _ages(file: RawFile, frame: pd.DataFrame) -> pd.Series:
    """Return ages in completed years on 1 February of the season; NaN where unknown."""
    age = pd.Series(np.nan, index=frame.index)
    if "AGE" in frame:
        age = pd.to_numeric(frame["AGE"], errors="coerce").astype("float64")
        bad = age.isna() & frame["AGE"].notna()
        _refuse(file, frame, "AGE", bad, "an age in years; empty where unknown")
    if "BIRTH_DATE" in frame:
        born = _days(file, frame, "BIRTH_DATE", may_be_missing=True)
        year = int(file.season[:4]) + 1
        birthday_to_come = (born.dt.month > 2) | ((born.dt.month == 2) & (born.dt.day > 1))
        age = (year - born.dt.year - birthday_to_come).astype("float64").fillna(age)
    return age


def ten_digits(values: pd.Series) -> pd.Series:
    """Return game ids as text of ten digits; many exports drop leading zeros."""
    text = values.astype("string").str.strip().str.replace(r"\.0$", "", regex=True)
    return text.str.zfill(10).fillna("").astype(str)


def _refuse(file: RawFile, frame: pd.DataFrame, column: str, bad: pd.Series, allowed: str) -> None:
    """Raise a SourceError that names the first rows with an invalid value in a column."""
    if bad.any():
        rows = np.flatnonzero(bad.to_numpy())
        shown = ", ".join(f"row {row + 1}: {frame[column].iloc[row]!r}" for row in rows[:3])
        raise SourceError(
            f"{file.name} has {len(rows)} invalid value(s) in {column}.",
            where=f"{file.path}, {shown}",
            allowed=allowed,
            next_command="correct these rows, or download the file again",
        )


def read_raw(folder: Path) -> RawLeague:
    """Read the whole raw layout into normal form.

    Raises
    ------
    SourceError
        If a file is not valid, or league.json is missing.
    """
    league = read_league_file(folder)
    frames: dict[str, list[pd.DataFrame]] = {level: [] for level in _COLUMNS}
    for file in raw_files(folder):
        if file.season in league.seasons:
            frames[file.level].append(read_raw_file(file))
    logs = {level: _stack(level, parts) for level, parts in frames.items()}
    return RawLeague(league=league, teams=read_teams_file(folder), **logs)


def read_rosters(folder: Path) -> pd.DataFrame:
    """Read the rosters of the raw layout.

    Returns
    -------
    pandas.DataFrame
        season, as_of (the day from which the row is known), team_id, player_id, player_name, age
        (completed years on 1 February of the season, NaN where unknown); key: season, as_of,
        player_id. Empty without roster files.

    Raises
    ------
    SourceError
        If a file is not valid.
    """
    names = {"PLAYER": "player_name"}
    columns = ["season", "as_of", "team_id", "player_id", "player_name", "age"]
    rosters = _read_level(folder, "rosters").rename(columns=names).rename(columns=str.lower)
    return rosters[columns].sort_values(columns[:4], ignore_index=True)


def read_inactive(folder: Path) -> pd.DataFrame:
    """Read the inactive lists of the raw layout.

    Returns
    -------
    pandas.DataFrame
        season, game_id, team_id, player_id, reason; key: game_id, player_id. A row is known
        shortly before tip-off of its game, so no as-of date may see that of its own day or later.
        Games that count nowhere (preseason, All-Star) are left out. Empty without such files.

    Raises
    ------
    SourceError
        If a file is not valid.
    """
    columns = ["season", "game_id", "team_id", "player_id", "reason"]
    inactive = _read_level(folder, "inactive").rename(columns=str.lower)
    counted = ~inactive["game_id"].astype(str).str[:3].isin(list(OTHER_PREFIXES))
    return inactive.loc[counted, columns].sort_values(columns[:4], ignore_index=True)


def _read_level(folder: Path, level: str) -> pd.DataFrame:
    """Read all files of one level."""
    return _stack(level, [read_raw_file(file) for file in raw_files(folder) if file.level == level])


def _stack(level: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate the parts; without parts, return an empty frame with their columns."""
    if parts:
        return pd.concat(parts, ignore_index=True)
    columns = [*_COLUMNS[level], *(["AGE"] if level == "rosters" else [])]
    return pd.DataFrame(columns=[*columns, "SEASON", "KIND", "FILE", "ROW"])
