"""Ended seasons and the current one, stored in separate folders.

No model is fitted to, or scored on, a season before it has ended. The stages that describe seasons
write `data/ended` and `data/current`, so a week of new games changes no file of `data/ended` and
trains nothing. Stage `current` writes scores and forecasts of the current season to
`data/current/results`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.tables import DATA, Table, read_table, write_table, write_text
from nbarank.schemas.league import AS_OF, OUTCOMES

log = logging.getLogger(__name__)
ENDED = DATA / "ended"
CURRENT = DATA / "current"
RESULTS = CURRENT / "results"
SEASONS_FILE = "seasons.json"


def ended_seasons() -> set[str]:
    """Return the seasons whose outcome is known."""
    return set(read_table(OUTCOMES, ENDED)["season"])


def write_split(
    table: Table, frame: pd.DataFrame, ended: Collection[str], root: Path = DATA
) -> None:
    """Write the rows of ended seasons to `ended`, all others to `current`."""
    is_ended = frame["season"].isin(list(ended))
    texts = frame.select_dtypes(["object", "str"]).columns
    frame = frame.astype(dict.fromkeys(texts, "str"))
    if frame.empty:  # without rows the ids have no type
        known = {name: column.dtype for name, column in table.schema.columns.items()}
        frame = frame.astype({name: known[name] for name in frame.columns if name in known})
    write_table(table, frame[is_ended], root / ENDED.name)
    write_table(table, frame[~is_ended], root / CURRENT.name)


def read_whole(table: Table, root: Path = DATA) -> pd.DataFrame:
    """Read the rows of all seasons, sorted by key; errors as in `read_table`."""
    ended = read_table(table, root / ENDED.name)
    current = read_table(table, root / CURRENT.name)
    if current.empty:
        return ended
    return pd.concat([ended, current], ignore_index=True).sort_values(
        list(table.key), kind="stable", ignore_index=True
    )


def by_name(
    tables: Iterable[Table], read: Callable[[Table], pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return the rows that `read` gives of each table, by its name: `games` of league/games."""
    return {table.name.rsplit("/", 1)[1]: read(table) for table in tables}


def read_ended(table: Table) -> pd.DataFrame:
    """Read the rows of ended seasons; errors as in `read_table`."""
    return read_table(table, ENDED)


def in_progress(roles: SeasonsParams, available: Iterable[str], ended: Iterable[str]) -> list[str]:
    """Return the seasons to forecast that have begun and not ended, oldest first.

    Parameters
    ----------
    roles
        Section `seasons`: only validation and test seasons are forecast.
    available
        Seasons with data.
    ended
        Seasons with a known outcome. An unfinished season before the last of them is incomplete,
        not in progress: models that have seen later seasons must not rank it.
    """
    known, over = set(available), set(ended)
    last = max(over, default="")
    return [
        season
        for season in (*roles.validation, *roles.test)
        if season in known and season not in over and season > last
    ]


def not_ranked(
    roles: SeasonsParams, available: Iterable[str], ended: Iterable[str]
) -> dict[str, str]:
    """Return the seasons that neither ended nor are in progress, with the reason, oldest first.

    Parameters as in `in_progress`.
    """
    known, over = set(available), set(ended)
    ranked = in_progress(roles, known, over)
    last = max(over, default="")
    return {
        season: f"games are missing, and {last} has already ended"
        if season < last
        else "it has no role among seasons.validation and seasons.test"
        for season in sorted(known - over - set(ranked))
    }


def record_current_seasons(roles: SeasonsParams) -> list[str]:
    """Write and return the seasons in progress; log the others that have not ended."""
    available, ended = read_whole(AS_OF)["season"], ended_seasons()
    seasons = in_progress(roles, available, ended)
    for season, why in not_ranked(roles, available, ended).items():
        log.warning("%s has not ended and is not ranked: %s", season, why)
    log.info("in progress: %s", ", ".join(seasons) or "no season")
    write_current_seasons(seasons)
    return seasons


def write_current_seasons(seasons: Iterable[str], root: Path = RESULTS) -> None:
    """Write the seasons of the tables in `data/current/results`; none: no tables."""
    write_text(root / SEASONS_FILE, json.dumps(list(seasons)) + "\n")


def current_seasons(root: Path = RESULTS) -> list[str]:
    """Return the seasons of the tables in `data/current/results`."""
    path = root / SEASONS_FILE
    return [str(season) for season in json.loads(path.read_text("utf-8"))] if path.is_file() else []


def read_with_current(table: Table, root: Path = DATA) -> pd.DataFrame:
    """Read a table, such as ensemble/strength, of ended seasons followed by those in progress.

    The table is in `data` and in `data/current/results`; errors as in `read_table`.
    """
    current = root / RESULTS.relative_to(DATA)
    frames = [read_table(table, root)]
    if current_seasons(current):
        frames.append(read_table(table, current))
    return pd.concat(frames, ignore_index=True)
