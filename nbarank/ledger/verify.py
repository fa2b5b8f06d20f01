"""Checks of the ledger: the chain, its history in git, and the forecasts themselves."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dvc.config import Config
from dvc.repo import Repo

from nbarank.core.tables import sha256
from nbarank.dvc.git import git, has_commit, show_bytes, tool_environment
from nbarank.ledger.chain import FOLDER, Entry, canonical, examined, sha256_of
from nbarank.ledger.seal import LOCK, MANIFEST

COMMAND = (sys.executable, "-c", "from nbarank.cli.main import main; main()")
LATEST_COMMIT = dt.timedelta(days=1)
"""A live entry is committed within this time after its day."""


@dataclass(frozen=True)
class Verified:
    """Number of entries, of forecasts recomputed, problems, and what could not be checked."""

    entries: int
    recomputed: int
    problems: tuple[str, ...]
    unchecked: tuple[str, ...]


def verify_ledger(root: Path, *, recompute: bool = True) -> Verified:
    """Check the chain, that no committed entry was changed, and every forecast byte for byte."""
    entries, problems = examined(root)
    problems += [problem for entry in entries for problem in _history_problems(root, entry)]
    done, unchecked = 0, []
    by_commit: dict[str, list[Entry]] = {}
    for entry in entries:
        by_commit.setdefault(entry.content["commit"], []).append(entry)
    for commit, own in by_commit.items() if recompute else ():
        if not has_commit(root, commit):
            problems.append(f"{own[0].name}: commit {commit[:12]} is not in this repository")
            continue
        found, reason = _recomputed(root, commit, own)
        done += len(found)
        problems += [
            f"{entry.name} has another {what} than its commit {commit[:12]} gives"
            for entry, (manifest, forecast) in zip(own, found, strict=False)
            for what, differs in (
                ("manifest", manifest != entry.content["manifest"]),
                ("forecast", forecast != canonical(entry.content["forecast"])),
            )
            if differs
        ]
        if reason:
            unchecked.append(f"{len(own)} forecast(s) of commit {commit[:12]}: {reason}")
    return Verified(len(entries), done, tuple(problems), tuple(unchecked))


def _history_problems(root: Path, entry: Entry) -> list[str]:
    """Return differences between an entry and git: changed since it was added, or added late."""
    path = f"{FOLDER}/{entry.name}"
    log = git(root, "log", "--format=%H %cI", "--", path, check=False).split("\n")
    commits = [line.split() for line in log if line]
    problems = []
    if len(commits) > 1:
        problems.append(f"{entry.name} was changed by a commit after it was added")
    if commits and show_bytes(root, commits[-1][0], path) != entry.data:
        problems.append(f"{entry.name} is not what commit {commits[-1][0][:12]} added")
    if commits and not entry.content["replay"]:
        added = dt.datetime.fromisoformat(commits[-1][1]).date()
        if added > dt.date.fromisoformat(entry.content["as_of"]) + LATEST_COMMIT:
            problems.append(f"{entry.name} was committed on {added}, after its games")
    commit = entry.content["commit"]
    lock = show_bytes(root, commit, LOCK.as_posix()) if has_commit(root, commit) else None
    if lock is not None and sha256_of(lock) != entry.content["dvc_lock"]:
        problems.append(f"{entry.name} names another dvc.lock than its commit has")
    return problems


def _recomputed(
    root: Path, commit: str, entries: Sequence[Entry]
) -> tuple[list[tuple[str, bytes]], str]:
    """Return manifest hash and forecast of each entry by a commit's code and outputs.

    Without them: an empty list, and why.
    """
    with tempfile.TemporaryDirectory(prefix="nbarank-ledger-") as folder:
        clone = Path(folder) / "clone"
        git(root, "clone", "-q", "--shared", "--no-checkout", str(root), str(clone))
        git(clone, "checkout", "-q", "--detach", commit)
        with Config(str(clone / ".dvc")).edit("local") as settings:
            settings["cache"]["dir"] = str(Repo(str(root)).cache.local_cache_dir)
        if _run(clone, (sys.executable, "-m", "dvc", "checkout", "-q")).returncode:
            return [], "its outputs are not in DVC's cache (dvc fetch --all-commits)"
        manifest = sha256(clone / MANIFEST)
        days = [entry.content["as_of"] for entry in entries]
        done = _run(clone, (*COMMAND, "seal", "--print", *days))
        if done.returncode:
            return [], f"its code stopped: {done.stderr.strip()[-300:]}"
    return [(manifest, line + b"\n") for line in done.stdout.encode().splitlines()], ""


def _run(folder: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = tool_environment({"PYTHONPATH": str(folder)})
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
