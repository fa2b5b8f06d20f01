"""Fixtures of the schedule files: which are still to come, and which cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbarank.league.data_errors import DataError, data_errors_in
from nbarank.league.rules import SERIES_WINS
from nbarank.schemas.raw import ID_PREFIX, KIND_OF_PREFIX, LeagueFile

SHOWN_GAMES = 10
_FIX = "remove the fixtures that were postponed, cancelled or given another id, or add a column "
_FIX += "STATUS to the schedule file that says so"


def upcoming_fixtures(
    schedule: pd.DataFrame, team_logs: pd.DataFrame, league: LeagueFile
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the fixtures without those that will not be played, and notes.

    Set aside are games of other types (preseason, All-Star, Cup final), unplayed fixtures of a
    season that is over, and those of a series or play-in game that is over. Past fixtures without a
    result stay and are noted, as are game numbers missing among those played: a folder that lost
    games looks like this.
    """
    notes: list[dict[str, Any]] = []
    regular = team_logs[team_logs["KIND"] == "regular"]
    counts = regular.groupby("SEASON")["GAME_ID"].nunique()
    latest = team_logs["SEASON"].max()
    ended = {
        season
        for season in league.seasons
        if season < latest
        or counts.get(season, 0) >= league.seasons[season].games_expected
        or ((team_logs["SEASON"] == season) & (team_logs["KIND"] != "regular")).any()
    }
    notes += _gaps_in_numbers(regular[~regular["SEASON"].isin(ended)])
    if schedule.empty:
        return schedule, notes

    def set_aside(rows: pd.Series, what: str) -> None:
        nonlocal schedule
        notes.extend(_notes(schedule[rows], what))
        schedule = schedule[~rows].reset_index(drop=True)

    other = ~schedule["GAME_ID"].str[:3].isin(list(KIND_OF_PREFIX))
    set_aside(other, "games of neither season nor playoffs in the schedule; set aside")
    late = _is_late(schedule)
    played = schedule["GAME_ID"].isin(team_logs["GAME_ID"])
    over = ~played & schedule["SEASON"].isin(ended) & (~late | (schedule["SEASON"] < latest))
    set_aside(over, "fixtures never played in a season that is over; set aside")
    played = schedule["GAME_ID"].isin(team_logs["GAME_ID"])
    over = ~played & _is_late(schedule) & _series(schedule).isin(_decided_series(team_logs))
    set_aside(over, "fixtures of a series that is over; set aside")
    played = schedule["GAME_ID"].isin(team_logs["GAME_ID"])
    last = schedule["SEASON"].map(team_logs.groupby("SEASON")["GAME_DATE"].max())
    past = ~played & (schedule["GAME_DATE"] < last)
    notes += _notes(
        schedule[past],
        "fixtures without a result before the latest game; they count as still to be played",
    )
    return schedule, notes


def _is_late(schedule: pd.DataFrame) -> pd.Series:
    """Return which fixtures are of the play-in or the playoffs."""
    return ~schedule["GAME_ID"].str.startswith(ID_PREFIX["regular"])


def _series(games: pd.DataFrame) -> pd.Series:
    """Return a text that names the series, or play-in game, of each fixture."""
    teams = games[["HOME_TEAM_ID", "AWAY_TEAM_ID"]]
    ends = (teams.min(axis=1).astype(str), teams.max(axis=1).astype(str))
    return games["GAME_ID"].str[:5] + " " + ends[0] + " " + ends[1]


