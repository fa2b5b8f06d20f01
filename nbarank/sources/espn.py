"""ESPN box scores mapped to the raw layout.

Team ids and abbreviations become nba.com's, and game ids follow its pattern. Player ids stay
ESPN's, so seasons of this source and of nba.com must not be mixed.

Columns: https://hoopr.sportsdataverse.org/reference/load_nba_player_box.html
"""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.schemas.raw import (
    ID_PREFIX,
    KIND_OF_PREFIX,
    PLAYER_LOG_COLUMNS,
    SCHEDULE_COLUMNS,
    TEAM_LOG_COLUMNS,
)
from nbarank.sources.dates import ALLOWED as DATES_ALLOWED
from nbarank.sources.dates import DateFormatError, league_days
from nbarank.sources.known_from import known_from
from nbarank.sources.layout import file_name, require_columns, whole_numbers
from nbarank.sources.minutes import ALLOWED as MINUTES_ALLOWED
from nbarank.sources.minutes import minutes
from nbarank.sources.raw_file import not_to_be_played

_LOG = logging.getLogger(__name__)
TEAMS = {
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
_UNFINISHED = r"(?i)progress|half|period|scheduled|delayed"
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
_SHARED = ("game_id", "team_id", "team_display_name", *_COUNTS.values())
_REQUIRED = {
    "schedule": ("game_id", "season_type", "game_date", "home_id", "away_id", "notes_headline"),
    "team_box": (
        *(*_SHARED, "total_turnovers", "team_score", "team_home_away"),
        *("opponent_team_id", "opponent_team_score"),
    ),
    "player_box": (
        *(*_SHARED, "turnovers", "points", "plus_minus", "minutes"),
        *("athlete_id", "athlete_display_name", "did_not_play"),
    ),
}
_STEMS = {"schedule": "nba_schedule", "team_box": "team_box", "player_box": "player_box"}
"""Start of the published file's name."""
_OPTIONAL = ("status_type_name", "status_type_description", "status_type_detail")
_IDS = ("game_id", "team_id", "opponent_team_id", "home_id", "away_id", "athlete_id", "season_type")
_OTHER_COUNTS = ("total_turnovers", "turnovers", "points", "team_score", "opponent_team_score")
_WHERE = "params.yaml: data.hoopr"
_REMEDY = "set data.source: sportsdataverse, nba_stats or folder in params.yaml"
_SHOWN_GAMES = 5
_GAME_MINUTES = 240
_OVERTIME_MINUTES = 25


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
    File name -> frame with the columns of the raw layout. Players who did not play and teams
    outside the NBA (All-Star) are left out; the NBA Cup's final gets an id that counts neither in
    the standings nor in the playoffs.

    Raises
    ------
    SourceError
        Naming the columns that are missing, the first invalid values of a column, or the games in
        which two files contradict each other.
    """
    typed = {kind: _typed(kind, season, tables[kind]) for kind in _REQUIRED}
    games = _games(typed["schedule"], typed["team_box"], season)
    players = typed["player_box"]
    team_logs = _team_logs(typed["team_box"], players, games, season)
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
                logs = ordered[list(columns)].reset_index(drop=True)
                found[file_name(season, level, kind)] = logs
    fixtures = games[games["GAME_ID"].str[:3].isin(list(KIND_OF_PREFIX))]
    found[file_name(season, "schedule")] = fixtures[list(SCHEDULE_COLUMNS)].reset_index(drop=True)
    return found


def _file_of(kind: str, season: str) -> str:
    return f"{_STEMS[kind]}_{int(season[:4]) + 1}.parquet"


def _typed(kind: str, season: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that are read, ids as int64, counts and minutes as float64."""
    name = _file_of(kind, season)
    require_columns(name, table, _REQUIRED[kind], _WHERE, _REMEDY)
    optional = [column for column in _OPTIONAL if column in table]
    frame = table[[*_REQUIRED[kind], *optional]].reset_index(drop=True)
    if kind == "player_box":
        absent = frame["did_not_play"].map(str).str.lower().isin(["true", "1", "1.0"])
        frame["minutes"] = minutes(frame["minutes"])
        points = pd.to_numeric(frame["points"], errors="coerce")
        lost = frame["minutes"].isna() & ~absent & (points > 0)
        _refuse(name, frame, table, "minutes", lost, MINUTES_ALLOWED)
        # Players who sat out have a row here, but none on nba.com. `active` is no guide: it is
        # False for some who played.
        frame = frame[frame["minutes"].notna() & ~absent].copy()
    for column in _IDS:
        if column in frame:
            ids = whole_numbers(frame[column].map(_without_sign))
            _refuse(name, frame, table, column, ids.isna(), "a whole number")
            frame[column] = ids.astype("int64")
    for column in (*_COUNTS.values(), *_OTHER_COUNTS):
        if column in frame:
            counts = pd.to_numeric(frame[column], errors="coerce").astype("float64")
            _refuse(
                name,
                frame,
                table,
                column,
                counts.where(np.isfinite(counts)).isna(),
                "a number; 0 for none",
            )
            frame[column] = counts
    if "game_date" in frame:
        try:
            frame["game_date"] = league_days(frame["game_date"])
        except DateFormatError as error:
            raise SourceError(
                f"The dates of {name} are not clear: {error}.",
                where=f"{_WHERE}, game_date",
                allowed=DATES_ALLOWED,
                next_command=_REMEDY,
            ) from error
        _refuse(name, frame, table, "game_date", frame["game_date"].isna(), DATES_ALLOWED)
    unique = frame.drop_duplicates()
    if len(unique) < len(frame):
        _LOG.warning("%s: %d rows repeat another row; ignored", name, len(frame) - len(unique))
    return unique


def _without_sign(value: object) -> object:
    """Return 0 for negative ids, such as those of teams that are not known yet."""
    return "0" if str(value).strip().startswith("-") else value


def _refuse(
    name: str, frame: pd.DataFrame, table: pd.DataFrame, column: str, bad: pd.Series, allowed: str
) -> None:
    """Raise a SourceError that names the first rows with an invalid value in a column."""
    if bad.any():
        rows = frame.index[bad.to_numpy(bool)]
        values = table[column].astype("object")
        shown = ", ".join(f"row {row + 1}: {values.iloc[row]!r}" for row in rows[:3])
        raise SourceError(
            f"{name} has {len(rows)} invalid value(s) in {column}.",
            where=f"{_WHERE}; {shown}",
            allowed=allowed,
            next_command=_REMEDY,
        )


def _contradiction(season: str, what: str, games: pd.Series) -> SourceError:
    shown = ", ".join(map(str, games.unique()[:_SHOWN_GAMES]))
    return SourceError(
        f"{what} in {games.nunique()} game(s) of {season}.",
        where=f"{_WHERE}; ESPN game_id {shown}",
        allowed="files that agree with each other",
        next_command=f"nbarank data refetch {season}, or " + _REMEDY,
    )


def _games(schedule: pd.DataFrame, team_box: pd.DataFrame, season: str) -> pd.DataFrame:
    """Give every game of two NBA teams an id in nba.com's pattern, in order of date.

    Games that are postponed or cancelled, and have no box score, are left out.

    Returns game_id (ESPN's), KIND, in_progress and SCHEDULE_COLUMNS.
    """
    ours = schedule["home_id"].isin(list(TEAMS)) & schedule["away_id"].isin(list(TEAMS))
    games = schedule[ours & schedule["season_type"].isin(list(_KINDS))].assign(
        GAME_DATE=schedule["game_date"],
        HOME_TEAM_ID=_nba_ids(schedule["home_id"]),
        AWAY_TEAM_ID=_nba_ids(schedule["away_id"]),
    )
    off = ~games["game_id"].isin(team_box["game_id"]) & not_to_be_played(
        games, [column for column in _OPTIONAL if column in games]
    )
    if off.any():
        shown = ", ".join(map(str, games.loc[off, "game_id"].head(_SHOWN_GAMES)))
        _LOG.warning("%d fixtures postponed or cancelled; left out: %s", int(off.sum()), shown)
    postponed, games = games[off], games[~off]
    twice = games["game_id"].duplicated(keep=False)
    if twice.any():
        raise _contradiction(season, "The schedule has two rows", games.loc[twice, "game_id"])
    notes = games["notes_headline"].fillna("").astype(str)
    kind = games["season_type"].map(_KINDS)
    kind = kind.mask((kind == "playoffs") & notes.str.contains(_PLAY_IN), "playin")
    status = pd.Series("", games.index)
    if _OPTIONAL[0] in games:
        status = games[_OPTIONAL[0]].fillna("").astype(str)
    games = games.assign(
        KIND=kind,
        in_progress=status.str.contains(_UNFINISHED),
        KNOWN_FROM=known_from(games, notes.where(kind == "regular", ""), postponed),
        prefix=kind.map(ID_PREFIX).mask(
            (kind == "regular") & notes.str.contains(_CUP_FINAL), _CUP_PREFIX
        ),
    ).sort_values(["GAME_DATE", "game_id"], kind="stable")
    number = games.groupby("prefix").cumcount() + 1
    # Numbers by date are not nba.com's, which show the drawn games: a day for every fixture.
    games["KNOWN_FROM"] = games["KNOWN_FROM"].fillna(games["GAME_DATE"].min())
    games["GAME_ID"] = games["prefix"] + season[2:4] + number.astype(str).str.zfill(5)
    return games[["game_id", "KIND", "in_progress", *SCHEDULE_COLUMNS]]


def _nba_ids(espn: pd.Series) -> pd.Series:
    return espn.map({number: 1610612700 + digits for number, (digits, _) in TEAMS.items()})


def _counts(rows: pd.DataFrame) -> dict[str, pd.Series]:
    counts = {name: rows[column] for name, column in _COUNTS.items()}
    return {**counts, "REB": counts["OREB"] + counts["DREB"]}


def _team_logs(
    teams: pd.DataFrame, players: pd.DataFrame, games: pd.DataFrame, season: str
) -> pd.DataFrame:
    teams = teams[teams["team_id"].isin(list(TEAMS)) & teams["opponent_team_id"].isin(list(TEAMS))]
    unknown = teams.loc[~teams["game_id"].isin(games["game_id"]), "game_id"]
    if len(unknown):
        shown = ", ".join(map(str, unknown.unique()[:_SHOWN_GAMES]))
        _LOG.warning(
            "%d games of team_box are not in the schedule of %s; left out: %s",
            unknown.nunique(),
            season,
            shown,
        )
    rows = teams.merge(games, on="game_id", validate="many_to_one")
    short = {number: name for number, (_, name) in TEAMS.items()}
    team, opponent = rows["team_id"].map(short), rows["opponent_team_id"].map(short)
    at_home = rows["team_home_away"].astype(str).str.lower() == "home"
    scheduled = rows["HOME_TEAM_ID"].where(at_home, rows["AWAY_TEAM_ID"])
    opposed = rows["AWAY_TEAM_ID"].where(at_home, rows["HOME_TEAM_ID"])
    other = (_nba_ids(rows["team_id"]) != scheduled) | (
        _nba_ids(rows["opponent_team_id"]) != opposed
    )
    if other.any():
        what = "team_id, opponent_team_id or team_home_away of team_box "
        what += "contradicts home_id or away_id of the schedule"
        raise _contradiction(season, what, rows.loc[other, "game_id"])
    points, against = rows["team_score"], rows["opponent_team_score"]
    played = players.groupby(["game_id", "team_id"])["minutes"].sum()
    minutes = played.reindex(pd.MultiIndex.from_frame(rows[["game_id", "team_id"]])).to_numpy()
    # ESPN rounds minutes, so a team's do not add up to 240; overtimes come in steps of 25.
    extra = np.round((np.nan_to_num(minutes) - _GAME_MINUTES) / _OVERTIME_MINUTES)
    overtimes = np.maximum(extra, 0)
    result = np.where(points > against, "W", "L")
    return rows.assign(
        TEAM_ID=_nba_ids(rows["team_id"]),
        TEAM_ABBREVIATION=team,
        TEAM_NAME=rows["team_display_name"],
        MATCHUP=team + np.where(at_home, " vs. ", " @ ") + opponent,
        WL=np.where((points == against) | rows["in_progress"], "", result),
        MIN=_GAME_MINUTES + _OVERTIME_MINUTES * overtimes,
        PTS=points,
        PLUS_MINUS=points - against,
        TOV=rows["total_turnovers"],
        **_counts(rows),
    )


def _player_logs(players: pd.DataFrame, team_logs: pd.DataFrame) -> pd.DataFrame:
    shared = ["GAME_ID", "KIND", "GAME_DATE", "TEAM_ID", "TEAM_ABBREVIATION", "TEAM_NAME"]
    sides = team_logs[["game_id", "team_id", *shared, "MATCHUP", "WL"]]
    ours = players[players["game_id"].isin(team_logs["game_id"])]
    rows = ours.merge(sides, on=["game_id", "team_id"])
    if len(rows) < len(ours):
        _LOG.warning("%d player rows of teams not in their game; left out", len(ours) - len(rows))
    margin = pd.to_numeric(rows["plus_minus"], errors="coerce").astype("float64")
    if margin.isna().any():
        _LOG.warning("%d player rows have no plus-minus; set to 0", int(margin.isna().sum()))
    return rows.assign(
        PLAYER_ID=rows["athlete_id"],
        PLAYER_NAME=rows["athlete_display_name"],
        MIN=rows["minutes"],
        PTS=rows["points"],
        TOV=rows["turnovers"],
        PLUS_MINUS=margin.fillna(0.0),
        **_counts(rows),
    )
