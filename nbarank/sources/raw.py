"""The raw layout read into normal form: box scores, schedules, rosters and inactive lists."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.schemas.raw import OTHER_PREFIXES, LeagueFile, RawLeague
from nbarank.sources.layout import (
    RawFile,
    raise_together,
    raw_files,
    read_league_file,
    read_teams_file,
)
from nbarank.sources.raw_file import COLUMNS, Note, read_raw_file, read_with_notes


def read_raw(folder: Path) -> RawLeague:
    """Read the whole raw layout into normal form.

    Raises
    ------
    SourceError
        If a file is not valid, or league.json is missing.
    """
    league = read_league_file(folder)
    files = [file for file in raw_files(folder) if file.season in league.seasons]
    raw, errors = raw_league(files, league, read_teams_file(folder))
    raise_together(errors)
    return raw


def raw_league(
    files: Iterable[RawFile], league: LeagueFile, teams: pd.DataFrame | None
) -> tuple[RawLeague, list[SourceError]]:
    """Read files into normal form; return them without the unreadable ones, and the errors."""
    frames: dict[str, list[pd.DataFrame]] = {level: [] for level in COLUMNS}
    notes: list[Note] = []
    errors = []
    for file in files:
        if file.level not in frames:
            continue
        try:
            frame, found = read_with_notes(file)
        except SourceError as error:
            errors.append(error)
            continue
        notes += found
        if len(frame):
            frames[file.level].append(frame)
    logs = {level: _stack(level, parts) for level, parts in frames.items()}
    return RawLeague(league=league, teams=teams, notes=notes, **logs), errors


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
    columns = [*COLUMNS[level], *(["AGE"] if level == "rosters" else [])]
    return pd.DataFrame(columns=[*columns, "SEASON", "KIND", "FILE", "ROW"])