def _series_games(team_logs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of play-in and playoffs, with the name of their series as SERIES."""
    late = team_logs[team_logs["KIND"] != "regular"]
    teams = late.groupby("GAME_ID")["TEAM_ID"]
    sides = {"HOME_TEAM_ID": teams.transform("min"), "AWAY_TEAM_ID": teams.transform("max")}
    return late.assign(SERIES=_series(late.assign(**sides)))


def _series_wins(team_logs: pd.DataFrame) -> pd.Series:
    """Return the games won, by series and TEAM_ID."""
    late = _series_games(team_logs)
    return (late["WL"] == "W").groupby([late["SERIES"], late["TEAM_ID"]]).sum()


def _same_day(late: pd.DataFrame, team_logs: pd.DataFrame) -> pd.Series:
    """Return which fixtures without a result have another game of their series on their day."""
    coming = late[~late["GAME_ID"].isin(team_logs["GAME_ID"])].drop_duplicates("GAME_ID")
    coming = coming.assign(SERIES=_series(coming))
    both = pd.concat([coming, _series_games(team_logs).drop_duplicates("GAME_ID")])
    return both.duplicated(["SERIES", "GAME_DATE"], keep=False)[: len(coming)]


def _decided_series(team_logs: pd.DataFrame) -> pd.Index:
    """Return the series and play-in games that are over."""
    most = _series_wins(team_logs).groupby(level=0).max()
    play_in = most.index.str.startswith(ID_PREFIX["playin"])
    return most.index[most >= np.where(play_in, 1, SERIES_WINS)]


def check_schedule(
    schedule: pd.DataFrame, team_logs: pd.DataFrame, known: set[int], league: LeagueFile
) -> list[DataError]:
    """Check that fixtures are between two known teams, once, within the season's days.

    Also that games and fixtures together are not more than the calendar's, a team's or a series'
    games.
    """
    if schedule.empty:
        return []
    start, end, last = (
        schedule["SEASON"].map(
            {season: pd.Timestamp(getattr(days, name)) for season, days in league.seasons.items()}
        )
        for name in ("start", "end", "playoffs_end")
    )
    teams = schedule[["HOME_TEAM_ID", "AWAY_TEAM_ID"]]
    late = _is_late(schedule)
    start, end = start.where(~late, end), end.where(~late, last)
    outside = (schedule["GAME_DATE"] < start) | (schedule["GAME_DATE"] > end)
    series = _series(schedule)[late & ~schedule["GAME_ID"].isin(team_logs["GAME_ID"])]
    games = series.value_counts().add(_series_wins(team_logs).groupby(level=0).sum(), fill_value=0)
    long = games.index[games > 2 * SERIES_WINS - 1]
    rules = {
        "series with more than seven games": series.isin(long).reindex(
            late.index, fill_value=False
        ),
        "two games of a series on one day": _same_day(schedule[late], team_logs).reindex(
            late.index, fill_value=False
        ),
        "unknown team in the schedule": ~teams.isin(known).all(axis=1),
        "team that meets itself": teams["HOME_TEAM_ID"] == teams["AWAY_TEAM_ID"],
        "fixture listed twice": schedule["GAME_ID"].duplicated(keep=False),
        "fixture outside its season": outside,
        "fixture of another season than its file": schedule["GAME_ID"].str[3:5]
        != schedule["SEASON"].str[2:4],
    }
    columns = ("GAME_ID", "GAME_DATE", "HOME_TEAM_ID", "AWAY_TEAM_ID")
    # Without games: leaving out a wrong fixture would make the season too short.
    found = [
        replace(error, games=())
        for what, bad in rules.items()
        for error in data_errors_in(schedule, bad, what, "correct the schedule file", columns)
    ]
    for season, part in schedule[~late].groupby("SEASON"):
        if not part["GAME_ID"].duplicated().any():
            found += _surplus(str(season), part, team_logs, league)
    return found


def _surplus(
    season: str, fixtures: pd.DataFrame, team_logs: pd.DataFrame, league: LeagueFile
) -> list[DataError]:
    """Return an error if games and fixtures are more than the season, or a team, can have."""
    regular = team_logs[(team_logs["KIND"] == "regular") & (team_logs["SEASON"] == season)]
    coming = fixtures[~fixtures["GAME_ID"].isin(regular["GAME_ID"])]
    if coming.empty:
        return []
    dates = league.seasons[season]
    sides = [regular["TEAM_ID"], coming["HOME_TEAM_ID"], coming["AWAY_TEAM_ID"]]
    games = pd.concat(sides).value_counts()
    total = regular["GAME_ID"].nunique() + len(coming)
    limit = int(np.ceil(2 * dates.games_expected / len(games)))
    # The season that the bubble ended had 63 to 75 games a team.
    crowded = games[games > limit] if dates.play_in != "bubble" else games.iloc[:0]
    if total <= dates.games_expected and crowded.empty:
        return []
    teams = ", ".join(f"{team}: {count}" for team, count in crowded.head(3).items())
    what = f"season {season} has {total} games and fixtures instead of {dates.games_expected}"
    if len(crowded):
        what += f", {len(crowded)} team(s) more than {limit} ({teams})"
    last = regular["GAME_DATE"].max()
    past = coming[coming["GAME_DATE"] <= last] if len(regular) else coming.iloc[:0]
    rows = past if len(past) else coming
    shown = ", ".join(rows["GAME_ID"].head(SHOWN_GAMES))
    return [
        DataError(
            what=what,
            file=str(rows["FILE"].iloc[0]),
            fix=_FIX,
            rows=tuple(int(row) for row in rows["ROW"]),
            example=f"{len(past)} of {len(coming)} without a result are in the past: {shown}"
            if len(past)
            else f"fixtures to come: {shown}",
        )
    ]


def _gaps_in_numbers(regular: pd.DataFrame) -> list[dict[str, Any]]:
    """Note game numbers that are missing below those of the latest day."""
    notes = []
    for season, part in regular.groupby("SEASON"):
        number = part["GAME_ID"].str[5:].where(part["GAME_ID"].str.fullmatch(r"\d{10}"))
        numbers = number.dropna().astype("int64")
        latest = numbers[part["GAME_DATE"] == part["GAME_DATE"].max()]
        if latest.empty:
            continue
        missing = sorted(set(range(1, int(latest.min()))) - set(numbers))
        if missing:
            start = str(part["GAME_ID"].iloc[0])[:5]
            notes.append(
                {
                    "what": "game numbers missing before the latest day: postponed, or lost",
                    "file": str(part["FILE"].iloc[0]),
                    "season": str(season),
                    "games": [f"{start}{one:05d}" for one in missing[:SHOWN_GAMES]],
                    "count": len(missing),
                }
            )
    return notes


def _notes(rows: pd.DataFrame, what: str) -> list[dict[str, Any]]:
    return [
        {
            "what": what,
            "file": str(file),
            "games": part["GAME_ID"].head(SHOWN_GAMES).tolist(),
            "count": len(part),
        }
        for file, part in rows.groupby("FILE")
    ]
