"""One raw file read into normal form.

Any form is accepted (parquet or CSV; columns in any order and case; minutes and dates in the forms
of exports; ids with or without leading zeros); every value is checked.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.core.names import ALLOWED_TEXT, unprintable
from nbarank.schemas.raw import (
    BOX_COLUMNS,
    INACTIVE_COLUMNS,
    PLAYER_LOG_COLUMNS,
    ROSTER_AGES,
    ROSTER_COLUMNS,
    SCHEDULE_COLUMNS,
    TEAM_LOG_COLUMNS,
)
from nbarank.sources.dates import ALLOWED as DATES_ALLOWED
from nbarank.sources.dates import DateFormatError, league_days
from nbarank.sources.known_from import known_from
from nbarank.sources.layout import RawFile, read_any, require_columns, whole_numbers
from nbarank.sources.minutes import ALLOWED as MINUTES_ALLOWED
from nbarank.sources.minutes import minutes, not_played

_SHOWN_ROWS, _SHOWN_SIGNS = 3, 60

COLUMNS = {
    "team_logs": TEAM_LOG_COLUMNS,
    "player_logs": PLAYER_LOG_COLUMNS,
    "schedule": SCHEDULE_COLUMNS,
    "rosters": ROSTER_COLUMNS,
    "inactive": INACTIVE_COLUMNS,
}
_LOG_FORM = "the LeagueGameLog"
_FORMS = {
    "rosters": "the CommonTeamRoster",
    "inactive": "the inactive list (docs/data.md)",
    "schedule": "the schedule (docs/data.md)",
}
_OPTIONAL = {
    "team_logs": ("PLUS_MINUS",),
    "player_logs": ("WL", "MATCHUP"),
    "schedule": ("KNOWN_FROM",),
}
"""Columns that follow from others."""
_IDS = ("TEAM_ID", "PLAYER_ID", "HOME_TEAM_ID", "AWAY_TEAM_ID")
_TEXTS = ("TEAM_ABBREVIATION", "TEAM_NAME", "PLAYER_NAME", "MATCHUP", "WL", "PLAYER", "REASON")
_DAYS = ("GAME_DATE", "AS_OF")
_STATUS = re.compile(r"STATUS|STATE$|POSTPON|CANCEL", re.IGNORECASE)
_LABEL = re.compile(r"LABEL|SUBTYPE|NOTE", re.IGNORECASE)
_NOT_TO_BE_PLAYED = r"(?i)postpon|canc|\bppd\b|suspend|forfeit|abandon"
_POSTPONED_FLAGS = ("y", "yes", "true", "1", "1.0", "p")
_NOTHING = ("0", "0.0", "0:00", "00:00", "tbd", "tba")
_SCIENTIFIC = r"^\d+(?:[.,]\d+)?[eE]\+?\d+$"
Note = dict[str, Any]
"""Rows left out or values derived: what, file, rows (the first ones) and count."""


def read_raw_file(file: RawFile) -> pd.DataFrame:
    """Return the rows of `read_with_notes`."""
    return read_with_notes(file)[0]


def read_with_notes(file: RawFile) -> tuple[pd.DataFrame, list[Note]]:
    """Read one file into normal form: its columns, SEASON, KIND, FILE and ROW (from 1).

    Counts are float64 and ids int64. Rosters have AGE on 1 February of the season, taken from
    BIRTH_DATE where the file has it. Left out and noted: repeated headers, exact duplicates, rows
    of players who did not play, and fixtures that are postponed, cancelled or without day or teams.
    A schedule without rows is returned empty.

    Raises
    ------
    SourceError
        If the file cannot be read, has no rows, or a column is missing, repeated or has a
        value that is not of its type (an id that is not a number, a date that is not a date).
    """
    frame = read_any(file.path)
    optional = _OPTIONAL.get(file.level, ())
    ages = [name for name in ROSTER_AGES if file.level == "rosters" and name in frame.columns]
    wanted = (*COLUMNS[file.level], *ages)
    required = [name for name in wanted if name not in optional]
    if file.level == "rosters" and not ages:
        required.append(" or ".join(ROSTER_AGES))
    require_columns(
        file.name,
        frame,
        [*required, *(name for name in optional if name in frame)],
        str(file.path),
        f"export the file again with every column of {_FORMS.get(file.level, _LOG_FORM)}",
    )
    if frame.empty and file.level == "schedule":
        return frame, [_note(file, pd.Series(), "no rows; ignored")]
    if frame.empty:
        raise SourceError(
            f"{file.name} has no rows.",
            where=str(file.path),
            next_command="download the file again, or remove it if no games were played",
        )
    notes: list[Note] = []
    frame = frame.loc[:, ~frame.columns.duplicated()]
    remarks = [str(name) for name in frame if file.level == "schedule" and name not in wanted]
    status = [name for name in remarks if _STATUS.search(name)]
    labels = [name for name in remarks if _LABEL.search(name)]
    frame = frame.assign(**{name: None for name in optional if name not in frame})
    frame = frame[[*wanted, *dict.fromkeys([*status, *labels])]].reset_index(drop=True)
    frame["ROW"] = np.arange(1, len(frame) + 1)

    def leave_out(rows: pd.Series, what: str) -> None:
        nonlocal frame
        if rows.any():
            notes.append(_note(file, frame.loc[rows, "ROW"], what))
            frame = frame[~rows].copy()

    leave_out(_repeated_headers(frame), "header repeated between rows; left out")
    empty = frame[wanted[0]].isna()
    if empty.any():
        leave_out(frame[list(wanted)].isna().all(axis=1), "empty rows; left out")
    if file.level == "schedule":
        off = not_to_be_played(frame, status)
        postponed = frame[off]
        leave_out(off, "fixtures postponed or cancelled; left out")
        unknown = frame[["GAME_DATE", "HOME_TEAM_ID", "AWAY_TEAM_ID"]].apply(_is_blank)
        leave_out(unknown.any(axis=1), "fixtures whose day or teams are not known yet; left out")
        label = pd.Series("", frame.index, dtype="object")
        for name in labels:
            label += " " + frame[name].astype("object").fillna("").astype(str)
        frame = frame[[*wanted, "ROW"]]
    if file.level == "player_logs":
        leave_out(_did_not_play(frame), "players who did not play; left out")
    if "GAME_ID" in frame:
        frame["GAME_ID"] = _game_ids(file, frame)
    for name in _DAYS:
        if name in frame:
            frame[name] = _days(file, frame, name)
    for name in _IDS:
        if name in frame:
            ids = whole_numbers(frame[name])
            if ids.isna().any():
                _refuse(file, frame, name, ids.isna(), _allowed_id(frame[name]))
            frame[name] = ids.astype("int64")
    for name in _TEXTS:
        if name in frame:
            # A missing name becomes '' here; ingest checks it.
            frame[name] = frame[name].astype("object").fillna("").astype(str).str.strip()
            _refuse(file, frame, name, unprintable(frame[name]), ALLOWED_TEXT)
    if file.level == "team_logs":
        words = frame["MATCHUP"].str.replace(r"(?i)\s+(?:at|@)\s+", " @ ", regex=True)
        frame["MATCHUP"] = words.str.replace(r"(?i)\s+vs\b\.?\s+", " vs. ", regex=True)
    if "MIN" in frame:
        frame = _with_numbers(file, frame)
    if file.level == "schedule":
        given = _days(file, frame, "KNOWN_FROM", may_be_missing=True)
        frame["KNOWN_FROM"] = given.fillna(known_from(frame, label, _meetings(postponed)))
    if ages:
        frame["AGE"] = _ages(file, frame)
        frame = frame.drop(columns="BIRTH_DATE", errors="ignore")
    leave_out(_repeats(frame), "rows that repeat another row exactly; counted once")
    frame = frame.reset_index(drop=True)
    frame["SEASON"], frame["KIND"], frame["FILE"] = file.season, file.kind, file.name
    return frame, notes


def _repeated_headers(frame: pd.DataFrame) -> pd.Series:
    name = next(name for name in ("GAME_ID", "PLAYER_ID") if name in frame)
    if pd.api.types.is_numeric_dtype(frame[name]):
        return pd.Series(False, index=frame.index)
    return frame[name].astype("string").str.upper().eq(name).fillna(False).astype(bool)


def _repeats(frame: pd.DataFrame) -> pd.Series:
    """Return which rows are equal to an earlier one."""
    key = [n for n in ("GAME_ID", "TEAM_ID", "PLAYER_ID", "AS_OF", "HOME_TEAM_ID") if n in frame]
    found = frame.duplicated(key, keep=False)
    if found.any():
        values = [name for name in frame if name != "ROW"]
        found[found] = frame.loc[found, values].duplicated()
    return found


def _note(file: RawFile, rows: pd.Series, what: str) -> Note:
    return {
        "what": what,
        "file": file.name,
        "rows": [int(row) for row in rows.head(_SHOWN_ROWS)],
        "count": len(rows),
    }


def _is_blank(values: pd.Series) -> pd.Series:
    """Return which values are empty or 0."""
    if pd.api.types.is_numeric_dtype(values):
        return values.isna() | (values == 0)
    text = values.astype("object").map(str).str.strip().str.lower()
    return values.isna() | text.isin(_NOTHING) | not_played(values)


def not_to_be_played(frame: pd.DataFrame, status: list[str]) -> pd.Series:
    """Return which fixtures a status column marks as postponed, cancelled or the like."""
    found = pd.Series(False, index=frame.index)
    for name in status:
        text = frame[name].astype("object").map(str).str.strip()
        found |= text.str.contains(_NOT_TO_BE_PLAYED)
        if re.search("POSTPON|CANCEL", name, re.IGNORECASE):
            found |= text.str.lower().isin(_POSTPONED_FLAGS)
    return found


def _did_not_play(frame: pd.DataFrame) -> pd.Series:
    """Return which rows have no minutes, or a remark in place of them, and no statistics."""
    found = not_played(frame["MIN"])
    if found.any():
        found[found] = frame.loc[found, list(BOX_COLUMNS)].apply(_is_blank).all(axis=1)
    return found


def _meetings(postponed: pd.DataFrame) -> pd.DataFrame:
    """Return day and teams of postponed fixtures; without those that have no clear day or team."""
    try:
        days = league_days(postponed["GAME_DATE"])
    except DateFormatError:
        return postponed.iloc[:0]
    ids = {name: whole_numbers(postponed[name]) for name in ("HOME_TEAM_ID", "AWAY_TEAM_ID")}
    known = pd.DataFrame({"GAME_DATE": days, **ids}).dropna()
    return known.astype(dict.fromkeys(ids, "int64"))


def _with_numbers(file: RawFile, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the log with minutes and counts as numbers; 0 where a game has no result yet."""
    unplayed = frame["WL"].eq("") if file.level == "team_logs" else pd.Series(False, frame.index)
    numbers = ["MIN", *BOX_COLUMNS, "PLUS_MINUS"]
    if unplayed.any():
        rows = frame.loc[unplayed, numbers]
        frame = frame.astype(dict.fromkeys(numbers, "object"))
        frame.loc[unplayed, numbers] = rows.mask(rows.apply(_is_blank), 0)
    decimal = minutes(frame["MIN"])
    _refuse(file, frame, "MIN", decimal.isna(), MINUTES_ALLOWED)
    counts = {name: _finite(frame[name]) for name in numbers[1:]}
    for name, values in counts.items():
        if name != "PLUS_MINUS" or file.level != "team_logs":  # a team's follows from the points
            _refuse(file, frame, name, values.isna(), "a number; 0 for none")
    return frame.assign(MIN=decimal, **counts)


