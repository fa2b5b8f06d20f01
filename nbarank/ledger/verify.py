"""Checks of the ledger: the chain, its history in git, and the forecasts themselves."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from dvc.config import Config
from dvc.repo import Repo

from nbarank.core.tables import sha256
from nbarank.dvc.git import git, has_commit, require_whole_history, show_bytes, tool_environment
from nbarank.ledger.chain import FOLDER, NAME, entry_names, examined
from nbarank.ledger.entry import Entry, canonical, sha256_of
from nbarank.ledger.seal import LOCK, MANIFEST

COMMAND = (sys.executable, "-c", "from nbarank.cli.main import main; main()")
LATEST_COMMIT = dt.timedelta(days=1)
"""A live entry is committed within this time after its day."""

NOT_CHECKED = (
    "Not checked: when the commits were made, whose dates are the author's claim. The witness is\n"
    "the server that the ledger was pushed to."
)
NOT_RECOMPUTED = (
    "Not checked (--chain): the forecasts. An amended or rebased history agrees with itself:\n"
    "verify without --chain, in a fresh clone of the server that the ledger was pushed to."
)


@dataclass(frozen=True)
class Verified:
    """Number of entries, of forecasts recomputed, problems, and what could not be checked."""

    entries: int
    recomputed: int
    problems: tuple[str, ...]
    unchecked: tuple[str, ...]


def verify_ledger(root: Path, *, recompute: bool = True) -> Verified:
    """Check the chain, that every entry ever committed is here, and every forecast byte for byte.

    Raises
    ------
    RevisionError
        In a shallow clone, which has no history to check against.
    """
    require_whole_history(root)
    entries, problems = examined(root)
    history = _committed(root)
    problems += _missing(entry_names(root), history)
    problems += [text for one in entries for text in _history_problems(root, one, history)]
    done, unchecked = (
        0,
        [
            f"{entry.name} is not committed: nothing shows yet when it was sealed"
            for entry in entries
            if entry.name not in history
        ],
    )
    by_commit: dict[str, list[Entry]] = {}
    for entry in entries:
        by_commit.setdefault(entry.content["commit"], []).append(entry)
    for commit, own in by_commit.items() if recompute else ():
        if not has_commit(root, commit):
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


class Added(NamedTuple):
    """A commit that added or changed an entry, its day, and the blob that it stored."""

    commit: str
    day: dt.date
    blob: str


def _committed(root: Path) -> dict[str, list[Added]]:
    """Return what HEAD and its ancestors ever stored of each entry, oldest first."""
    form = ("--format=@%H %cI", "--raw", "--no-abbrev", "--no-renames", "--full-history", "-m")
    lines = git(root, "log", *form, "HEAD", "--", str(FOLDER)).splitlines()
    found: dict[str, list[Added]] = {}
    commit, day = "", dt.date.min
    for line in lines:
        if line.startswith("@"):
            commit, time = line[1:].split()
            day = dt.datetime.fromisoformat(time).date()
        elif line.startswith(":"):
            facts, path = line.split("\t", 1)
            blob, name = facts.split()[3], path.removeprefix(f"{FOLDER}/")
            if NAME.fullmatch(name) and blob.strip("0"):
                found.setdefault(name, []).insert(0, Added(commit, day, blob))
    return found


def _missing(names: Sequence[str], history: Mapping[str, Sequence[Added]]) -> list[str]:
    """Return committed entries that are gone, and others that precede a committed one."""
    last = max(history, default="")
    gone = {name: history[name][0].commit[:12] for name in sorted(set(history) - set(names))}
    return [
        f"{name} was added by commit {commit} and is gone: "
        f"git checkout {quote(commit)} -- {FOLDER}/{quote(name)}"
        for name, commit in gone.items()
    ] + [
        f"{name} is not committed, but {last} is"
        for name in names
        if name not in history and name < last
    ]


def _history_problems(
    root: Path, entry: Entry, history: Mapping[str, Sequence[Added]]
) -> list[str]:
    """Return differences between an entry and git: changed since it was added, or added late."""
    problems, added, day = [], history.get(entry.name), dt.date.today()
    if added:
        first, day = added[0].commit, added[0].day
        if len({one.blob for one in added}) > 1:
            problems.append(f"{entry.name} was changed by a commit after it was added")
        if show_bytes(root, first, f"{FOLDER}/{entry.name}") != entry.data:
            problems.append(f"{entry.name} is not what commit {first[:12]} added")
    sealed = dt.date.fromisoformat(entry.content["as_of"])
    if not entry.content["replay"] and day > sealed + LATEST_COMMIT:
        what = f"was committed on {day}, after its games" if added else "was not committed in time"
        problems.append(f"{entry.name} {what}")
    commit = entry.content["commit"]
    if not has_commit(root, commit):
        return [*problems, f"{entry.name}: commit {commit[:12]} is not in this repository"]
    lock = show_bytes(root, commit, LOCK.as_posix())
    if lock is None or sha256_of(lock) != entry.content["dvc_lock"]:
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
