"""Checks of normalised raw logs (see `nbarank.schemas.raw.RawLeague`); each returns data errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from pandera.errors import SchemaErrors

from nbarank.core.contract import Schema
from nbarank.league.data_errors import DataError, data_errors_in
from nbarank.league.games import overtimes
from nbarank.league.schedule_checks import check_schedule
from nbarank.schemas.calendar import CALENDAR_FILE
from nbarank.schemas.raw import ID_PREFIX, PLAYER_LOG, TEAM_LOG, TEAMS_FILE, LeagueFile

_REFETCH = "fetch the file again, or correct the rows"
_MINUTES_TOLERANCE = 3.0
"""Minutes of the players in decimals differ from the team's by up to 2.5 in nba.com's logs."""
_TEAM_TOLERANCE = 5.0
_PLAY_IN_GAMES = 6
_FEW_GAMES, _SMALL_SHARE = 3, 0.02
"""At most this number of games, or this share of a file's, may have a wrong date by themselves."""


def check_values(frame: pd.DataFrame, schema: Schema) -> list[DataError]:
    """Check every column against the schema of its log."""
    try:
        schema.made.validate(frame, lazy=True)
        return []
    except SchemaErrors as error:
        cases = error.failure_cases
    found = []
    for (column, check), part in cases.groupby(["column", "check"], sort=True):
        index = part["index"].dropna().astype("int64")
        bad = pd.Series(frame.index.isin(index), index=frame.index)
        shown = [name for name in ("GAME_ID", str(column)) if name in frame]
        found += data_errors_in(frame, bad, f"{column} breaks the rule {check}", _REFETCH, shown)
    return found


def check_game_ids(frame: pd.DataFrame) -> list[DataError]:
    """Check that a game's id belongs to the season and season type of its file."""
    expected = frame["KIND"].map(ID_PREFIX) + frame["SEASON"].str[2:4]
    return data_errors_in(
        frame,
        frame["GAME_ID"].str[:5] != expected,
        "game of another season or season type than its file",
        "move the rows to the file they belong to",
        ("GAME_ID",),
    )


def check_dates(frame: pd.DataFrame, league: LeagueFile) -> list[DataError]:
    """Check that games were played within the days of their season."""
    start, end, last = (
        _season_days(frame, league, name) for name in ("start", "end", "playoffs_end")
    )
    regular = frame["KIND"] == "regular"
    low, high = start.where(regular, end), end.where(regular, last)
    return _unless_misread(
        frame,
        data_errors_in(
            frame,
            (frame["GAME_DATE"] < low) | (frame["GAME_DATE"] > high),
            "date outside its season",
            f"correct GAME_DATE, or the season's days in {CALENDAR_FILE}",
            ("GAME_ID", "GAME_DATE"),
        ),
    )


def check_days(team_logs: pd.DataFrame) -> list[DataError]:
    """Check that teams do not often have two games on a day, as in days of another time zone."""
    found = _unless_misread(
        team_logs,
        data_errors_in(
            team_logs,
            (team_logs["KIND"] == "regular")
            & team_logs.duplicated(["TEAM_ID", "GAME_DATE"], keep=False)
            & ~team_logs.duplicated(["TEAM_ID", "GAME_ID"], keep=False),
            "team with two games on one day",
            "correct GAME_DATE; days of UTC are not those of the league (New York)",
            ("GAME_ID", "TEAM_ABBREVIATION", "GAME_DATE"),
        ),
    )
    return [error for error in found if not error.games]


def _unless_misread(frame: pd.DataFrame, errors: list[DataError]) -> list[DataError]:
    """Return errors of dates; where many games have one, leaving games out does not fix it."""
    games = frame.groupby("FILE")["GAME_ID"].nunique()
    return [
        replace(
            error,
            what=f"{error.what}, in {len(error.games)} of {games[error.file]} games: "
            "the column seems to be misread",
            fix="save GAME_DATE as the league's days, such as 2015-10-27",
            games=(),
        )
        if len(error.games) > max(_FEW_GAMES, _SMALL_SHARE * games[error.file])
        else error
        for error in errors
    ]


def _season_days(frame: pd.DataFrame, league: LeagueFile, name: str) -> pd.Series:
    """Return one of the dates of each row's season."""
    days = {season: pd.Timestamp(getattr(d, name)) for season, d in league.seasons.items()}
    return frame["SEASON"].map(days)


def check_pairs(team_logs: pd.DataFrame) -> list[DataError]:
    """Check that each game has two rows, of two different teams."""
    rows = team_logs.groupby("GAME_ID")["TEAM_ID"].transform("size")
    names = {1: "game with one team", 2: "game with one team, twice"}
    found = []
    teams = team_logs.groupby("GAME_ID")["TEAM_ID"].transform("nunique")
    for count in sorted(set(rows)):
        bad = (rows == count) & ((rows != 2) | (teams != 2))
        found += data_errors_in(
            team_logs,
            bad,
            names.get(int(count), f"game with {count} rows instead of two"),
            "each game needs one row for each of its two teams: " + _REFETCH,
            ("GAME_ID", "TEAM_ABBREVIATION"),
        )
    return found


