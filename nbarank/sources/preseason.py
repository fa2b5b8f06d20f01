"""Preseason win totals of teams, such as a betting market's: an optional prior of the blend."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.core.names import unprintable
from nbarank.core.params import follows
from nbarank.sources.layout import list_nearest, read_any, require_columns

ENDINGS = (".parquet", ".csv", ".csv.gz")
_COLUMNS = ("season", "team", "wins")
_OTHER_NAMES = {"team_abbr": "team", "team_abbreviation": "team", "win_total_ou": "wins"}
_SEASON = re.compile(r"\d{4}-\d{2}")
_LOG = logging.getLogger(__name__)


def collect_preseason(location: Path, raw: Path) -> None:
    """Copy a user's file of preseason win totals into the raw layout and check it.

    Raises
    ------
    SourceError
        If the file is missing, or as in `read_preseason`.
    """
    ending = next((end for end in ENDINGS if location.name.lower().endswith(end)), None)
    if ending is None or not location.is_file():
        raise SourceError(
            f"The file of preseason win totals {location} does not exist or is of another kind.",
            where="params.yaml: data.preseason.path",
            allowed=f"a file ending in {', '.join(ENDINGS)}, or null",
            next_command=list_nearest(location),
        )
    _read(location)
    shutil.copyfile(location, raw / f"preseason{ending}")


def read_preseason(raw: Path, teams: pd.DataFrame) -> pd.DataFrame:
    """Read raw/preseason.*; without the file, return no rows.

    Parameters
    ----------
    teams
        Table league/teams: abbreviations of the season, or of any other season of the team.

    Returns
    -------
    pandas.DataFrame
        season, team_id, conference, wins of seasons in `teams`; key: season, team_id.

    Raises
    ------
    SourceError
        If a column is missing, a value invalid, or a team of a season named twice.
    """
    path = next((file for end in ENDINGS if (file := raw / f"preseason{end}").is_file()), None)
    if path is None:
        return pd.DataFrame({"season": pd.Series(dtype=str), "team_id": pd.Series(dtype="int64"),
                             "conference": pd.Series(dtype=str),
                             "wins": pd.Series(dtype=float)})  # fmt: skip
    totals = _read(path)
    totals = totals[totals["season"].isin(teams["season"])]
    of_season = teams.set_index(["season", "abbreviation"])["team_id"]
    newest = teams.sort_values("season").drop_duplicates("abbreviation", keep="last")
    ever = totals["team"].map(newest.set_index("abbreviation")["team_id"])
    named = of_season.reindex(pd.MultiIndex.from_frame(totals[["season", "team"]])).to_numpy()
    team_id = pd.Series(named, totals.index).fillna(ever)
    if team_id.isna().any():
        unknown = totals[team_id.isna()]
        shown = ", ".join(sorted(unknown["season"] + " " + unknown["team"])[:5])
        _LOG.warning("%d preseason totals are of unknown teams: %s", len(unknown), shown)
    found = totals.assign(team_id=team_id).dropna(subset=["team_id"]).astype({"team_id": "int64"})
    twice = found[found.duplicated(["season", "team_id"])]
    if len(twice):
        row = twice.iloc[0]
        raise _invalid(path, f"{row['season']} {row['team']} is listed twice")
    found = found.merge(teams[["season", "team_id", "conference"]], on=["season", "team_id"])
    return found[["season", "team_id", "conference", "wins"]].sort_values(["season", "team_id"])


def _read(path: Path) -> pd.DataFrame:
    table = read_any(path).rename(columns=str.lower).rename(columns=_OTHER_NAMES)
    require_columns(path.name, table, _COLUMNS, str(path), f"correct {path.name}")
    table = table[list(_COLUMNS)].dropna(subset=["wins"])
    wins = pd.to_numeric(table["wins"], errors="coerce").to_numpy(np.float64)
    bad = np.flatnonzero(~((wins > 0) & (wins <= 82)))
    if len(bad):
        raise _invalid(path, f"wins of row {bad[0] + 1} is {table['wins'].iloc[bad[0]]!r}")
    text = {name: table[name].fillna("").astype(str).str.strip() for name in ("season", "team")}
    odd = [one for one in text["season"] if not (_SEASON.fullmatch(one) and follows(one))]
    if odd:
        raise _invalid(path, f"{odd[0]!r} is not a season")
    unnamed = (text["team"] == "") | unprintable(text["team"])
    if unnamed.any():
        raise _invalid(path, f"{text['team'][unnamed].iloc[0]!r} is not an abbreviation")
    table = table.assign(**text, wins=wins)
    twice = table[table.duplicated(["season", "team"])]
    if len(twice):
        raise _invalid(path, f"{twice.iloc[0]['season']} {twice.iloc[0]['team']} is listed twice")
    return table


def _invalid(path: Path, what: str) -> SourceError:
    return SourceError(
        f"The preseason win totals are invalid: {what}.",
        where=str(path),
        allowed="season (2015-16), team (abbreviation) once a season, wins up to 82, or empty",
        next_command="correct the file of data.preseason.path, then dvc repro --force collect",
    )