def _finite(values: pd.Series) -> pd.Series:
    """Return numbers as float64; NaN where a value is none or not finite."""
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    wrong = ~np.isfinite(numbers.to_numpy())
    return numbers.mask(wrong) if wrong.any() else numbers


def _game_ids(file: RawFile, frame: pd.DataFrame) -> pd.Series:
    codes, values = pd.factorize(frame["GAME_ID"].astype("string"), use_na_sentinel=False)
    games = pd.Series(values).str.strip().str.removeprefix("'")
    lost = games.str.fullmatch(_SCIENTIFIC).fillna(False).astype(bool)
    if lost.any():
        _refuse(file, frame, "GAME_ID", lost.take(codes), _allowed_id(frame["GAME_ID"]))
    return ten_digits(games).take(codes).set_axis(frame.index)


def ten_digits(values: pd.Series) -> pd.Series:
    """Return game ids as text of ten digits; many exports drop leading zeros."""
    text = values.astype("string").str.strip().str.replace(r"\.0$", "", regex=True)
    return text.str.zfill(10).fillna("").astype(str)


def _allowed_id(values: pd.Series) -> str:
    text = values.astype("object").map(str)
    if text.str.fullmatch(_SCIENTIFIC).any():
        return (
            "a whole number: a spreadsheet has shortened ids to scientific notation and lost "
            "digits; format the column as text in the original, and save again"
        )
    return "a whole number"