def check_scores(team_logs: pd.DataFrame, player_logs: pd.DataFrame) -> list[DataError]:
    """Check that the two sides of a game agree on score, winner and day.

    PLUS_MINUS follows from the points, so it counts only where the players' points do not confirm
    those of both teams.
    """
    paired = team_logs.groupby("GAME_ID")["PTS"].transform("size") == 2
    logs = team_logs[paired]
    groups = logs.groupby("GAME_ID")
    margin = 2 * logs["PTS"] - groups["PTS"].transform("sum")
    marked_won = logs["WL"] == "W"
    contradicted = other_plus_minus(logs) & ~points_confirmed(logs, player_logs)
    found = data_errors_in(
        logs,
        (margin == 0) | contradicted | (marked_won != (margin > 0)),
        "score that disagrees between the two sides (PTS, PLUS_MINUS, WL)",
        _REFETCH,
        ("GAME_ID", "TEAM_ABBREVIATION", "PTS", "PLUS_MINUS", "WL"),
    )
    return found + data_errors_in(
        logs,
        groups["GAME_DATE"].transform("nunique") > 1,
        "day that disagrees between the two sides",
        _REFETCH,
        ("GAME_ID", "GAME_DATE"),
    )


def other_plus_minus(team_logs: pd.DataFrame) -> pd.Series:
    """Return which rows have another PLUS_MINUS than the difference of the points."""
    margin = 2 * team_logs["PTS"] - team_logs.groupby("GAME_ID")["PTS"].transform("sum")
    return team_logs["PLUS_MINUS"].notna() & (team_logs["PLUS_MINUS"] != margin)


def points_confirmed(team_logs: pd.DataFrame, player_logs: pd.DataFrame) -> pd.Series:
    """Return which rows are of a game in which both teams' points are those of their players."""
    side = ["GAME_ID", "TEAM_ID"]
    players = player_logs.groupby(side)["PTS"].sum().rename("PLAYERS_PTS")
    same = team_logs["PTS"] == team_logs[side].join(players, on=side)["PLAYERS_PTS"]
    return same.groupby(team_logs["GAME_ID"]).transform("all")


def check_minutes(team_logs: pd.DataFrame, player_logs: pd.DataFrame) -> list[DataError]:
    """Check that minutes add up, per game and side: 240, and 25 more for each overtime."""
    side = ["GAME_ID", "TEAM_ID"]
    paired = team_logs.groupby("GAME_ID")["TEAM_ID"].transform("size") == 2
    full = 240.0 + 25.0 * overtimes(team_logs)
    whole = (player_logs["MIN"] % 1 == 0).groupby([player_logs[name] for name in side]).all()
    players = player_logs.groupby(side)["MIN"].agg(PLAYERS_MIN="sum", PLAYERS="size", LONGEST="max")
    logs = team_logs.join(players.assign(WHOLE=whole), on=side)
    rounding = np.where(
        logs["WHOLE"].eq(True),
        np.maximum(_MINUTES_TOLERANCE, logs["PLAYERS"] / 2),
        _MINUTES_TOLERANCE,
    )
    rules = {
        "players' minutes that do not add up to the team's": paired
        & ((logs["PLAYERS_MIN"] - full).abs() > rounding),
        "team's minutes that are not 240 plus 25 per overtime": (logs["MIN"] - full)
        .abs()
        .gt(_TEAM_TOLERANCE)
        & logs["MIN"].between(235, 600),
        "player with more minutes than the game": logs["LONGEST"] > full / 5 + 1,
    }
    logs["PLAYERS_MIN"] = logs["PLAYERS_MIN"].round(1)
    return [
        error
        for what, bad in rules.items()
        for error in data_errors_in(
            logs,
            bad.fillna(False).astype(bool),
            what,
            "correct MIN of team and players (minutes, not hours or seconds), and add missing "
            "players, or fetch the season again",
            ("GAME_ID", "TEAM_ABBREVIATION", "MIN", "PLAYERS_MIN"),
        )
    ]


def check_points(frame: pd.DataFrame) -> list[DataError]:
    """Check that points follow from the makes: 2 FGM + FG3M + FTM."""
    player = ("PLAYER_NAME",) if "PLAYER_NAME" in frame else ()
    return data_errors_in(
        frame,
        frame["PTS"] != 2 * frame["FGM"] + frame["FG3M"] + frame["FTM"],
        "points that do not match the makes (2 FGM + FG3M + FTM)",
        _REFETCH,
        ("GAME_ID", *player, "PTS", "FGM", "FG3M", "FTM"),
    )


def check_teams(frame: pd.DataFrame, known: set[int]) -> list[DataError]:
    """Check that every team has a conference and a division."""
    return data_errors_in(
        frame,
        ~frame["TEAM_ID"].isin(known),
        "unknown team",
        f"correct TEAM_ID, or name the team and its conference in {TEAMS_FILE}",
        ("GAME_ID", "TEAM_ID", "TEAM_NAME"),
    )


