"""Raw box scores to league tables: set games aside, check, drop or reject, build."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from nbarank.core.errors import IngestError
from nbarank.league.checks import (
    all_data_errors,
    other_plus_minus,
    players_short_of_team,
    points_confirmed,
)
from nbarank.league.data_errors import DataError, raise_data_errors
from nbarank.league.games import (
    build_games,
    build_player_games,
    build_schedule,
    build_team_games,
    log_sides,
)
from nbarank.league.outcomes import champions
from nbarank.league.roster_checks import check_inactive, check_rosters, inactive_who_played
from nbarank.league.schedule_checks import upcoming_fixtures
from nbarank.league.seasons import as_of_grid, build_seasons, teams_listed
from nbarank.league.teams import known_team_ids, season_teams
from nbarank.league.unplayed import split_unplayed
from nbarank.schemas.league import INACTIVE_LISTS
from nbarank.schemas.raw import OTHER_PREFIXES, RawLeague

_LOG = logging.getLogger(__name__)
_SHOWN_PLACES = 10
_FEW_GAMES = 3


@dataclass(frozen=True)
class LeagueTables:
    """Tables of `nbarank.schemas.league` that ingest makes, and its report.

    `report` is plain data for data/manifest.json: `seasons` (games counted, expected, playoffs,
    play-in, dropped), `dropped_games`, `set_aside`, `warnings`.
    """

    seasons: pd.DataFrame
    teams: pd.DataFrame
    games: pd.DataFrame
    schedule: pd.DataFrame
    team_games: pd.DataFrame
    player_games: pd.DataFrame
    as_of: pd.DataFrame
    inactive: pd.DataFrame
    report: dict[str, Any]


def ingest(
    raw: RawLeague, drop_games: bool, every_days: int, checkpoints: tuple[float, ...]
) -> LeagueTables:
    """Check raw box scores and build the league tables.

    Parameters
    ----------
    raw
        The raw layout as read.
    drop_games
        Drop and report games with a data error, instead of stopping.
    every_days, checkpoints
        As in `as_of_grid`.

    Raises
    ------
    IngestError
        Listing every data error with file, rows and fix. Dropping games does not fix a season
        with too few games, or an earlier season without a champion: these always raise.
    """
    found = examine(raw)
    errors = found.errors
    counted = found.team_logs.groupby(["SEASON", "KIND"])["GAME_ID"].nunique().unstack(fill_value=0)
    downloaded = bool(raw.league.sources)
    raise_data_errors([error for error in errors if not (drop_games and error.games)], downloaded)
    for error in errors:
        _LOG.warning("dropped: %s", error.describe())
    for note in found.notes:
        _LOG.warning("%s: %s (%d: %s)", *described(note))
    dropped = {game for error in errors for game in error.games}
    team_logs, player_logs, fixtures = (
        frame[~frame["GAME_ID"].isin(dropped)].reset_index(drop=True)
        for frame in (found.team_logs, found.player_logs, found.schedule)
    )
    team_games = build_team_games(team_logs)
    games = build_games(team_games)
    schedule = build_schedule(games, fixtures)
    crowned = champions(games)
    _require_champions(games, crowned, dropped)
    seasons = build_seasons(raw.league, games, schedule, crowned)
    as_of = as_of_grid(seasons, games, every_days, checkpoints)
    rosters = raw.rosters.rename(columns=str.lower)
    return LeagueTables(
        seasons=seasons,
        teams=season_teams(team_logs, found.schedule, raw.teams),
        games=games,
        schedule=schedule,
        team_games=team_games,
        player_games=build_player_games(player_logs),
        as_of=as_of.assign(teams_listed=teams_listed(as_of, rosters, seasons)),
        inactive=_inactive_lists(raw.inactive, dropped),
        report={
            "seasons": _season_report(seasons, counted, dropped),
            "dropped_games": _dropped_report(errors),
            "set_aside": found.set_aside,
            "warnings": [*found.notes, *_warnings(team_logs, player_logs, raw.inactive)],
        },
    )


@dataclass(frozen=True)
class Examined:
    """Raw box scores with games set aside, and what was found in them.

    `notes` has what was left out or derived: what, file, count, and rows or games.
    """

    team_logs: pd.DataFrame
    player_logs: pd.DataFrame
    schedule: pd.DataFrame
    set_aside: list[dict[str, str]]
    notes: list[dict[str, Any]]
    errors: list[DataError]


def examine(raw: RawLeague) -> Examined:
    """Set games aside, move games without a result to the schedule, and run every check.

    Raises
    ------
    IngestError
        If there are no box scores at all.
    """
    team_logs, player_logs, set_aside = _set_aside(raw.team_logs, raw.player_logs)
    _require_games(team_logs, player_logs)
    team_logs, player_logs, schedule, notes = split_unplayed(team_logs, player_logs, raw.schedule)
    _require_games(team_logs, player_logs)
    schedule, more = upcoming_fixtures(schedule, team_logs, raw.league)
    known = known_team_ids(raw.teams)
    errors = all_data_errors(team_logs, player_logs, schedule, known, raw.league)
    errors += check_rosters(raw.rosters, known, raw.league)
    errors += check_inactive(raw.inactive, team_logs, schedule)
    errors = _not_by_dropping(errors, pd.concat([team_logs, player_logs])[["FILE", "GAME_ID"]])
    notes = [*raw.notes, *notes, *more, *_derived_margins(team_logs, player_logs)]
    return Examined(team_logs, player_logs, schedule, set_aside, notes, errors)


def _not_by_dropping(errors: list[DataError], logs: pd.DataFrame) -> list[DataError]:
    """Return errors; leaving out games does not fix one that most games of a file have."""
    if not any(len(error.games) > _FEW_GAMES for error in errors):
        return errors
    games = logs.groupby("FILE")["GAME_ID"].nunique()
    return [
        replace(error, games=(), what=f"{error.what}, in {len(error.games)} of {total} games")
        if len(error.games) > max(_FEW_GAMES, (total := int(games.get(error.file, 0))) / 2)
        else error
        for error in errors
    ]


def _require_games(team_logs: pd.DataFrame, player_logs: pd.DataFrame) -> None:
    if team_logs.empty or player_logs.empty:
        raise IngestError(
            "There are no box scores of games with a result.",
            where="data/raw",
            allowed="team logs and player logs of at least one season of the calendar",
            next_command="dvc repro -f collect, or check data.folder.path",
        )


def described(note: dict[str, Any]) -> tuple[str, str, int, str]:
    """Return file, what, count and the first rows or games of a note."""
    places = note.get("games") or [f"row {row}" for row in note.get("rows", ())]
    return note["file"], note["what"], note["count"], ", ".join(map(str, places[:_SHOWN_PLACES]))


def _derived_margins(team_logs: pd.DataFrame, player_logs: pd.DataFrame) -> list[dict[str, Any]]:
    """Note games whose PLUS_MINUS is not the difference of the points."""
    other = other_plus_minus(team_logs) & points_confirmed(team_logs, player_logs)
    return [
        {
            "what": "PLUS_MINUS of teams is not the difference of the points; the points count",
            "file": str(file),
            "games": sorted(set(part["GAME_ID"]))[:_SHOWN_PLACES],
            "count": int(part["GAME_ID"].nunique()),
        }
        for file, part in team_logs[other].groupby("FILE")
    ]


def _set_aside(
    team_logs: pd.DataFrame, player_logs: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict[str, str]]]:
    """Remove games that count nowhere: preseason, All-Star, the NBA Cup's final."""
    of_teams, of_players = (
        logs["GAME_ID"].str[:3].isin(list(OTHER_PREFIXES)) for logs in (team_logs, player_logs)
    )
    rows = team_logs[of_teams].drop_duplicates("GAME_ID")
    report = [
        {"game_id": game, "file": file, "why": OTHER_PREFIXES[game[:3]]}
        for game, file in rows[["GAME_ID", "FILE"]].itertuples(index=False)
    ]
    for one in report:
        _LOG.info("set aside: %s", one)
    return (
        team_logs[~of_teams].reset_index(drop=True),
        player_logs[~of_players].reset_index(drop=True),
        report,
    )


