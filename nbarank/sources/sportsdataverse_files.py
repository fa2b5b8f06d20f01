"""The files of the source `sportsdataverse` mapped to the raw layout.

Schedules are LeagueGameLog rows of teams, box scores are BoxScoreTraditionalV3, rosters are
CommonTeamRoster (of the end of the season), and game_rosters are the inactive players of
BoxScoreSummaryV2. Ids are nba.com's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.schemas.raw import (
    ID_PREFIX,
    INACTIVE_COLUMNS,
    PLAYER_LOG_COLUMNS,
    TEAM_LOG_COLUMNS,
)
from nbarank.sources.layout import file_name, require_columns
from nbarank.sources.minutes import minutes
from nbarank.sources.raw_file import ten_digits

COUNTS = {
    "FGM": "field_goals_made",
    "FGA": "field_goals_attempted",
    "FG3M": "three_pointers_made",
    "FG3A": "three_pointers_attempted",
    "FTM": "free_throws_made",
    "FTA": "free_throws_attempted",
    "OREB": "rebounds_offensive",
    "DREB": "rebounds_defensive",
    "REB": "rebounds_total",
    "AST": "assists",
    "STL": "steals",
    "BLK": "blocks",
    "TOV": "turnovers",
    "PF": "fouls_personal",
    "PTS": "points",
}
_REQUIRED = {
    "schedules": (
        *("game_id", "team_id", "team_abbreviation", "team_name", "game_date", "matchup", "wl"),
    ),
    "team_boxscores": ("game_id", "team_id", "minutes", *COUNTS.values()),
    "player_boxscores": (
        *("game_id", "team_id", "person_id", "first_name", "family_name", "comment", "minutes"),
        *(*COUNTS.values(), "plus_minus_points"),
    ),
    "rosters": ("player_id", "birth_date"),
    "game_rosters": ("game_id", "team_id", "player_id", "first_name", "last_name"),
}
_REASONS = {"DND": "Did Not Dress", "NWT": "Not With Team"}
"""Start of a box score's comment -> reason in an inactive list. DNP players were on the bench."""
_NOT_DRESSED = "Inactive"
_WHERE = "params.yaml: data.sportsdataverse"
_REMEDY = "set data.source: nba_stats or folder; the published form has changed"
_SIDE = ["GAME_ID", "TEAM_ID"]


