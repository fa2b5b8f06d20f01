"""Checks of rosters and inactive lists (see `nbarank.schemas.raw.RawLeague`).

Their data errors name no games: dropping a game cannot fix them.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from nbarank.core.arrays import are_in
from nbarank.league.checks import check_values
from nbarank.league.data_errors import DataError, data_errors_in
from nbarank.schemas.raw import (
    ID_PREFIX,
    INACTIVE,
    OTHER_PREFIXES,
    ROSTER,
    TEAMS_FILE,
    LeagueFile,
)

_SUMMER = pd.Timedelta(days=150)
"""A roster may be known this long before its season's first game."""


def check_rosters(rosters: pd.DataFrame, known: set[int], league: LeagueFile) -> list[DataError]:
    """Check values, teams and days, and that a player is on one roster once on a day."""
    if rosters.empty:
        return []
    seasons = league.seasons
    first = rosters["SEASON"].map({s: pd.Timestamp(d.start) - _SUMMER for s, d in seasons.items()})
    last = rosters["SEASON"].map({s: pd.Timestamp(d.playoffs_end) for s, d in seasons.items()})
    day = ["SEASON", "AS_OF", "PLAYER_ID"]
    rules = {
        "unknown team in a roster": (
            ~rosters["TEAM_ID"].isin(known),
            f"correct TEAM_ID, or name the team in {TEAMS_FILE}",
        ),
        "roster of a day outside its season": (
            (rosters["AS_OF"] < first) | (rosters["AS_OF"] > last),
            "correct AS_OF, or move the rows to the file of their season",
        ),
        "player on two rosters, or twice on one, on the same day": (
            rosters.duplicated(day, keep=False),
            "keep one row per player and AS_OF",
        ),
    }
    columns = ("TEAM_ID", "PLAYER", "PLAYER_ID", "AS_OF")
    found = check_values(rosters, ROSTER)
    for what, (bad, fix) in rules.items():
        found += data_errors_in(rosters, bad, what, fix, columns)
    return found


def check_inactive(
    inactive: pd.DataFrame, team_logs: pd.DataFrame, schedule: pd.DataFrame
) -> list[DataError]:
    """Check that each row is of a game of its season and of one of its teams, and once.

    Games of the latest season may be unknown: they may still have to be played.
    """
    rows = inactive[~inactive["GAME_ID"].astype(str).str[:3].isin(list(OTHER_PREFIXES))]
    if rows.empty:
        return []
    sides = pd.concat(
        [
            team_logs[["GAME_ID", "TEAM_ID"]],
            *(
                schedule[["GAME_ID", name]].set_axis(["GAME_ID", "TEAM_ID"], axis=1)
                for name in ("HOME_TEAM_ID", "AWAY_TEAM_ID")
            ),
        ]
    )
    of_season = rows["GAME_ID"].str[3:5] == rows["SEASON"].str[2:4]
    counted = rows["GAME_ID"].str[:3].isin(list(ID_PREFIX.values()))
    known = are_in(rows["GAME_ID"], sides["GAME_ID"])
    may_come = rows["SEASON"] == team_logs["SEASON"].max()
    side = _in(rows, sides, "TEAM_ID")
    rules = {
        "game of another season than its file": (
            ~(of_season & counted),
            "move the rows to the file of their season",
        ),
        "game that has no box scores": (
            of_season & counted & ~known & ~may_come,
            "correct GAME_ID, or add the game's box scores",
        ),
        "team that is not in that game": (known & ~side, "correct TEAM_ID or GAME_ID"),
        "player listed twice for a game": (
            rows.duplicated(["GAME_ID", "PLAYER_ID"], keep=False),
            "keep one row per player and game",
        ),
    }
    columns = ("GAME_ID", "TEAM_ID", "PLAYER_ID", "REASON")
    found = check_values(rows, INACTIVE)
    for what, (bad, fix) in rules.items():
        found += data_errors_in(rows, bad, what, fix, columns)
    return [replace(error, games=()) for error in found]


def inactive_who_played(inactive: pd.DataFrame, player_logs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of inactive lists whose player has a box score in that game.

    A warning, not a data error: the lists of 2022-23 have one.
    """
    return inactive[_in(inactive, player_logs, "PLAYER_ID")]


def _in(rows: pd.DataFrame, others: pd.DataFrame, column: str) -> pd.Series:
    """Return which rows have a game and a value of `column` that another frame has too."""
    pairs, known = (
        pd.MultiIndex.from_arrays([frame["GAME_ID"].astype(str), frame[column]])
        for frame in (rows, others)
    )
    return pd.Series(pairs.isin(known), index=rows.index)
