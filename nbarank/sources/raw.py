"""The raw layout on disk: names of its files, and how one is read into normal form.

Reading is forgiving about form (parquet or csv; columns in any order and case; minutes whole,
decimal or 'MM:SS'; ids with or without leading zeros) and strict about content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from nbarank.core.errors import SourceError
from nbarank.core.tables import write_text
from nbarank.schemas.raw import (
    BOX_COLUMNS,
    LEAGUE_FILE,
    PLAYER_LOG_COLUMNS,
    SCHEDULE_COLUMNS,
    TEAM_COLUMNS,
    TEAM_LOG_COLUMNS,
    TEAMS_FILE,
    LeagueFile,
    RawLeague,
)

_NAME = re.compile(
    r"^(?:(?P<kind>playoffs|playin)_)?(?P<level>player_logs|team_logs|schedule)"
    r"_(?P<first>\d{4})_(?P<second>\d{2})\.(?P<ending>parquet|csv)$",
    re.IGNORECASE,
)
_COLUMNS = {
    "team_logs": TEAM_LOG_COLUMNS,
    "player_logs": PLAYER_LOG_COLUMNS,
    "schedule": SCHEDULE_COLUMNS,
}
_IDS = ("TEAM_ID", "PLAYER_ID", "HOME_TEAM_ID", "AWAY_TEAM_ID")
_TEXTS = ("TEAM_ABBREVIATION", "TEAM_NAME", "PLAYER_NAME", "MATCHUP", "WL")


@dataclass(frozen=True)
class RawFile:
    """One file of the raw layout, told by its name."""

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
    """List the box-score and schedule files of a folder, by season and name.

    Raises
    ------
    SourceError
        If two files claim the same content (for example one parquet and one csv).
    """
    found: dict[tuple[str, str, str], RawFile] = {}
    for path in sorted(folder.iterdir()):
        match = _NAME.match(path.name)
        if not match or not path.is_file():
            continue
        file = RawFile(
            path=path,
            season=f"{match['first']}-{match['second']}",
            kind=(match["kind"] or "regular").lower(),
            level=match["level"].lower(),
        )
        key = (file.season, file.level, file.kind)
        if key in found:
            raise SourceError(
                f"Two files hold the {file.kind} {file.level} of {file.season}.",
                where=f"{found[key].path} and {path}",
                allowed="one file per season, season type and kind",
                next_command="move one of the two away",
            )
        found[key] = file
    return sorted(found.values(), key=lambda file: (file.season, file.name))


def read_any(path: Path) -> pd.DataFrame:
    """Read a parquet or csv file, column names in upper case.

    Raises
    ------
    SourceError
        If the file cannot be read as what its name says.
    """
    try:
        if path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, dtype={"GAME_ID": str, "game_id": str}, encoding="utf-8-sig")
        for name in frame.columns[[dtype.kind == "O" for dtype in frame.dtypes]]:
            # Decoded now: pyarrow looks at text only when it is used, and some write it as bytes.
            values = frame[name].to_numpy(dtype=object)
            if frame[name].dtype == object:  # a column of text proper cannot hold bytes
                values = np.array([_text(value) for value in values], dtype=object)
            frame[name] = pd.Series(values, index=frame.index, dtype="object")
    except Exception as error:  # damaged bytes make the readers raise almost anything
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise SourceError(
            f"{path.name} cannot be read: {reason}",
            where=str(path),
            allowed="a whole parquet or csv file",
            next_command="fetch or copy this file again; it may have been cut off",
        ) from error
    return frame.rename(columns=lambda name: str(name).strip().upper())


def _text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


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
    """Read one file into normal form: its columns, SEASON, KIND, FILE and ROW.

    Counts become float64 (NaN where the file has none), so that ingest can name bad rows.

    Raises
    ------
    SourceError
        If the file cannot be read, lacks a column, holds no rows, or a column holds something
        that is not of its kind (an id that is no number, a day that is no day).
    """
    frame = read_any(file.path)
    wanted = _COLUMNS[file.level]
    missing = [name for name in wanted if name not in frame.columns]
    if missing or frame.columns.duplicated().any():
        twice = sorted(set(frame.columns[frame.columns.duplicated()]))
        raise SourceError(
            f"{file.name} lacks the column(s) {', '.join(missing)}."
            if missing
            else f"{file.name} holds the column(s) {', '.join(twice)} twice.",
            where=str(file.path),
            allowed=f"columns {', '.join(wanted)} in any order and case",
            next_command="export the file again with every column of the LeagueGameLog",
        )
    if frame.empty:
        raise SourceError(
            f"{file.name} holds no rows.",
            where=str(file.path),
            next_command="fetch the file again, or move it away if nothing was played",
        )
    frame = frame[list(wanted)].reset_index(drop=True)
    frame["GAME_ID"] = _game_ids(frame["GAME_ID"])
    days = pd.to_datetime(frame["GAME_DATE"], errors="coerce", format="mixed")
    _refuse(file, frame, "GAME_DATE", days.isna(), "a day such as 2015-10-27")
    frame["GAME_DATE"] = days.dt.tz_localize(None).dt.normalize().astype("datetime64[us]")
    for name in _IDS:
        if name in frame:
            ids = pd.to_numeric(frame[name], errors="coerce")
            _refuse(file, frame, name, ids.isna() | (ids % 1 != 0), "a whole number")
            frame[name] = ids.astype("int64")
    for name in _TEXTS:
        if name in frame:
            # An abbreviation such as 'NA' or a missing name stays text; ingest judges it.
            frame[name] = frame[name].astype("object").fillna("").astype(str).str.strip()
    if "MIN" in frame:
        decimal = minutes(frame["MIN"])
        _refuse(file, frame, "MIN", decimal.isna(), "whole minutes, decimals or 'MM:SS'")
        frame["MIN"] = decimal
        for name in (*BOX_COLUMNS, "PLUS_MINUS"):
            counts = pd.to_numeric(frame[name], errors="coerce").astype("float64")
            _refuse(file, frame, name, counts.isna(), "a number; 0 where nothing happened")
            frame[name] = counts
    frame["SEASON"], frame["KIND"], frame["FILE"] = file.season, file.kind, file.name
    frame["ROW"] = np.arange(1, len(frame) + 1)
    return frame


def _game_ids(values: pd.Series) -> pd.Series:
    """Return game ids as text of ten digits; leading zeros are lost in many exports."""
    text = values.astype("string").str.strip().str.replace(r"\.0$", "", regex=True)
    return text.str.zfill(10).fillna("").astype(str)


def _refuse(file: RawFile, frame: pd.DataFrame, column: str, bad: pd.Series, allowed: str) -> None:
    """Raise a SourceError that names the first rows in which a column is not what it should be."""
    if bad.any():
        rows = np.flatnonzero(bad.to_numpy())
        shown = ", ".join(f"row {row + 1}: {frame[column].iloc[row]!r}" for row in rows[:3])
        raise SourceError(
            f"{file.name} has {len(rows)} value(s) in {column} that cannot be understood.",
            where=f"{file.path}, {shown}",
            allowed=allowed,
            next_command="correct these rows, or fetch the file again",
        )


def read_teams_file(folder: Path) -> pd.DataFrame | None:
    """Read `teams.csv`, or return None where there is none.

    Returns
    -------
    DataFrame with TEAM_COLUMNS and SEASON (missing where the row holds for every season).

    Raises
    ------
    SourceError
        If a column is missing, or a conference is neither East nor West.
    """
    path = folder / TEAMS_FILE
    if not path.is_file():
        return None
    frame = read_any(path)
    missing = [name for name in TEAM_COLUMNS if name not in frame.columns]
    if missing:
        raise SourceError(
            f"{TEAMS_FILE} lacks the column(s) {', '.join(missing)}.",
            where=str(path),
            allowed=f"{', '.join(TEAM_COLUMNS)} and, if teams change, SEASON",
            next_command=f"add them to {path}",
        )
    if "SEASON" not in frame:
        frame["SEASON"] = None
    frame["SEASON"] = frame["SEASON"].astype("object").where(frame["SEASON"].notna(), None)
    wrong = ~frame["CONFERENCE"].isin(["East", "West"])
    twice = frame.duplicated(["TEAM_ID", "SEASON"])
    if wrong.any() or twice.any():
        raise SourceError(
            f"{TEAMS_FILE} names a conference other than East and West, or a team twice.",
            where=f"{path}: {frame.loc[wrong | twice].head(3).to_dict('records')}",
            allowed="one row per TEAM_ID (and SEASON), CONFERENCE East or West",
            next_command=f"correct {path}",
        )
    return frame[[*TEAM_COLUMNS, "SEASON"]]


def write_league_file(folder: Path, league: LeagueFile) -> None:
    """Write `league.json` into a raw folder."""
    write_text(folder / LEAGUE_FILE, league.model_dump_json(indent=2) + "\n")


def read_league_file(folder: Path) -> LeagueFile:
    """Read `league.json`.

    Raises
    ------
    SourceError
        If it is missing or not what `collect` writes.
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


def read_raw(folder: Path) -> RawLeague:
    """Read the whole raw layout into normal form.

    Raises
    ------
    SourceError
        If a file is unreadable or lacks columns, or league.json is missing.
    """
    league = read_league_file(folder)
    frames: dict[str, list[pd.DataFrame]] = {level: [] for level in _COLUMNS}
    for file in raw_files(folder):
        if file.season in league.seasons:
            frames[file.level].append(read_raw_file(file))
    whole = {level: _stack(level, parts) for level, parts in frames.items()}
    return RawLeague(
        league=league,
        team_logs=whole["team_logs"],
        player_logs=whole["player_logs"],
        schedule=whole["schedule"],
        teams=read_teams_file(folder),
    )


def _stack(level: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the parts under one another, or an empty frame with their columns."""
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns=[*_COLUMNS[level], "SEASON", "KIND", "FILE", "ROW"])
