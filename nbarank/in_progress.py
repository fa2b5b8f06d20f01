"""The season that is being played, kept apart from those that have ended.

Nothing that is learnt or scored reads the season in progress, so it lies in tables of its own:
`data/history` holds what is known of the seasons that have ended, and every model, forecast and
figure of these reads nothing else; `data/current` holds what the models say of the season in
progress. A week of new games then changes no file of `data/history`, and DVC trains nothing again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from nbarank.params.seasons import SeasonsParams
from nbarank.tables import DATA, Table, read_table, write_text

HISTORY = DATA / "history"
CURRENT = DATA / "current"
SEASONS_FILE = "seasons.json"


def in_progress(roles: SeasonsParams, available: Iterable[str], ended: Iterable[str]) -> list[str]:
    """Return the seasons to be forecast that have begun and not ended, oldest first.

    Parameters
    ----------
    roles
        Section `seasons`: only test and holdout seasons are forecast.
    available
        Seasons of which something is described.
    ended
        Seasons whose outcome is known. A season before the last of them is not in progress, but
        incomplete: models that have seen later ones must not rank it.
    """
    known, over = set(available), set(ended)
    last = max(over, default="")
    return [
        season
        for season in (*roles.test, *roles.holdout)
        if season in known and season not in over and season > last
    ]


def not_ranked(
    roles: SeasonsParams, available: Iterable[str], ended: Iterable[str]
) -> dict[str, str]:
    """Return the seasons that have neither ended nor are in progress, and why, oldest first.

    Parameters are those of `in_progress`.
    """
    known, over = set(available), set(ended)
    ranked = in_progress(roles, known, over)
    last = max(over, default="")
    return {
        season: f"games are missing, and {last} has ended since"
        if season < last
        else "it has no role among seasons.test and seasons.holdout"
        for season in sorted(known - over - set(ranked))
    }


def write_current_seasons(seasons: Iterable[str], root: Path = CURRENT) -> None:
    """Say which seasons the tables of `data/current` are about; none where there are no tables."""
    write_text(root / SEASONS_FILE, json.dumps(list(seasons)) + "\n")


def current_seasons(root: Path = CURRENT) -> list[str]:
    """Return the seasons that `data/current` is about; none where it has not been made."""
    path = root / SEASONS_FILE
    return [str(season) for season in json.loads(path.read_text("utf-8"))] if path.is_file() else []


def read_with_current(table: Table, root: Path = DATA) -> pd.DataFrame:
    """Read a table of the seasons that have ended, followed by those in progress.

    Parameters
    ----------
    table
        A table that both `data` and `data/current` hold, such as ensemble/strength.
    root
        The folder `data`.

    Raises
    ------
    TableError
        As `nbarank.tables.read_table`.
    """
    current = root / CURRENT.relative_to(DATA)
    frames = [read_table(table, root)]
    if current_seasons(current):
        frames.append(read_table(table, current))
    return pd.concat(frames, ignore_index=True)
