"""The manifest: every raw file with its SHA-256, rows, season and games."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbarank.core.tables import sha256, write_text
from nbarank.schemas.raw import RawLeague
from nbarank.sources.layout import SEASON_LEVELS, raw_files


def write_manifest(path: Path, folder: Path, raw: RawLeague, report: dict[str, Any]) -> None:
    """Write data/manifest.json.

    Parameters
    ----------
    path
        Path of the manifest.
    folder, raw
        data/raw, and what was read from it.
    report
        Report of ingest: seasons, dropped_games, set_aside, warnings.

    Notes
    -----
    `files` has one entry per file, by name: file, sha256, bytes; for files of a season also
    season, content, rows; for logs and schedules kind; for those and inactive lists
    games_counted; for logs and schedules of the regular season games_expected. `sources` has one
    entry per network source: name, title, licence, address, seasons.
    """
    content = {
        "simulated": raw.league.simulated,
        "sources": [source.model_dump() for source in raw.league.sources],
        **report,
        "files": _files(folder, raw),
    }
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _files(folder: Path, raw: RawLeague) -> list[dict[str, Any]]:
    counts = {
        str(name): (len(part), int(part["GAME_ID"].nunique()) if "GAME_ID" in part else None)
        for frame in (raw.team_logs, raw.player_logs, raw.schedule, raw.rosters, raw.inactive)
        for name, part in frame.groupby("FILE")
    }
    logs = {file.name: file for file in raw_files(folder)}
    entries = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        entry: dict[str, Any] = {"file": name, "sha256": sha256(path), "bytes": path.stat().st_size}
        if name in logs and name in counts:
            file = logs[name]
            rows, games = counts[name]
            of_one_kind = file.level not in SEASON_LEVELS
            entry |= {
                "season": file.season,
                **({"kind": file.kind} if of_one_kind else {}),
                "content": file.level,
                "rows": rows,
                **({} if games is None else {"games_counted": games}),
            }
            if file.kind == "regular" and of_one_kind:
                entry["games_expected"] = raw.league.seasons[file.season].games_expected
        entries.append(entry)
    return entries
