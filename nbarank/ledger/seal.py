"""Sealing: what an entry records besides the forecast, and when it is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.tables import sha256
from nbarank.dvc.git import git, head
from nbarank.ledger.chain import FOLDER, LedgerError, append, finish_stopped, locked, read_entries
from nbarank.ledger.entry import Entry

LOCK, MANIFEST = Path("dvc.lock"), Path("data/manifest.json")


def seal(
    root: Path,
    day: pd.Timestamp,
    forecast: Callable[[pd.Timestamp], dict[str, Any]],
    games: pd.DataFrame,
    today: dt.date,
    *,
    replay: bool,
) -> Entry:
    """Append the forecast of a day to the ledger; a day that is sealed already keeps its entry.

    Parameters
    ----------
    forecast
        Returns the `sealed_forecast` of a day; called after the checks.
    games
        Table league/games of all seasons.
    today
        The day on which it is sealed.
    replay
        Seal a day of the past; the entry is marked for good.

    Raises
    ------
    LedgerError
        If the tree has uncommitted changes, the day is not today, or has results in the data;
        with `replay`, if the day is not past.
    """
    require_clean(root)
    with locked(root):
        return _sealed(root, day, forecast, games, today, replay)


def _sealed(
    root: Path,
    day: pd.Timestamp,
    forecast: Callable[[pd.Timestamp], dict[str, Any]],
    games: pd.DataFrame,
    today: dt.date,
    replay: bool,
) -> Entry:
    finish_stopped(root)
    for entry in read_entries(root):
        if entry.content["as_of"] == f"{day:%Y-%m-%d}":
            return entry
    if not replay and (day.date() != today or (games["game_date"] >= day).any()):
        raise LedgerError(
            f"{day:%Y-%m-%d} is not today."
            if day.date() != today
            else f"The data has results of {day:%Y-%m-%d} or later.",
            where=f"today is {today}, the latest game of {games['game_date'].max():%Y-%m-%d}",
            allowed="today, before its games are in the data",
            next_command=f"nbarank seal --replay {day:%Y-%m-%d}   (marked as a replay for good)",
        )
    if replay and day.date() >= today:
        raise LedgerError(
            f"{day:%Y-%m-%d} is not past.",
            where="--replay",
            allowed=f"days before {today}",
            next_command="nbarank seal",
        )
    content = forecast(day)
    facts = {
        "season": content["season"],
        "as_of": content["as_of"],
        "sealed_on": today.isoformat(),
        "replay": replay,
        "commit": head(root),
        "dvc_lock": sha256(root / LOCK),
        "manifest": sha256(root / MANIFEST),
    }
    return append(root, facts, content)


def require_clean(root: Path) -> None:
    """Refuse changes that are not committed, except new entries of the ledger.

    Raises
    ------
    LedgerError
        With the first changed files, or with sealed forecasts that are gone: `dvc exp apply` takes
        away what was committed after the run.
    """
    lines = git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    gone = [line[3:] for line in lines if "D" in line[:2] and line[3:].startswith(f"{FOLDER}/")]
    if gone:
        raise LedgerError(
            "Files of the ledger that are committed are gone.",
            where=", ".join(gone[:5]),
            allowed="the ledger as committed, and new entries",
            next_command=f"git checkout HEAD -- {FOLDER}",
        )
    changed = [
        line[3:]
        for line in lines
        if not (line.startswith(("??", "A ")) and line[3:].startswith(f"{FOLDER}/"))
        and line[3:] != f"{FOLDER}/SHA256SUMS"
    ]
    if changed:
        raise LedgerError(
            "Files differ from the commit: no one could repeat this forecast.",
            where=", ".join(changed[:5]) + (f" and {len(changed) - 5} more" * (len(changed) > 5)),
            allowed="a clean tree; only new entries of the ledger may be uncommitted",
            next_command="git add -A && git commit -m 'Before sealing'   (or git stash)",
        )