def _require_champions(games: pd.DataFrame, crowned: dict[str, int], dropped: set[str]) -> None:
    """Reject a season before the latest that has no champion."""
    lost = [game for game in sorted(dropped) if game.startswith("004")]
    raise_data_errors(
        [
            DataError(
                what=f"season {season} has no champion with sixteen playoff wins",
                file=f"playoffs_team_logs_{season.replace('-', '_')}",
                fix="fetch the season's playoffs again"
                + (f"; playoff games dropped: {', '.join(lost[:3])}" if lost else ""),
            )
            for season in sorted(set(games["season"]))[:-1]
            if season not in crowned
        ]
    )


def _season_report(
    seasons: pd.DataFrame, counted: pd.DataFrame, dropped: set[str]
) -> dict[str, dict[str, Any]]:
    """Return games counted and expected of every season."""
    wide = counted.reindex(columns=["regular", "playoffs", "playin"], fill_value=0)
    years = [game[3:5] for game in dropped]
    return {
        row["season"]: {
            "games_counted": int(wide["regular"].get(row["season"], 0)),
            "games_expected": int(row["games_expected"]),
            "playoff_games": int(wide["playoffs"].get(row["season"], 0)),
            "play_in_games": int(wide["playin"].get(row["season"], 0)),
            "games_dropped": years.count(row["season"][2:4]),
            "complete": bool(row["complete"]),
        }
        for row in seasons.to_dict("records")
    }


