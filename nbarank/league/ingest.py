"""Raw box scores to league tables: set aside, check, leave out or refuse, build."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbarank.core.errors import IngestError
from nbarank.league.calendar import as_of_grid, build_seasons
from nbarank.league.checks import all_faults, players_short_of_team
from nbarank.league.faults import Fault, raise_faults
from nbarank.league.games import (
    build_games,
    build_player_games,
    build_schedule,
    build_team_games,
    log_sides,
)
from nbarank.league.outcomes import champions
from nbarank.league.teams import known_team_ids, season_teams
from nbarank.schemas.raw import OTHER_PREFIXES, RawLeague

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeagueTables:
    """The league tables that ingest makes, and what it has to tell.

    Parameters
    ----------
    seasons, teams, games, schedule, team_games, player_games, as_of
        Tables of `nbarank.schemas.league`.
    report
        `seasons` (games counted, expected, playoffs, play-in, left out), `dropped_games`,
        `set_aside`, `warnings`: plain data for data/manifest.json.
    """

    seasons: pd.DataFrame
    teams: pd.DataFrame
    games: pd.DataFrame
    schedule: pd.DataFrame
    team_games: pd.DataFrame
    player_games: pd.DataFrame
    as_of: pd.DataFrame
    report: dict[str, Any]


def ingest(
    raw: RawLeague,
    drop_games: bool,
    every_days: int,
    checkpoints: tuple[float, ...],
) -> LeagueTables:
    """Check raw box scores and build the league tables.

    Parameters
    ----------
    raw
        The raw layout as read.
    drop_games
        Leave out and report games with a data error, instead of stopping.
    every_days, checkpoints
        Grid of as-of dates.

    Raises
    ------
    IngestError
        Naming every fault with file, rows and remedy. Faults that are no matter of single games
        (too few games, a season without champion before the latest one) are errors either way.
    """
    team_logs, player_logs, set_aside = _set_aside(raw.team_logs, raw.player_logs)
    if team_logs.empty or player_logs.empty:
        raise IngestError(
            "There are no box scores.",
            where="data/raw",
            allowed="team logs and player logs of at least one season of calendar.seasons",
            next_command="dvc repro -f collect, or check data.folder.path",
        )
    known = known_team_ids(raw.teams)
    faults = all_faults(team_logs, player_logs, raw.schedule, known, raw.league)
    counted = _counts(team_logs)
    dropped = {game for fault in faults for game in fault.games}
    raise_faults([fault for fault in faults if not (drop_games and fault.games)])
    for fault in faults:
        _LOG.warning("left out: %s", fault.describe())
    team_logs = team_logs[~team_logs["GAME_ID"].isin(dropped)].reset_index(drop=True)
    player_logs = player_logs[~player_logs["GAME_ID"].isin(dropped)].reset_index(drop=True)
    team_games = build_team_games(team_logs)
    games = build_games(team_games)
    fixtures = raw.schedule[~raw.schedule["GAME_ID"].isin(dropped)]
    schedule = build_schedule(games, fixtures)
    crowned = champions(games)
    _require_champions(games, crowned, dropped)
    seasons = build_seasons(raw.league, games, schedule, crowned)
    return LeagueTables(
        seasons=seasons,
        teams=season_teams(team_logs, raw.schedule, raw.teams),
        games=games,
        schedule=schedule,
        team_games=team_games,
        player_games=build_player_games(player_logs),
        as_of=as_of_grid(seasons, games, every_days, checkpoints),
        report={
            "seasons": _season_report(seasons, counted, dropped),
            "dropped_games": _dropped_report(faults),
            "set_aside": set_aside,
            "warnings": _warnings(team_logs, player_logs),
        },
    )


def _set_aside(
    team_logs: pd.DataFrame, player_logs: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict[str, str]]]:
    """Take out games that count nowhere: preseason, All-Star, the NBA Cup's final."""
    other = team_logs["GAME_ID"].str[:3].isin(list(OTHER_PREFIXES))
    rows = team_logs[other].drop_duplicates("GAME_ID")
    report = [
        {"game_id": game, "file": file, "why": OTHER_PREFIXES[game[:3]]}
        for game, file in rows[["GAME_ID", "FILE"]].itertuples(index=False)
    ]
    for one in report:
        _LOG.info("set aside: %s", one)
    return (
        team_logs[~other].reset_index(drop=True),
        player_logs[~player_logs["GAME_ID"].str[:3].isin(list(OTHER_PREFIXES))].reset_index(
            drop=True
        ),
        report,
    )


def _require_champions(games: pd.DataFrame, crowned: dict[str, int], dropped: set[str]) -> None:
    """Refuse a season before the latest that has no champion."""
    every = sorted(set(games["season"]))
    lacking = [season for season in every[:-1] if season not in crowned]
    lost = [game for game in sorted(dropped) if game.startswith("004")]
    raise_faults(
        [
            Fault(
                what=f"season {season} has no champion with sixteen playoff wins",
                file=f"playoffs_team_logs_{season.replace('-', '_')}",
                remedy="fetch the season's playoffs again"
                + (f"; playoff games left out: {', '.join(lost[:3])}" if lost else ""),
            )
            for season in lacking
        ]
    )


def _counts(team_logs: pd.DataFrame) -> pd.DataFrame:
    """Return games in the files, by season and kind, before anything is left out."""
    return team_logs.groupby(["SEASON", "KIND"])["GAME_ID"].nunique().unstack(fill_value=0)


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


def _dropped_report(faults: list[Fault]) -> list[dict[str, str]]:
    """Return each game that was left out, with every reason."""
    reasons: dict[str, dict[str, set[str]]] = {}
    for fault in faults:
        for game in fault.games:
            entry = reasons.setdefault(game, {"files": set(), "why": set()})
            entry["files"].add(fault.file)
            entry["why"].add(fault.what)
    return [
        {
            "game_id": game,
            "files": ", ".join(sorted(entry["files"])),
            "why": "; ".join(sorted(entry["why"])),
        }
        for game, entry in sorted(reasons.items())
    ]


def _warnings(team_logs: pd.DataFrame, player_logs: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what is odd and let pass."""
    short = players_short_of_team(player_logs, team_logs)
    untold = team_logs[~log_sides(team_logs)["told"]].drop_duplicates("GAME_ID")
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
            "what": "the sides do not say which team was at home; taken as neutral ground",
            "file": row["FILE"],
            "game_id": row["GAME_ID"],
        }
        for row in untold.to_dict("records")
    ]
    if found:
        _LOG.warning("%d oddities let pass, listed in data/manifest.json", len(found))
    return found