def check_players(player_logs: pd.DataFrame, team_logs: pd.DataFrame) -> list[DataError]:
    """Check that a player is in a game once, for one of its teams, on its day.

    Also finds games that are missing from one of the two logs.
    """
    found = data_errors_in(
        player_logs,
        player_logs.duplicated(["GAME_ID", "PLAYER_ID"], keep=False),
        "duplicate player-game",
        "keep one row per player and game",
        ("GAME_ID", "PLAYER_ID", "PLAYER_NAME"),
    )
    side = ["GAME_ID", "TEAM_ID"]
    sides = team_logs.drop_duplicates(side)[[*side, "GAME_DATE"]]
    joined = player_logs[[*side, "GAME_DATE"]].merge(
        sides, on=side, how="left", suffixes=("", "_OF_TEAM")
    )
    stray = pd.Series(joined["GAME_DATE_OF_TEAM"].isna().to_numpy(), index=player_logs.index)
    found += data_errors_in(
        player_logs,
        stray,
        "player row without a row of his team in that game",
        "fetch the season's team log and player log again",
        ("GAME_ID", "PLAYER_NAME", "TEAM_ID"),
    )
    other_day = (joined["GAME_DATE"] != joined["GAME_DATE_OF_TEAM"]).to_numpy() & ~stray
    found += data_errors_in(
        player_logs,
        pd.Series(other_day),
        "day that disagrees between player and team",
        _REFETCH,
        ("GAME_ID", "PLAYER_NAME", "GAME_DATE"),
    )
    with_players = pd.MultiIndex.from_frame(player_logs[side])
    return found + data_errors_in(
        team_logs,
        pd.Series(~pd.MultiIndex.from_frame(team_logs[side]).isin(with_players)),
        "team without players in that game",
        "fetch the season's team log and player log again",
        ("GAME_ID", "TEAM_ABBREVIATION"),
    )


def check_counts(team_logs: pd.DataFrame, league: LeagueFile) -> list[DataError]:
    """Check the number of games of each season; the latest season may still be in progress."""
    regular = team_logs[team_logs["KIND"] == "regular"]
    counts = regular.groupby("SEASON")["GAME_ID"].nunique()
    play_in = team_logs[team_logs["KIND"] == "playin"].groupby("SEASON")["GAME_ID"].nunique()
    latest = team_logs["SEASON"].max()
    over = set(team_logs.loc[team_logs["KIND"] != "regular", "SEASON"])
    found = []
    for season in sorted(set(team_logs["SEASON"])):
        count, expected = int(counts.get(season, 0)), league.seasons[season].games_expected
        in_progress = season == latest and season not in over
        if count > expected or (count < expected and not in_progress):
            files = regular.loc[regular["SEASON"] == season, "FILE"]
            found.append(
                DataError(
                    what=f"season {season} has {count} regular-season games instead of {expected}",
                    file=str(files.iloc[0]) if len(files) else f"team_logs of {season}",
                    fix="fetch the season again; if this is how many were played, set games to "
                    f"{count} in {CALENDAR_FILE}",
                )
            )
    for season in sorted(set(team_logs.loc[team_logs["KIND"] == "playoffs", "SEASON"])):
        games = int(play_in.get(season, 0))
        if league.seasons[season].play_in == "standard" and games != _PLAY_IN_GAMES:
            found.append(
                DataError(
                    what=f"season {season} has {games} play-in games instead of {_PLAY_IN_GAMES}",
                    file=f"playin_team_logs_{season.replace('-', '_')}",
                    fix=f"add the season's play-in games, or correct play_in in {CALENDAR_FILE}",
                )
            )
    return found


def players_short_of_team(player_logs: pd.DataFrame, team_logs: pd.DataFrame) -> pd.DataFrame:
    """Return the team-games whose players' points do not add up to the team's.

    A warning, not a data error: nba.com's logs of 2010-15 have 25 of them.
    """
    side = ["GAME_ID", "TEAM_ID"]
    players = player_logs.groupby(side)["PTS"].sum().rename("PLAYERS_PTS")
    both = team_logs[["FILE", "SEASON", "TEAM_ABBREVIATION", *side, "PTS"]].join(players, on=side)
    return both[both["PTS"] != both["PLAYERS_PTS"]]


def all_data_errors(
    team_logs: pd.DataFrame,
    player_logs: pd.DataFrame,
    schedule: pd.DataFrame,
    known: set[int],
    league: LeagueFile,
) -> list[DataError]:
    """Run every check."""
    found = check_counts(team_logs, league)
    for frame, schema in ((team_logs, TEAM_LOG), (player_logs, PLAYER_LOG)):
        found += check_values(frame, schema)
        found += check_game_ids(frame)
        found += check_dates(frame, league)
        found += check_points(frame)
        found += check_teams(frame, known)
    found += check_pairs(team_logs)
    found += check_days(team_logs)
    found += check_scores(team_logs, player_logs)
    found += check_players(player_logs, team_logs)
    found += check_minutes(team_logs, player_logs)
    found += check_schedule(schedule, team_logs, known, league)
    return found