def _dropped_report(errors: list[DataError]) -> list[dict[str, str]]:
    """Return each dropped game with its files and all reasons."""
    reasons: dict[str, dict[str, set[str]]] = {}
    for error in errors:
        for game in error.games:
            entry = reasons.setdefault(game, {"files": set(), "why": set()})
            entry["files"].add(error.file)
            entry["why"].add(error.what)
    return [
        {
            "game_id": game,
            "files": ", ".join(sorted(entry["files"])),
            "why": "; ".join(sorted(entry["why"])),
        }
        for game, entry in sorted(reasons.items())
    ]


def _inactive_lists(inactive: pd.DataFrame, dropped: set[str]) -> pd.DataFrame:
    """Return the table league/inactive, without games that count nowhere or were dropped."""
    games = inactive["GAME_ID"].astype(str)
    counted = inactive[~games.isin(dropped) & ~games.str[:3].isin(list(OTHER_PREFIXES))]
    types = {name: column.dtype for name, column in INACTIVE_LISTS.schema.columns.items()}
    return counted.rename(columns=str.lower)[[*types]].astype(types).reset_index(drop=True)


def _warnings(
    team_logs: pd.DataFrame, player_logs: pd.DataFrame, inactive: pd.DataFrame
) -> list[dict[str, Any]]:
    """Return oddities that are accepted."""
    short = players_short_of_team(player_logs, team_logs)
    disagreed = team_logs[~log_sides(team_logs)["agreed"]].drop_duplicates("GAME_ID")
    found: list[dict[str, Any]] = [
        {
            "what": "players' points do not add up to the team's",
            "file": row["FILE"],
            "game_id": row["GAME_ID"],
            "team": row["TEAM_ABBREVIATION"],
            "points": int(row["PTS"]),
            "players_points": int(row["PLAYERS_PTS"]),
        }
        for row in short.to_dict("records")
    ]
    found += [
        {
            "what": "the sides disagree on which team was at home; taken as neutral ground",
            "file": row["FILE"],
            "game_id": row["GAME_ID"],
        }
        for row in disagreed.to_dict("records")
    ]
    found += [
        {
            "what": "a player of the inactive list has a box score; the box score counts",
            "file": row["FILE"],
            "game_id": row["GAME_ID"],
            "player_id": int(row["PLAYER_ID"]),
        }
        for row in inactive_who_played(inactive, player_logs).to_dict("records")
    ]
    if found:
        kinds = Counter(str(one["what"]) for one in found)
        listed = "; ".join(f"{what} ({count})" for what, count in kinds.items())
        _LOG.warning("accepted as they are: %s", listed)
    return found
