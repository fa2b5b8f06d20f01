"""ESPN box scores mapped to the raw layout.

Team ids and abbreviations become nba.com's, and game ids follow its pattern. Player ids stay
ESPN's, so seasons of this source and of nba.com must not be mixed.

Columns: https://hoopr.sportsdataverse.org/reference/load_nba_player_box.html
"""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

from nbarank.schemas.raw import ID_PREFIX, PLAYER_LOG_COLUMNS, SCHEDULE_COLUMNS, TEAM_LOG_COLUMNS
from nbarank.sources.layout import file_name, require_columns

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
        Naming the columns that are missing.
    """
    remedy = "set data.source: nba_stats or folder; the published form has changed"
    for kind, required in _REQUIRED.items():
        name = f"The {kind} file of {season}"
        require_columns(name, tables[kind], required, "params.yaml: data.hoopr", remedy)
    games = _games(tables["schedule"], season)
    players = tables["player_box"]
    team_logs = _team_logs(tables["team_box"], players, games)
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
    fixtures = games[games["GAME_ID"].str.startswith(ID_PREFIX["regular"])]
    found[file_name(season, "schedule")] = fixtures[list(SCHEDULE_COLUMNS)].reset_index(drop=True)
    return found


def _games(schedule: pd.DataFrame, season: str) -> pd.DataFrame:
    """Give every game of two NBA teams an id in nba.com's pattern, in order of date.

    Returns game_id (ESPN's), GAME_ID, KIND, GAME_DATE, HOME_TEAM_ID, AWAY_TEAM_ID.
    """
    ours = schedule["home_id"].isin(list(TEAMS)) & schedule["away_id"].isin(list(TEAMS))
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
    return espn.map({number: 1610612700 + digits for number, (digits, _) in TEAMS.items()})


def _counts(rows: pd.DataFrame) -> dict[str, pd.Series]:
    counts = {name: rows[column].astype("float64") for name, column in _COUNTS.items()}
    return {**counts, "REB": counts["OREB"] + counts["DREB"]}


def _team_logs(teams: pd.DataFrame, players: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    teams = teams[list(_REQUIRED["team_box"])]
    rows = teams.merge(games, on="game_id", validate="many_to_one")
    rows = rows[rows["team_id"].isin(list(TEAMS))].drop_duplicates(["game_id", "team_id"])
    short = {number: name for number, (_, name) in TEAMS.items()}
    team, opponent = rows["team_id"].map(short), rows["opponent_team_id"].map(short)
    at_home = rows["team_home_away"] == "home"
    points, against = (rows[c].astype("float64") for c in ("team_score", "opponent_team_score"))
    played = players.groupby(["game_id", "team_id"])["minutes"].sum()
    minutes = played.reindex(pd.MultiIndex.from_frame(rows[["game_id", "team_id"]])).to_numpy()
    # ESPN rounds minutes, so a team's do not add up to 240; overtimes come in steps of 25.
    overtimes = np.maximum(np.round((minutes - _GAME_MINUTES) / _OVERTIME_MINUTES), 0)
    return rows.assign(
        TEAM_ID=_nba_ids(rows["team_id"]),
        TEAM_ABBREVIATION=team,
        TEAM_NAME=rows["team_display_name"],
        MATCHUP=team + np.where(at_home, " vs. ", " @ ") + opponent,
        WL=np.where(points > against, "W", "L"),
        MIN=_GAME_MINUTES + _OVERTIME_MINUTES * overtimes,
        PTS=points,
        PLUS_MINUS=points - against,
        TOV=rows["total_turnovers"].astype("float64"),
        **_counts(rows),
    )


def _player_logs(players: pd.DataFrame, team_logs: pd.DataFrame) -> pd.DataFrame:
    shared = ["GAME_ID", "KIND", "GAME_DATE", "TEAM_ID", "TEAM_ABBREVIATION", "TEAM_NAME"]
    sides = team_logs[["game_id", "team_id", *shared, "MATCHUP", "WL"]]
    # Players who sat out have a row here, but none on nba.com. `active` is no guide: it is False
    # for some who played.
    played = players[players["minutes"].notna() & ~players["did_not_play"].fillna(False)]
    rows = played[list(_REQUIRED["player_box"])].merge(sides, on=["game_id", "team_id"])
    rows = rows.drop_duplicates(["game_id", "athlete_id"])
    margin = pd.to_numeric(rows["plus_minus"], errors="coerce").astype("float64")
    if margin.isna().any():
        _LOG.warning("%d player rows have no plus-minus; set to 0", int(margin.isna().sum()))
    return rows.assign(
        PLAYER_ID=rows["athlete_id"].astype("int64"),
        PLAYER_NAME=rows["athlete_display_name"],
        MIN=rows["minutes"].astype("float64"),
        PTS=rows["points"].astype("float64"),
        TOV=rows["turnovers"].astype("float64"),
        PLUS_MINUS=margin.fillna(0.0),
        **_counts(rows),
    )
