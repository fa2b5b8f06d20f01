"""The source `hoopr`: public per-season files of ESPN box scores, downloaded by pooch.

The sportsdataverse project publishes `player_box_2016.parquet`, `team_box_2016.parquet` and
`nba_schedule_2016.parquet` (a season is named by the year it ends in). Each is downloaded once and
checked against its SHA-256.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as arrow

from nbarank.core.errors import SourceError
from nbarank.sources.downloads import Downloads
from nbarank.sources.espn import raw_tables
from nbarank.sources.layout import league_of, write_league_file, write_parquet
from nbarank.sources.params import HooprParams

FILES = {
    "player_box": ("espn_nba_player_boxscores", "player_box"),
    "team_box": ("espn_nba_team_boxscores", "team_box"),
    "schedule": ("espn_nba_schedules", "nba_schedule"),
}
"""Folder and start of the file name of each kind of file."""


def collect_hoopr(params: HooprParams, destination: Path, downloads: Downloads) -> None:
    """Fetch what is not cached and write the raw layout into an empty folder.

    Raises
    ------
    SourceError
        If a file cannot be downloaded, does not have its hash, or is not of the documented form.
    """
    for season in downloads.seasons:
        tables = {kind: _table(params, downloads, kind, season) for kind in FILES}
        for name, frame in raw_tables(season, tables).items():
            write_parquet(frame, destination / name)
    write_league_file(destination, league_of(downloads.calendar, downloads.seasons))


def _table(params: HooprParams, downloads: Downloads, kind: str, season: str) -> pd.DataFrame:
    """Return one file as a frame, from the cache or from the network."""
    folder, stem = FILES[kind]
    name = f"{stem}_{int(season[:4]) + 1}.parquet"
    final_on = downloads.final_on(season)
    required = params.hashes.get(name, "").lower()
    content = downloads.get(name, final_on)
    if content is None or (required and hashlib.sha256(content).hexdigest() != required):
        # A damaged download of a final season must be replaced by the same file.
        expected = required or downloads.recorded_hash(name, final_on)
        content = _download(params, f"{folder}/{name}", name, expected)
        downloads.put(name, content)
    try:
        return pd.read_parquet(io.BytesIO(content))
    except (OSError, arrow.ArrowException, ValueError) as error:
        raise SourceError(
            f"{name} is not a parquet file.",
            where=str(downloads.path(name)),
            next_command=f"rm {downloads.path(name)}, then rerun the same command",
        ) from error


def _download(params: HooprParams, path: str, name: str, sha256: str | None) -> bytes:
    """Download a file with pooch, from the address or the mirror."""
    import pooch
    import requests

    downloader = pooch.HTTPDownloader(progressbar=True, timeout=params.timeout)
    known = f"sha256:{sha256}" if sha256 else None
    reasons = []
    pooch.get_logger().setLevel("WARNING")
    for address in filter(None, (params.address, params.mirror)):
        url = f"{address.rstrip('/')}/{path}"
        for _ in range(params.attempts):
            with tempfile.TemporaryDirectory(prefix="nbarank-") as folder:
                try:
                    file = pooch.retrieve(url, known, name, folder, downloader=downloader)
                    return Path(file).read_bytes()
                except requests.HTTPError as error:
                    status = error.response.status_code if error.response is not None else "?"
                    reasons.append(f"{address}: HTTP {status}")
                    break
                except requests.RequestException as error:
                    reasons.append(f"{address}: {type(error).__name__}")
                except ValueError as error:
                    if "hash" not in str(error).lower():
                        raise
                    reasons.append(f"{address}: the file has another hash than expected")
                    break
    raise SourceError(
        f"{name} cannot be downloaded: {'; '.join(dict.fromkeys(reasons))}.",
        where="params.yaml: data.hoopr.address and mirror",
        allowed="the file" + (f" with SHA-256 {sha256}" if sha256 else ""),
        next_command="check the network and the address, then: dvc repro; finished downloads are "
        "kept",
    )
