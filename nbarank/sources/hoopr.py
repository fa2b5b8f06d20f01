"""The source `hoopr`: ESPN box scores as public files, one a season, by pooch.

The sportsdataverse project publishes `player_box_2016.parquet`, `team_box_2016.parquet` and
`nba_schedule_2016.parquet` (a season is named by the year it ends in). They are fetched once,
held to their SHA-256, and mapped to the raw layout: nba.com's team ids and abbreviations, game ids
in its pattern. Player ids stay ESPN's, so seasons of this source and of nba.com must not be mixed.

Columns: https://hoopr.sportsdataverse.org/reference/load_nba_player_box.html
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as arrow

from nbarank.core.errors import SourceError
from nbarank.core.params import SeasonsParams
from nbarank.core.tables import atomic_path
from nbarank.schemas.calendar import Calendar
from nbarank.schemas.raw import (
    ID_PREFIX,
    PLAYER_LOG_COLUMNS,
    SCHEDULE_COLUMNS,
    TEAM_LOG_COLUMNS,
)
from nbarank.sources.fetched import AnswerCache, settled, wanted_seasons
from nbarank.sources.league_file import league_file
from nbarank.sources.params import HooprParams
from nbarank.sources.raw import file_name, write_league_file

_LOG = logging.getLogger(__name__)
FILES = {
    "player_box": ("espn_nba_player_boxscores", "player_box"),
    "team_box": ("espn_nba_team_boxscores", "team_box"),
    "schedule": ("espn_nba_schedules", "nba_schedule"),
}
"""Folder and beginning of the file name of each kind of file."""

_TEAMS = {
    1: (37, "ATL"), 2: (38, "BOS"), 3: (40, "NOP"), 4: (41, "CHI"), 5: (39, "CLE"),
    6: (42, "DAL"), 7: (43, "DEN"), 8: (65, "DET"), 9: (44, "GSW"), 10: (45, "HOU"),
    11: (54, "IND"), 12: (46, "LAC"), 13: (47, "LAL"), 14: (48, "MIA"), 15: (49, "MIL"),
    16: (50, "MIN"), 17: (51, "BKN"), 18: (52, "NYK"), 19: (53, "ORL"), 20: (55, "PHI"),
    21: (56, "PHX"), 22: (57, "POR"), 23: (58, "SAC"), 24: (59, "SAS"), 25: (60, "OKC"),
    26: (62, "UTA"), 27: (64, "WAS"), 28: (61, "TOR"), 29: (63, "MEM"), 30: (66, "CHA"),
}  # fmt: skip
"""ESPN's team id -> last two digits of nba.com's, and its abbreviation. All-Star teams have
other ids."""
_KINDS = {2: "regular", 3: "playoffs", 5: "playin"}
_CUP_FINAL = r"(?i)(?:cup|in-season tournament)(?=.*\b(?:championship|finals?)\b)"
_CUP_PREFIX = "006"
_PLAY_IN = r"(?i)play-?in"
_COUNTS = {
    "FGM": "field_goals_made",
    "FGA": "field_goals_attempted",
    "FG3M": "three_point_field_goals_made",
    "FG3A": "three_point_field_goals_attempted",
    "FTM": "free_throws_made",
    "FTA": "free_throws_attempted",
    "OREB": "offensive_rebounds",
    "DREB": "defensive_rebounds",
    "AST": "assists",
    "STL": "steals",
    "BLK": "blocks",
    "PF": "fouls",
}
_GAME = 240
_OVERTIME = 25


def collect_hoopr(
    params: HooprParams,
    destination: Path,
    calendar: Calendar,
    seasons: SeasonsParams,
    today: dt.date,
) -> None:
    """Fetch what is not cached yet, and write the raw layout.

    Parameters
    ----------
    params
        Section data.hoopr.
    destination
        Empty folder that becomes data/raw.
    calendar, seasons
        Every season with a role that has begun by the calendar is fetched.
    today
        Decides which seasons have begun and which are over.

    Raises
    ------
    SourceError
        If a file cannot be had, is not the one its hash names, or is not of the documented form.
    """
    cache = AnswerCache("hoopr", params.cache)
    wanted = wanted_seasons(calendar, seasons, today)
    for season in wanted:
        tables = {kind: _table(params, cache, kind, season, calendar, today) for kind in FILES}
        for name, frame in raw_tables(season, tables).items():
            with atomic_path(destination / name) as temporary:
                frame.to_parquet(temporary, index=False)
    write_league_file(destination, league_file(calendar, wanted))


def _table(
    params: HooprParams,
    cache: AnswerCache,
    kind: str,
    season: str,
    calendar: Calendar,
    today: dt.date,
) -> pd.DataFrame:
    """Return one file as a frame, from the cache or from the network."""
    folder, stem = FILES[kind]
    name = f"{stem}_{int(season[:4]) + 1}.parquet"
    until = settled(calendar.seasons[season])
    content = cache.get(name, until)
    if content is None or not _is(content, params.hashes.get(name)):
        expected = params.hashes.get(name)
        fetched = cache.fetched_on(name)
        if expected is None and fetched is not None and fetched > until:
            expected = cache.noted_hash(name)  # damaged on disk: the same file must come back
        content = _download(params, f"{folder}/{name}", name, expected)
        cache.put(name, content, today)
    try:
        return pd.read_parquet(io.BytesIO(content))
    except (OSError, arrow.ArrowException, ValueError) as error:
        raise SourceError(
            f"{name} is not a parquet file.",
            where=str(cache.path(name)),
            next_command=f"rm {cache.path(name)}, then run the same command again",
        ) from error


def _is(content: bytes, sha256: str | None) -> bool:
    return sha256 is None or hashlib.sha256(content).hexdigest() == sha256.lower()


def _download(params: HooprParams, path: str, name: str, sha256: str | None) -> bytes:
    """Fetch a file with pooch, from the address or the mirror."""
    import pooch
    import requests

    downloader = pooch.HTTPDownloader(progressbar=True, timeout=params.timeout)
    known = f"sha256:{sha256}" if sha256 else None
    reasons = []
    pooch.get_logger().setLevel("WARNING")
    for address in filter(None, (params.address, params.mirror)):
        url = f"{address.rstrip('/')}/{path}"
        for _ in range(params.attempts):
            with tempfile.TemporaryDirectory(prefix="nbarank-") as folder:
                try:
                    file = pooch.retrieve(url, known, name, folder, downloader=downloader)
                    return Path(file).read_bytes()
                except requests.HTTPError as error:
                    status = error.response.status_code if error.response is not None else "?"
                    reasons.append(f"{address}: HTTP {status}")
                    break
                except requests.RequestException as error:
                    reasons.append(f"{address}: {type(error).__name__}")
                except ValueError as error:
                    if "hash" not in str(error).lower():
                        raise
                    reasons.append(f"{address}: the file has another hash than expected")
                    break
    raise SourceError(
        f"{name} cannot be fetched: {'; '.join(dict.fromkeys(reasons))}.",
        where="params.yaml: data.hoopr.address and mirror",
        allowed="the file" + (f" with SHA-256 {sha256}" if sha256 else ""),
        next_command="check the network and the address, then: dvc repro; seasons already fetched "
        "are kept",
    )


def raw_tables(season: str, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Map one season's ESPN files to the raw layout.

    Parameters
    ----------
    season
        '2015-16'.
    tables
        player_box, team_box and schedule as published.

    Returns
    -------
    File name -> frame with the columns of the raw layout. Players who did not play and teams that
    are not the NBA's (All-Star) are left out; the NBA Cup's final gets an id of the kind that
    counts nowhere.

    Raises
    ------
    SourceError
        Naming the columns that a file lacks.
    """
    schedule = _required(tables["schedule"], _SCHEDULE, "schedule", season)
    teams = _required(tables["team_box"], _TEAM_BOX, "team_box", season)
    players = _required(tables["player_box"], _PLAYER_BOX, "player_box", season)
    games = _game_ids(schedule, season)
    team_logs = _team_logs(teams, players, games)
    player_logs = _player_logs(players, team_logs)
    found: dict[str, pd.DataFrame] = {}
    for kind in ID_PREFIX:
        for level, frame, columns in (
            ("team_logs", team_logs, TEAM_LOG_COLUMNS),
            ("player_logs", player_logs, PLAYER_LOG_COLUMNS),
        ):
            part = frame[frame["KIND"] == kind]
            if len(part):
                ordered = part.sort_values(["GAME_ID", "TEAM_ID"], kind="stable")
                found[file_name(season, level, kind)] = ordered[list(columns)].reset_index(
                    drop=True
                )
    fixtures = games[(games["KIND"] == "regular") & games["GAME_ID"].str.startswith("002")]
    found[file_name(season, "schedule")] = fixtures[list(SCHEDULE_COLUMNS)].reset_index(drop=True)
    return found


