"""The source `hoopr`: public per-season files of ESPN box scores.

The SportsDataverse project publishes `player_box_2016.parquet`, `team_box_2016.parquet` and
`nba_schedule_2016.parquet`.
"""

from __future__ import annotations

from pathlib import Path

from nbarank.sources.downloads import Downloads
from nbarank.sources.espn import raw_tables
from nbarank.sources.layout import write_parquet
from nbarank.sources.params import HooprParams
from nbarank.sources.releases import Releases

FILES = {
    "player_box": ("espn_nba_player_boxscores", "player_box"),
    "team_box": ("espn_nba_team_boxscores", "team_box"),
    "schedule": ("espn_nba_schedules", "nba_schedule"),
}
"""Release tag and start of the file name of each kind of file."""


def collect_hoopr(params: HooprParams, destination: Path, downloads: Downloads) -> dict[str, str]:
    """Fetch what is not cached and write the files of all seasons into a raw folder.

    Returns
    -------
    No season: every season is either written or raises.

    Raises
    ------
    SourceError
        If a file cannot be downloaded, does not have its hash, or is not of the documented form.
    """
    releases = Releases(params, downloads)
    for season in downloads.seasons:
        tables = {kind: releases.table(*place, season) for kind, place in FILES.items()}
        for name, frame in raw_tables(season, tables).items():
            write_parquet(frame, destination / name)
    return {}
