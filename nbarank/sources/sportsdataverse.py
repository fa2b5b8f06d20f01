"""The source `sportsdataverse`: public per-season files of stats.nba.com box scores.

The SportsDataverse project publishes box scores, schedules, rosters and inactive lists with
nba.com's ids, from 1996-97 on, under CC BY 4.0:
https://github.com/sportsdataverse/hoopR-nba-stats-data/tree/main/docs/datasets
"""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.schemas.calendar import SeasonDates
from nbarank.sources.downloads import Downloads
from nbarank.sources.layout import file_name, write_parquet
from nbarank.sources.params import SportsdataverseParams
from nbarank.sources.releases import NotPublishedError, Releases
from nbarank.sources.sportsdataverse_files import games_without_box_scores, raw_tables

FILES = {
    "schedules": ("nba_stats_schedules", "nba_stats_schedule"),
    "team_boxscores": ("nba_stats_team_boxscores", "team_boxscores"),
    "player_boxscores": ("nba_stats_player_boxscores", "player_boxscores"),
}
OPTIONAL_FILES = {
    "rosters": ("nba_stats_rosters", "rosters"),
    "game_rosters": ("nba_stats_game_rosters", "game_rosters"),
}
"""Release tag and start of the file name of each data set."""
_TITLE_WINS = 16
_LOG = logging.getLogger(__name__)


def collect_sportsdataverse(
    params: SportsdataverseParams, destination: Path, downloads: Downloads
) -> dict[str, str]:
    """Fetch what is not cached and write the files of complete seasons into a raw folder.

    A season without rosters or inactive lists is written without them.

    Returns
    -------
    Season -> why it was not written: not published, or not complete.

    Raises
    ------
    SourceError
        If a file cannot be downloaded, does not have its hash, or is not of the documented form.
    """
    releases = Releases(params, downloads)
    gaps: dict[str, str] = {}
    for season in downloads.seasons:
        try:
            tables = {kind: releases.table(*place, season) for kind, place in FILES.items()}
        except NotPublishedError:
            gaps[season] = "not published"
            continue
        tables |= _optional_tables(releases, season)
        found = raw_tables(season, tables)
        dates = downloads.calendar.seasons[season]
        if reason := _incomplete(season, found, dates, downloads.is_over(season)):
            gaps[season] = reason
            continue
        if lagging := games_without_box_scores(tables):
            _LOG.warning("%s: %d game(s) have no box scores yet", season, lagging)
        for name, frame in found.items():
            write_parquet(frame, destination / name)
    return gaps


def _optional_tables(releases: Releases, season: str) -> dict[str, pd.DataFrame]:
    """Return the published rosters and inactive lists of a season."""
    found = {}
    for kind, place in OPTIONAL_FILES.items():
        try:
            found[kind] = releases.table(*place, season)
        except SourceError as error:
            _LOG.warning("%s: continuing without %s: %s", season, kind, error.what)
    return found


def _incomplete(season: str, found: dict[str, pd.DataFrame], dates: SeasonDates, over: bool) -> str:
    """Return what is missing from a season, or '' if it is complete.

    A season that is not over only needs some games.
    """
    none = pd.DataFrame(columns=["GAME_ID", "WL", "TEAM_ID"])
    logs = {
        kind: found.get(file_name(season, "team_logs", kind), none)
        for kind in ("regular", "playin", "playoffs")
    }
    games = {kind: int(frame["GAME_ID"].nunique()) for kind, frame in logs.items()}
    missing = []
    if games["regular"] < (dates.games if over else 1):
        missing.append(f"{games['regular']} of {dates.games} regular-season games")
    if over:
        if dates.play_in != "none" and not games["playin"]:
            missing.append("no play-in")
        won = logs["playoffs"].loc[logs["playoffs"]["WL"] == "W"]
        if not games["playoffs"]:
            missing.append("no playoffs")
        elif won["TEAM_ID"].value_counts().max() < _TITLE_WINS:
            missing.append(f"playoffs without a champion after {games['playoffs']} games")
    return ", ".join(missing)