_SCHEDULE = ("game_id", "season_type", "game_date", "home_id", "away_id", "notes_headline")
_SHARED = ("game_id", "team_id", "team_display_name")
_TEAM_BOX = (
    *(*_SHARED, *_COUNTS.values(), "total_turnovers", "team_score", "team_home_away"),
    "opponent_team_id",
    "opponent_team_score",
)
_PLAYER_BOX = (
    *(*_SHARED, *_COUNTS.values(), "turnovers", "points", "plus_minus", "minutes"),
    *("athlete_id", "athlete_display_name", "did_not_play"),
)


def _required(
    frame: pd.DataFrame, columns: tuple[str, ...], kind: str, season: str
) -> pd.DataFrame:
    missing = [name for name in columns if name not in frame]
    if missing:
        raise SourceError(
            f"The {kind} file of {season} lacks the column(s) {', '.join(missing)}.",
            where="params.yaml: data.hoopr",
            allowed=f"columns {', '.join(columns)}",
            next_command="set data.source: nba_stats or folder; the published form has changed",
        )
    return frame[list(columns)]


def _game_ids(schedule: pd.DataFrame, season: str) -> pd.DataFrame:
    """Give every game of two NBA teams an id in nba.com's pattern, in order of date.

    Returns game_id (ESPN's), GAME_ID, KIND, GAME_DATE, HOME_TEAM_ID, AWAY_TEAM_ID.
    """
    ours = schedule["home_id"].isin(list(_TEAMS)) & schedule["away_id"].isin(list(_TEAMS))
    games = schedule[ours & schedule["season_type"].isin(list(_KINDS))].drop_duplicates("game_id")
    notes = games["notes_headline"].fillna("").astype(str)
    kind = games["season_type"].map(_KINDS)
    kind = kind.mask((kind == "playoffs") & notes.str.contains(_PLAY_IN), "playin")
    games = games.assign(
        KIND=kind,
        GAME_DATE=pd.to_datetime(games["game_date"]).dt.tz_localize(None).dt.normalize(),
        HOME_TEAM_ID=_nba_ids(games["home_id"]),
        AWAY_TEAM_ID=_nba_ids(games["away_id"]),
        prefix=kind.map(ID_PREFIX).mask(
            (kind == "regular") & notes.str.contains(_CUP_FINAL), _CUP_PREFIX
        ),
    ).sort_values(["GAME_DATE", "game_id"], kind="stable")
    number = games.groupby("prefix").cumcount() + 1
    games["GAME_ID"] = games["prefix"] + season[2:4] + number.astype(str).str.zfill(5)
    return games[["game_id", "GAME_ID", "KIND", "GAME_DATE", "HOME_TEAM_ID", "AWAY_TEAM_ID"]]


