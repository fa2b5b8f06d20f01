"""Injury reports: the players listed Out on each date; used from the next day on.

Reports are in this project's form (docs/data.md) or as the package nbainjuries extracts them from
the league's PDF reports; `collect_injury_reports` converts the latter. (nbainjuries needs Java
and an older pandas; docs/data.md shows how to run it in its own environment.)
"""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.core.names import normal_name
from nbarank.core.tables import write_text
from nbarank.sources.layout import raw_files
from nbarank.sources.raw_file import read_raw_file

FOLDER = "injury_reports"
_LOG = logging.getLogger(__name__)
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_PLAYER, _STATUS, _TEAM = "Player Name", "Current Status", "Team"
_SHOWN_NAMES = 5
_FORMS = (
    "YYYY-MM-DD.json in this project's form (docs/data.md), or a file with the date in its name "
    f"and nbainjuries' records ('{_PLAYER}', '{_STATUS}', ...)"
)
Ids = Mapping[str, int]


def read_injury_reports(raw: Path) -> pd.DataFrame:
    """Read raw/injury_reports/YYYY-MM-DD.json; without the folder, return an empty frame.

    Returns
    -------
    pandas.DataFrame
        report_date (datetime), player_id, team_id; one row per player listed Out in a report; a
        report without such players has one row with player_id -1.

    Raises
    ------
    SourceError
        Naming the file that is not a report.
    """
    rows: list[tuple[str, int, int]] = []
    for path in sorted((raw / FOLDER).glob("*.json")):
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            date = str(pd.Timestamp(report["date"]).date())
            listed = [
                (date, int(entry["player_id"]), int(entry["team_id"]))
                for entry in report["injuries"]
                if entry.get("status", "Out") == "Out"
            ]
        except (
            OSError,
            ArithmeticError,
            LookupError,
            ValueError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:
            raise SourceError(
                f"{path.name} is not an injury report: {error}.",
                where=str(path),
                allowed='{"date": "2020-02-20", "injuries": [{"player_id": 1, "team_id": 1, '
                '"status": "Out"}]}',
                next_command=f"remove {path}, or set features.injuries: false in params.yaml",
            ) from error
        rows += listed or [(date, -1, -1)]
    frame = pd.DataFrame(rows, columns=["report_date", "player_id", "team_id"])
    frame["report_date"] = pd.to_datetime(frame["report_date"])
    return frame.astype({"player_id": "int64", "team_id": "int64"})


def collect_injury_reports(location: Path, raw: Path) -> None:
    """Copy or convert a folder of injury reports into the raw layout, replacing any there.

    Parameters
    ----------
    location
        Folder of .json files, one per date: the latest report of that date.
    raw
        Folder of raw data with player logs. A name is matched to the players of the season that
        contains the date, or of the last season before it.

    Raises
    ------
    SourceError
        If the folder is missing or has no reports, a file is not a report or has no date in its
        name, or two files are for the same date.
    """
    files = sorted(location.glob("*.json")) if location.is_dir() else []
    if not files:
        raise SourceError(
            f"The folder of injury reports {location} does not exist or has no .json files.",
            where="params.yaml: data.injuries.path",
            allowed=_FORMS,
            next_command="dvc exp run -S data.injuries.path=PATH",
        )
    target = raw / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    names: dict[str, Ids] | None = None
    unknown: set[str] = set()
    for file in files:
        date = _date_of(file)
        place = target / f"{date}.json"
        if place.exists():
            raise SourceError(
                f"Two injury reports are for {date}; the second is {file.name}.",
                where=str(location),
                allowed="one report per date: the latest",
                next_command=f"move {file} to another folder",
            )
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise _not_a_report(file, str(error)) from error
        if isinstance(content, dict):
            shutil.copyfile(file, place)
            continue
        if names is None:
            names = _ids_by_season(raw)
        started = [first for first in names if first <= date]
        ids = names[max(started)] if started else {}
        report, unmatched = _converted(content, date, ids, file)
        unknown |= unmatched
        write_text(place, json.dumps(report) + "\n")
    if unknown:
        shown = ", ".join(sorted(unknown)[:_SHOWN_NAMES])
        _LOG.warning("%d listed name(s) match no player: %s ...", len(unknown), shown)
    read_injury_reports(raw)


def _date_of(file: Path) -> str:
    """Return the date in a file's name."""
    dates = _DATE.findall(file.name)
    try:
        (date,) = dates
        return str(pd.Timestamp(date).date())
    except ValueError:
        raise SourceError(
            f"{file.name} does not have the date of its injury report in its name.",
            where=str(file),
            allowed=_FORMS,
            next_command=f"mv {file} {file.with_name('YYYY-MM-DD.json')}",
        ) from None


def _not_a_report(file: Path, why: str) -> SourceError:
    return SourceError(
        f"{file.name} is not an injury report: {' '.join(why.split())[:200]}.",
        where=str(file),
        allowed=_FORMS,
        next_command=f"move {file} to another folder, or set data.injuries.path: null",
    )


def _converted(records: Any, date: str, ids: Ids, file: Path) -> tuple[dict[str, Any], set[str]]:
    """Return nbainjuries' records in this project's form, and the names that match no player."""
    listed, unmatched = [], set()
    try:
        out = [
            (str(record[_PLAYER]), str(record[_TEAM]))
            for record in records
            if record[_STATUS] == "Out"
        ]
    except (TypeError, KeyError) as error:
        raise _not_a_report(file, f"a record has no {error}") from error
    for name, team in out:
        last, comma, first = name.partition(",")
        player = ids.get(normal_name(f"{first} {last}" if comma else name))
        if player is None:
            unmatched.add(name)
        else:
            team_id = ids.get(normal_name(team), -1)
            listed.append({"player_id": player, "team_id": team_id, "status": "Out"})
    return {"date": date, "injuries": listed}, unmatched


def _ids_by_season(raw: Path) -> dict[str, Ids]:
    """Return ids of players and teams by normal name, by the first date of each season.

    Names and ids come from the whole season, so that a player is known before his first game;
    nothing else does. A name that two players of a season share is left out as ambiguous.
    """
    found: dict[str, Ids] = {}
    for file in raw_files(raw):
        if file.level != "player_logs" or file.kind != "regular":
            continue
        rows = read_raw_file(file)
        ids: dict[str, int] = {}
        for what in ("TEAM", "PLAYER"):
            pairs = rows[[f"{what}_NAME", f"{what}_ID"]].drop_duplicates()
            names = pairs[f"{what}_NAME"].map(normal_name)
            pairs = pairs.assign(name=names).drop_duplicates(["name", f"{what}_ID"])
            pairs = pairs.drop_duplicates("name", keep=False)
            ids |= dict(zip(pairs["name"], pairs[f"{what}_ID"].astype(int), strict=True))
        found[str(rows["GAME_DATE"].min().date())] = ids
    return found
