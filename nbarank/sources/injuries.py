"""Injury reports: who was listed Out on which day; known from the next day on."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from nbarank.core.errors import SourceError

FOLDER = "injury_reports"
COLUMNS = ("report_date", "player_id", "team_id")


def read_injury_reports(raw: Path) -> pd.DataFrame:
    """Read raw/injury_reports/YYYY-MM-DD.json.

    Parameters
    ----------
    raw
        Folder of raw data. Without the subfolder there are no reports: an empty frame.

    Returns
    -------
    pandas.DataFrame
        report_date (datetime), player_id, team_id; one row a player listed Out in a report, and
        for a report that lists nobody one row with player_id -1.

    Raises
    ------
    SourceError
        If a file is not a report, naming it.
    """
    rows: list[tuple[str, int, int]] = []
    for path in sorted((raw / FOLDER).glob("*.json")):
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            day = str(pd.Timestamp(report["date"]).date())
            listed = [
                (day, int(entry["player_id"]), int(entry["team_id"]))
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
        rows += listed or [(day, -1, -1)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["report_date"] = pd.to_datetime(frame["report_date"])
    return frame.astype({"player_id": "int64", "team_id": "int64"})