def _nba_ids(espn: pd.Series) -> pd.Series:
    return espn.map({number: 1610612700 + digits for number, (digits, _) in _TEAMS.items()})


def _team_logs(teams: pd.DataFrame, players: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    rows = teams.merge(games, on="game_id", validate="many_to_one")
    rows = rows[rows["team_id"].isin(list(_TEAMS))].drop_duplicates(["game_id", "team_id"])
    short = {number: name for number, (_, name) in _TEAMS.items()}
    mine, other = rows["team_id"].map(short), rows["opponent_team_id"].map(short)
    at_home = rows["team_home_away"] == "home"
    points, against = (rows[c].astype("float64") for c in ("team_score", "opponent_team_score"))
    spent = players.groupby(["game_id", "team_id"])["minutes"].sum()
    minutes = spent.reindex(pd.MultiIndex.from_frame(rows[["game_id", "team_id"]])).to_numpy()
    # ESPN rounds minutes, so a team's do not add up to 240; overtimes come in steps of 25.
    overtimes = np.maximum(np.round((minutes - _GAME) / _OVERTIME), 0)
    counts = {name: rows[column].astype("float64") for name, column in _COUNTS.items()}
    return rows.assign(
        TEAM_ID=_nba_ids(rows["team_id"]),
        TEAM_ABBREVIATION=mine,
        TEAM_NAME=rows["team_display_name"],
        MATCHUP=mine + np.where(at_home, " vs. ", " @ ") + other,
        WL=np.where(points > against, "W", "L"),
        MIN=_GAME + _OVERTIME * overtimes,
        PTS=points,
        PLUS_MINUS=points - against,
        TOV=rows["total_turnovers"].astype("float64"),
        REB=counts["OREB"] + counts["DREB"],
        **counts,
    )


def _player_logs(players: pd.DataFrame, team_logs: pd.DataFrame) -> pd.DataFrame:
    shared = ["GAME_ID", "KIND", "GAME_DATE", "TEAM_ID", "TEAM_ABBREVIATION", "TEAM_NAME"]
    sides = team_logs[["game_id", "team_id", *shared, "MATCHUP", "WL"]]
    # Who sat out has a row here, but none on nba.com. `active` is no guide: it is False for some
    # who played.
    played = players[players["minutes"].notna() & ~players["did_not_play"].fillna(False)]
    rows = played.merge(sides, on=["game_id", "team_id"])
    rows = rows.drop_duplicates(["game_id", "athlete_id"])
    margin = pd.to_numeric(rows["plus_minus"], errors="coerce").astype("float64")
    if margin.isna().any():
        _LOG.warning("%d player rows have no plus-minus; 0 is taken", int(margin.isna().sum()))
    counts = {name: rows[column].astype("float64") for name, column in _COUNTS.items()}
    return rows.assign(
        PLAYER_ID=rows["athlete_id"].astype("int64"),
        PLAYER_NAME=rows["athlete_display_name"],
        MIN=rows["minutes"].astype("float64"),
        PTS=rows["points"].astype("float64"),
        TOV=rows["turnovers"].astype("float64"),
        REB=counts["OREB"] + counts["DREB"],
        PLUS_MINUS=margin.fillna(0.0),
        **counts,
    )
