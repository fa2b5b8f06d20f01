"""Rows of box-score logs without a result: games to come or in progress become fixtures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbarank.league.games import log_sides
from nbarank.schemas.raw import SCHEDULE_COLUMNS

SHOWN_GAMES = 10
_RESULTS = {"W": "W", "WIN": "W", "L": "L", "LOSS": "L"}
_LEAST_MINUTES = 235.0


def split_unplayed(
    team_logs: pd.DataFrame, player_logs: pd.DataFrame, schedule: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[dict[str, Any]]]:
    """Move games without a result from the logs to the schedule.

    A game has a result if a side has W or L and it has begun (exports may write L for both sides of
    0-0). Otherwise it is to come, or in progress, unless its score is final and later games of its
    season have results, or its whole file has no WL: then WL follows from the points.

    Returns
    -------
    team_logs, player_logs, schedule, and notes for data/manifest.json.
    """
    logs = team_logs.assign(WL=team_logs["WL"].str.upper().map(_RESULTS))
    logs["WL"] = logs["WL"].mask(_not_begun(logs, player_logs))
    given = logs["WL"].notna().groupby(logs["GAME_ID"]).transform("any")
    blank = logs["WL"].isna()
    if not blank.any():
        return team_logs.assign(WL=logs["WL"]), player_logs, schedule, []
    over = given | (_final_score(logs) & _long_over(logs, given))
    derived = over & blank & _final_score(logs)
    margin = 2 * logs["PTS"] - logs.groupby("GAME_ID")["PTS"].transform("sum")
    logs["WL"] = logs["WL"].mask(derived, np.where(margin > 0, "W", "L").astype(object))
    # Other text than a result stays, so that the check of values names it.
    odd = logs["WL"].isna() & over
    logs["WL"] = logs["WL"].mask(odd, team_logs["WL"]).astype("object")
    notes = [
        _note(name, part, "WL is empty; taken from the points")
        for name, part in logs[derived & (team_logs["WL"] == "")].groupby("FILE")
    ]
    unplayed = logs[~over]
    gone = player_logs["GAME_ID"].isin(set(unplayed["GAME_ID"]))
    new = _fixtures(unplayed)
    new = new[~new["GAME_ID"].isin(set(schedule["GAME_ID"]) | set(logs.loc[over, "GAME_ID"]))]
    taken = unplayed["GAME_ID"].isin(set(schedule["GAME_ID"]) | set(new["GAME_ID"]))
    kinds = {
        "games without a result; taken as fixtures to come": unplayed[taken],
        "games without a result, and of one team; left out": unplayed[~taken],
    }
    notes += [
        _note(name, part, what)
        for what, rows in kinds.items()
        for name, part in rows.groupby("FILE")
    ]
    whole = pd.concat([schedule, new], ignore_index=True) if len(schedule) else new
    return (
        logs[over].reset_index(drop=True),
        player_logs[~gone].reset_index(drop=True),
        (whole if len(new) else schedule).reset_index(drop=True),
        notes,
    )


def _not_begun(logs: pd.DataFrame, player_logs: pd.DataFrame) -> pd.Series:
    """Return which rows are of a game without points, shots and minutes of players."""
    nothing = (logs["PTS"] == 0) & (logs["FGA"] == 0)
    if not nothing.any():
        return nothing
    played = set(player_logs.loc[player_logs["MIN"] > 0, "GAME_ID"])
    return nothing.groupby(logs["GAME_ID"]).transform("all") & ~logs["GAME_ID"].isin(played)


def _final_score(logs: pd.DataFrame) -> pd.Series:
    """Return which rows belong to a game that may be over: full minutes, different scores."""
    games = logs.groupby("GAME_ID")
    different = games["PTS"].transform("nunique") == 2
    return different & (games["MIN"].transform("min") >= _LEAST_MINUTES)


def _long_over(logs: pd.DataFrame, given: pd.Series) -> pd.Series:
    """Return which rows are of days before the last result, or of a file without any WL."""
    last = logs["GAME_DATE"].where(given).groupby(logs["SEASON"]).transform("max")
    files = logs.groupby("FILE")
    empty = ~given.groupby(logs["FILE"]).transform("any")
    return (logs["GAME_DATE"] < last) | (empty & (files["GAME_DATE"].transform("nunique") > 1))


def _fixtures(unplayed: pd.DataFrame) -> pd.DataFrame:
    """Return SCHEDULE_COLUMNS, SEASON, KIND, FILE and ROW of games with both teams."""
    sides = unplayed.groupby("GAME_ID")["TEAM_ID"].transform("nunique") == 2
    rows = unplayed[sides]
    rows = rows.assign(is_home=log_sides(rows)["is_home"].astype(bool))
    home, away = rows[rows["is_home"]], rows[~rows["is_home"]]
    both = home.merge(away[["GAME_ID", "TEAM_ID"]], on="GAME_ID", suffixes=("", "_AWAY"))
    both = both.drop_duplicates("GAME_ID").rename(
        columns={"TEAM_ID": "HOME_TEAM_ID", "TEAM_ID_AWAY": "AWAY_TEAM_ID"}
    )
    both["KNOWN_FROM"] = pd.Series(pd.NaT, both.index, dtype="datetime64[us]")
    return both[[*SCHEDULE_COLUMNS, "SEASON", "KIND", "FILE", "ROW"]]


def _note(file: object, rows: pd.DataFrame, what: str) -> dict[str, Any]:
    games = sorted(set(rows["GAME_ID"]))
    return {"what": what, "file": str(file), "games": games[:SHOWN_GAMES], "count": len(games)}
