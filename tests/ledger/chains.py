"""Chains of three entries, and repositories that commit them."""

import os
import subprocess
from pathlib import Path

from nbarank.ledger.chain import append

from .rebuilding import SEASON, small_forecast

FACTS = {"season": SEASON, "commit": "c" * 40, "dvc_lock": "d" * 64, "manifest": "e" * 64}
DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")
LOCK = "lock\n"


def add(root: Path, day: str, **changes: object) -> None:
    facts = {**FACTS, "as_of": day, "sealed_on": day, "replay": False, **changes}
    append(root, facts, small_forecast(day))


def write_chain(root: Path, **changes: object) -> None:
    for day in DAYS:
        add(root, day, **changes)


IN_TIME, LATE = "2026-01-02T12:00:00", "2026-01-05T12:00:00"


def git(root: Path, *arguments: str, at: str = IN_TIME) -> str:
    own = ("-c", "user.name=a", "-c", "user.email=a@b", "-C", str(root))
    return subprocess.run(
        ["git", *own, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GIT_COMMITTER_DATE": at, "GIT_CONFIG_GLOBAL": os.devnull},
    ).stdout


def commit(root: Path, message: str = "change", at: str = IN_TIME) -> str:
    git(root, "add", "-A")
    git(root, "commit", "-qm", message, at=at)
    return git(root, "rev-parse", "HEAD").strip()