def _days(
    file: RawFile, frame: pd.DataFrame, column: str, may_be_missing: bool = False
) -> pd.Series:
    """Return a column of dates as days."""
    try:
        days = league_days(frame[column])
    except DateFormatError as error:
        raise SourceError(
            f"The dates of {file.name} are not clear: {error}.",
            where=f"{file.path}, {column}",
            allowed=DATES_ALLOWED,
            next_command="write the column as dates such as 2015-10-27, and save the file again",
        ) from error
    bad = days.isna() & (frame[column].notna() if may_be_missing else True)
    _refuse(file, frame, column, bad, DATES_ALLOWED)
    return days


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


def _refuse(file: RawFile, frame: pd.DataFrame, column: str, bad: pd.Series, allowed: str) -> None:
    """Raise a SourceError that names the first rows with an invalid value in a column."""
    if bad.any():
        rows = frame[bad.to_numpy(bool)]
        shown = ", ".join(
            f"row {row}: {repr(value)[:_SHOWN_SIGNS]}"
            for row, value in rows[["ROW", column]].head(_SHOWN_ROWS).itertuples(index=False)
        )
        raise SourceError(
            f"{file.name} has {len(rows)} invalid value(s) in {column}.",
            where=f"{file.path}, {shown}",
            allowed=allowed,
            next_command="correct these rows, or download the file again",
        )
