"""What may stand beside box scores of any source: injury reports and published player ratings.

Both are files that the user has. Injury reports may be in this project's form or as the library
nbainjuries prints the league's PDF reports; names are turned into player ids here, so that
data/raw holds one form. (nbainjuries itself cannot be installed beside pandas 3 and needs Java;
docs/data.md says how to run it apart.)
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
from nbarank.sources.external_ratings import FILE, read_external_ratings
from nbarank.sources.injuries import FOLDER, read_injury_reports
from nbarank.sources.raw import raw_files, read_raw_file

_LOG = logging.getLogger(__name__)
_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_PLAYER, _STATUS, _TEAM = "Player Name", "Current Status", "Team"
_LONGEST_NAMES = 5
_FORMS = (
    "YYYY-MM-DD.json with this project's form (docs/data.md), or a file with the day in its name "
    f"that holds nbainjuries' records ('{_PLAYER}', '{_STATUS}', ...)"
)
Ids = Mapping[str, int]


def collect_external_ratings(location: Path, raw: Path) -> None:
    """Copy a file of player ratings beside the box scores.

    Raises
    ------
    SourceError
        If it is not there or lacks a column.
    """
    if not location.is_file():
        raise SourceError(
            f"The file of player ratings {location} is not there.",
            where="params.yaml: data.external_ratings.path",
            allowed=f"a CSV like FiveThirtyEight's {FILE}, or null",
            next_command="dvc exp run -S data.external_ratings.path=PATH",
        )
    shutil.copyfile(location, raw / FILE)
    read_external_ratings(raw)


def collect_injury_reports(location: Path, raw: Path) -> None:
    """Bring a folder of injury reports beside the box scores, instead of any that are there.

    Parameters
    ----------
    location
        Folder of .json files, one a day: the latest report of that day.
    raw
        Folder of raw data, player logs in it: whom a name means is read from the season that the
        day lies in, or the last one before it.

    Raises
    ------
    SourceError
        If the folder is not there or holds none, a file is no report or tells no day, or two
        tell the same one.
    """
    files = sorted(location.glob("*.json")) if location.is_dir() else []
    if not files:
        raise SourceError(
            f"The folder of injury reports {location} is not there or holds no .json file.",
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
        day = _day_of(file)
        place = target / f"{day}.json"
        if place.exists():
            raise SourceError(
                f"Two injury reports are of {day}; the second is {file.name}.",
                where=str(location),
                allowed="one report a day: the latest",
                next_command=f"mv {file} elsewhere",
            )
        content = _content(file)
        if isinstance(content, dict):
            shutil.copyfile(file, place)
            continue
        if names is None:
            names = _ids_by_season(raw)
        report, lost = _converted(content, day, _known_on(names, day), file)
        unknown |= lost
        write_text(place, json.dumps(report) + "\n")
    if unknown:
        shown = ", ".join(sorted(unknown)[:_LONGEST_NAMES])
        _LOG.warning("%d listed name(s) have not played yet: %s ...", len(unknown), shown)
    read_injury_reports(raw)


def _day_of(file: Path) -> str:
    """Return the day in a file's name."""
    days = _DAY.findall(file.name)
    try:
        (day,) = days
        return str(pd.Timestamp(day).date())
    except ValueError:
        raise SourceError(
            f"{file.name} does not tell the day of its injury report.",
            where=str(file),
            allowed=_FORMS,
            next_command=f"mv {file} {file.with_name('YYYY-MM-DD.json')}",
        ) from None


def _content(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_report(file, str(error)) from error


def _no_report(file: Path, why: str) -> SourceError:
    return SourceError(
        f"{file.name} is not an injury report: {' '.join(why.split())[:200]}.",
        where=str(file),
        allowed=_FORMS,
        next_command=f"mv {file} elsewhere, or set data.injuries.path: null",
    )


def _converted(records: Any, day: str, known: Ids, file: Path) -> tuple[dict[str, Any], set[str]]:
    """Return nbainjuries' records in this project's form, and the names nobody bears."""
    listed, unknown = [], set()
    try:
        out = [
            (str(record[_PLAYER]), str(record[_TEAM]))
            for record in records
            if record[_STATUS] == "Out"
        ]
    except (TypeError, KeyError) as error:
        raise _no_report(file, f"a record lacks {error}") from error
    for name, team in out:
        last, comma, first = name.partition(",")
        player = known.get(normal_name(f"{first} {last}" if comma else name))
        if player is None:
            unknown.add(name)
        else:
            team_id = known.get(normal_name(team), -1)
            listed.append({"player_id": player, "team_id": team_id, "status": "Out"})
    return {"date": day, "injuries": listed}, unknown


def _ids_by_season(raw: Path) -> dict[str, Ids]:
    """Return by the first day of a season the ids of players and teams by their normal names.

    Whom a name means is read from the whole season, so that a player is known before his first
    game; nothing else is. A name that two players of a season bear is left out: it would be
    given to the wrong one.
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


def _known_on(names: Mapping[str, Ids], day: str) -> Ids:
    begun = [first for first in names if first <= day]
    return names[max(begun)] if begun else {}