def raw_tables(season: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Map one season's files to the raw layout.

    Parameters
    ----------
    season
        '2015-16'.
    tables
        schedules, team_boxscores and player_boxscores as published; rosters and game_rosters
        where they are.

    Returns
    -------
    File name -> frame with the columns of the raw layout: games with box scores only, and none
    that count neither in the standings nor in the playoffs. Minutes are rounded to hundredths.
    With game_rosters also the inactive lists and the rosters of each team's first game.

    Raises
    ------
    SourceError
        Naming the file and its missing columns or invalid values.
    """
    typed = {kind: _typed(season, kind, table) for kind, table in tables.items()}
    team_logs = _team_logs(typed["schedules"], typed["team_boxscores"])
    listed = _listed_players(typed["player_boxscores"], team_logs)
    player_logs = listed[listed["played"]]
    found: dict[str, pd.DataFrame] = {}
    for kind, prefix in ID_PREFIX.items():
        for level, frame, columns in (
            ("team_logs", team_logs, TEAM_LOG_COLUMNS),
            ("player_logs", player_logs, PLAYER_LOG_COLUMNS),
        ):
            part = frame[frame["GAME_ID"].str.startswith(prefix)]
            if len(part):
                ordered = part.sort_values(_SIDE, kind="stable")
                found[file_name(season, level, kind)] = ordered[list(columns)].reset_index(
                    drop=True
                )
    if "game_rosters" in typed:
        absent = _inactive(typed["game_rosters"], listed, team_logs)
        found[file_name(season, "inactive")] = absent[list(INACTIVE_COLUMNS)]
        found[file_name(season, "rosters")] = _first_rosters(
            listed, absent, team_logs, typed.get("rosters")
        )
    return {name: frame for name, frame in found.items() if len(frame)}


def games_without_box_scores(tables: Mapping[str, pd.DataFrame]) -> int:
    """Return how many counted games of the schedule have no team box score."""
    scheduled, played = (
        set(ten_digits(tables[kind]["game_id"])) for kind in ("schedules", "team_boxscores")
    )
    return sum(game[:3] in ID_PREFIX.values() for game in scheduled - played)


def _typed(season: str, kind: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that are read, ids as ten digits and whole numbers."""
    wanted, file = _REQUIRED[kind], f"The {kind} file of {season}"
    require_columns(file, table, wanted, _WHERE, _REMEDY)
    frame = table[list(wanted)].reset_index(drop=True)
    if "game_id" in frame:
        frame["game_id"] = ten_digits(frame["game_id"])
    numbers = [name for name in ("team_id", "person_id", "player_id") if name in frame]
    for name in [*numbers, *(name for name in COUNTS.values() if name in frame)]:
        values = pd.to_numeric(frame[name], errors="coerce").astype("float64")
        bad = values.isna() if name in numbers else values.isna() & frame[name].notna()
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            shown = f"row {row + 1}: {table[name].astype('object').iloc[row]!r}"
            raise SourceError(
                f"{file} has {int(bad.sum())} invalid value(s) in {name}.",
                where=f"{_WHERE}; {shown}",
                allowed="numbers",
                next_command=_REMEDY,
            )
        frame[name] = values.astype("int64") if name in numbers else values
    return frame.rename(columns={"game_id": "GAME_ID", "team_id": "TEAM_ID"})


def _team_logs(schedules: pd.DataFrame, boxes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per team and game that has both a schedule row and a box score."""
    counted = schedules["GAME_ID"].str[:3].isin(list(ID_PREFIX.values()))
    games = schedules[counted].drop_duplicates(_SIDE).rename(columns=str.upper)
    rows = games.merge(boxes.drop_duplicates(_SIDE), on=_SIDE)
    rows = rows.rename(columns={old: new for new, old in COUNTS.items()})
    in_game = rows.groupby("GAME_ID")["PTS"]
    return rows.assign(
        MIN=minutes(rows["minutes"]).round(2),
        PLUS_MINUS=2 * rows["PTS"] - in_game.transform("sum"),
    )


def _listed_players(boxes: pd.DataFrame, team_logs: pd.DataFrame) -> pd.DataFrame:
    """Return the players of each box score; `played` is False for those who did not play."""
    shared = [*_SIDE, "TEAM_ABBREVIATION", "TEAM_NAME", "GAME_DATE", "MATCHUP", "WL"]
    rows = boxes.drop_duplicates(["GAME_ID", "person_id"]).merge(team_logs[shared], on=_SIDE)
    on_court = minutes(rows["minutes"])
    comment = rows["comment"].fillna("").astype(str).str.strip()
    names = [rows[name].fillna("").astype(str) for name in ("first_name", "family_name")]
    rows = rows.rename(columns={old: new for new, old in COUNTS.items()})
    return rows.assign(
        PLAYER_ID=rows["person_id"],
        PLAYER_NAME=(names[0] + " " + names[1]).str.strip(),
        MIN=on_court.round(2),
        PLUS_MINUS=pd.to_numeric(rows["plus_minus_points"], errors="coerce").astype("float64"),
        comment=comment,
        played=on_court.notna() & ((on_court > 0) | (comment == "")),
    )


def _inactive(
    game_rosters: pd.DataFrame, listed: pd.DataFrame, team_logs: pd.DataFrame
) -> pd.DataFrame:
    """Return the inactive players, and those of the box score who did not dress or travel."""
    named = game_rosters.merge(team_logs[[*_SIDE, "GAME_DATE"]], on=_SIDE)
    names = [named[name].fillna("").astype(str) for name in ("first_name", "last_name")]
    named = named.assign(
        PLAYER_ID=named["player_id"],
        PLAYER_NAME=(names[0] + " " + names[1]).str.strip(),
        REASON=_NOT_DRESSED,
    )
    reason = listed["comment"].str[:3].str.upper().map(_REASONS)
    absent = listed.assign(REASON=reason)[~listed["played"] & reason.notna()]
    columns = [*INACTIVE_COLUMNS, "PLAYER_NAME", "GAME_DATE"]
    both = pd.concat([absent[columns], named[columns]]).drop_duplicates(["GAME_ID", "PLAYER_ID"])
    key = ["GAME_ID", "PLAYER_ID"]
    others = listed[listed["played"] | reason.isna()]
    at_game = pd.MultiIndex.from_frame(both[key]).isin(pd.MultiIndex.from_frame(others[key]))
    return both[~at_game].sort_values([*_SIDE, "PLAYER_ID"], ignore_index=True)


def _first_rosters(
    listed: pd.DataFrame,
    absent: pd.DataFrame,
    team_logs: pd.DataFrame,
    rosters: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return each team's players on the day of its first game, inactive ones included.

    The published rosters are of the end of the season: only birth dates are taken from them.
    """
    first = team_logs.sort_values(["GAME_DATE", "GAME_ID"]).drop_duplicates("TEAM_ID")[_SIDE]
    columns = [*_SIDE, "PLAYER_ID", "PLAYER_NAME", "GAME_DATE"]
    players = pd.concat([listed[columns], absent[columns]])
    players = players.drop_duplicates([*_SIDE, "PLAYER_ID"]).merge(first, on=_SIDE)
    born = pd.Series(dtype=object)
    if rosters is not None:
        born = rosters.drop_duplicates("player_id").set_index("player_id")["birth_date"]
    birth_date = pd.to_datetime(players["PLAYER_ID"].map(born), errors="coerce", format="mixed")
    return (
        players.assign(BIRTH_DATE=birth_date.dt.strftime("%Y-%m-%d"))
        .rename(columns={"PLAYER_NAME": "PLAYER", "GAME_DATE": "AS_OF"})[
            ["TEAM_ID", "PLAYER_ID", "PLAYER", "BIRTH_DATE", "AS_OF"]
        ]
        .sort_values(["TEAM_ID", "PLAYER_ID"], ignore_index=True)
    )
