"""Injury reports: the players listed Out on each date; used from the next day on.

Reports are in this project's form (docs/data.md) or as the package nbainjuries extracts them from
the league's PDF reports; `collect_injury_reports` converts the latter. (nbainjuries needs Java
and an older pandas; docs/data.md shows how to run it in its own environment.)
"""

from __future__ import annotations

import json
import logging
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.core.names import normal_name
from nbarank.core.tables import write_text
from nbarank.sources.layout import list_nearest, raw_files
from nbarank.sources.raw_file import read_raw_file

FOLDER = "injury_reports"
_LOG = logging.getLogger(__name__)
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_OUT = "out"
_PLAYER, _STATUS, _TEAM = "Player Name", "Current Status", "Team"
_SHOWN_NAMES = 5
_FORMS = (
    "YYYY-MM-DD.json in this project's form (docs/data.md), or a file with the date in its name "
    f"and nbainjuries' records ('{_PLAYER}', '{_STATUS}', ...)"
)
Ids = Mapping[str, int]


def report_names(folder: Path) -> list[str]:
    """Return the names YYYY-MM-DD.json in a folder of reports; no other file is copied or read."""
    files = (path for path in folder.glob("*.json") if path.is_file())
    return sorted(path.name for path in files if _DATE.fullmatch(path.stem))


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
    for path in (raw / FOLDER / name for name in report_names(raw / FOLDER)):
        try:
            report = json.loads(path.read_text(encoding="utf-8-sig"))
            date = _stated_date(report["date"], path)
            listed = [
                (date, _whole(entry["player_id"]), _whole(entry["team_id"]))
                for entry in report["injuries"]
                if _is_out(entry.get("status", _OUT))
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


def _is_out(status: object) -> bool:
    return str(status).strip().lower() == _OUT


def _whole(value: object) -> int:
    """Return an id; ValueError for a fraction or another type."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or value != value:
        raise ValueError(f"{value!r} is not an id")
    number = int(value) if not isinstance(value, float) else int(float(value))
    if isinstance(value, float) and number != value:
        raise ValueError(f"{value!r} is not an id")
    if abs(number) >= 2**63:
        raise ValueError(f"{value!r} is not an id")
    return number


def _stated_date(value: object, path: Path) -> str:
    """Return the date that a report states; ValueError if its file's name has another."""
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()[:10]):
        raise ValueError(f"its date {value!r} is not a day such as 2020-02-20")
    date = str(pd.Timestamp(value.strip()[:10]).date())
    named = _DATE.findall(path.name)
    if named and date not in named:
        raise ValueError(f"its date {date} is not that of the file's name")
    return date


def collect_injury_reports(location: Path, raw: Path) -> None:
    """Copy or convert a folder of injury reports into the raw layout, replacing any there.

    Parameters
    ----------
    location
        Folder of .json files, one per date: the latest report of that date.
    raw
        Folder of raw data with player logs. A name is matched to the players of games before the
        report's date: of the newest season in which someone of that name played.

    Raises
    ------
    SourceError
        If the folder is missing or has no reports, a file is not a report or has no date in its
        name or another in its content, or two files are for the same date.
    """
    files = sorted(location.glob("*.json")) if location.is_dir() else []
    if not files:
        raise SourceError(
            f"The folder of injury reports {location} does not exist or has no .json files.",
            where="params.yaml: data.injuries.path",
            allowed=_FORMS,
            next_command=list_nearest(location),
        )
    target = raw / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    names: pd.DataFrame | None = None
    unknown: set[str] = set()
    statuses: Counter[str] = Counter()
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
            content = json.loads(file.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise _not_a_report(file, str(error)) from error
        if isinstance(content, dict):
            statuses += _statuses(content.get("injuries"), "status", _OUT)
            shutil.copyfile(file, place)
            continue
        if names is None:
            names = _first_games(raw)
        statuses += _statuses(content, _STATUS, "")
        report, unmatched = _converted(content, date, _ids_before(names, date), file)
        unknown |= unmatched
        write_text(place, json.dumps(report) + "\n")
    other = {status: count for status, count in statuses.items() if not _is_out(status)}
    if other:
        shown = ", ".join(f"{status or 'none'}: {count}" for status, count in sorted(other.items()))
        _LOG.warning("listed players with another status than Out do not count (%s)", shown)
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
            next_command=f"mv {shlex.quote(str(file))} "
            f"{shlex.quote(str(file.with_name('YYYY-MM-DD.json')))}",
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
            if _is_out(record[_STATUS])
        ]
    except (TypeError, KeyError) as error:
        raise _not_a_report(file, f"a record has no {error}") from error
    for name, team in out:
        last, comma, first = name.partition(",")
        player = ids.get(normal_name(f"{first} {last}" if comma else name))
        if player is None:
            unmatched.add(name)
        else:
            team_id = ids.get(normal_name(team))
            if team_id is None:
                unmatched.add(f"{name} ({team})")
                continue
            listed.append({"player_id": player, "team_id": team_id, "status": "Out"})
    return {"date": date, "injuries": listed}, unmatched


def _statuses(records: Any, key: str, default: str) -> Counter[str]:
    """Count the statuses of a report's records; none where it has another form."""
    rows = records if isinstance(records, list) else []
    return Counter(str(row.get(key, default)) for row in rows if isinstance(row, dict))


def _first_games(raw: Path) -> pd.DataFrame:
    """Return what (PLAYER or TEAM), name (normal), id, season, and the first day with a game."""
    parts = []
    for file in raw_files(raw):
        if file.level == "player_logs":
            rows = read_raw_file(file)
            for what in ("TEAM", "PLAYER"):
                columns = {f"{what}_NAME": "name", f"{what}_ID": "id", "GAME_DATE": "day"}
                first = rows.rename(columns=columns).groupby(["name", "id"])["day"].min()
                parts.append(first.reset_index().assign(what=what, season=file.season))
    found = pd.concat(parts, ignore_index=True)
    found["name"] = found["name"].map(normal_name)
    keys = ["what", "name", "id", "season"]
    return found.groupby(keys)["day"].min().reset_index()


def _ids_before(names: pd.DataFrame, date: str) -> Ids:
    """Return ids of players and teams by normal name, as known from games before a date.

    A name belongs to the newest season that has it; one that two share there is ambiguous and left
    out. Only the past counts, so a report gives the same on its day and years later.
    """
    known = names[names["day"] < pd.Timestamp(date)]
    newest = known.groupby(["what", "name"])["season"].transform("max")
    known = known[known["season"] == newest].drop_duplicates(["what", "name", "id"])
    known = known.drop_duplicates(["what", "name"], keep=False).drop_duplicates("name", keep=False)
    return dict(zip(known["name"], known["id"].astype(int), strict=True))
