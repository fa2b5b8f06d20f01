"""Private clones in which trials run, one per worker, never the user's tree.

A kill of `dvc exp run` at the wrong moment leaves a tree on a detached HEAD with changed
parameters, and two runs in one clone can take each other's stash. A clone is made again after
every kill.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil  # type: ignore[import-untyped, unused-ignore]

from nbarank.core.errors import RevisionError
from nbarank.core.live_curve import CURVE_VARIABLE
from nbarank.dvc.git import experiment_refs, fetch_refs, git, ref_exists
from nbarank.dvc.shared_clone import make_shared_clone

SWEEP_FOLDER = ".sweeps"
SLOT_VARIABLE = "NBARANK_SWEEP_SLOT"
"""Environment variable of all processes that work in a clone; children inherit it."""


def sweep_folder(root: Path) -> Path:
    """Return the folder of studies, clones and logs in a repository; git and DVC ignore it."""
    folder = root / SWEEP_FOLDER
    folder.mkdir(exist_ok=True)
    for name in (".gitignore", ".dvcignore"):
        if not (folder / name).exists():
            (folder / name).write_text("*\n")
    return folder


@dataclass
class Clone:
    """A worker's clone of `home` at the commit `base`; its lock shows that a live sweep uses it."""

    home: Path
    folder: Path
    base: str
    lock: BinaryIO

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables of all processes of this clone: its mark, and the curve's file."""
        return {SLOT_VARIABLE: str(self.folder), CURVE_VARIABLE: str(self.curve)}

    @property
    def curve(self) -> Path:
        """Return the file of the validation curve of the job that runs."""
        return self.folder.with_suffix(".curve")

    @property
    def study(self) -> str:
        """Return the name of the study that uses the clone."""
        return self.folder.parent.name

    def make(self) -> None:
        """Make the clone afresh, after ending its processes and saving its results."""
        self.rescue()
        shutil.rmtree(self.folder, ignore_errors=True)
        make_shared_clone(self.home, self.folder, self.base)

    def rescue(self) -> None:
        """End all processes, and bring home every finished experiment that is only here."""
        end_processes_of(self.folder)
        try:
            found = experiment_refs(self.folder)
        except RevisionError:
            return  # not made yet, or killed while it was being made: nothing ran here
        refs = [ref for ref in found if ref.rsplit("/", 1)[1].startswith(f"{self.study}-")]
        fetch_refs(self.home, self.folder, refs)

    def bring_home(self, ref: str) -> None:
        """Fetch one experiment home and drop it here, so that a clone never grows.

        One that came home when its clone was made again is no longer here.
        """
        if ref_exists(self.folder, ref):
            fetch_refs(self.home, self.folder, [ref])
            git(self.folder, "update-ref", "-d", ref)


def take_clone(home: Path, study: str, base: str, token: str) -> Clone:
    """Take the first place that no live sweep uses, and make its clone afresh.

    The lock file holds the sweep's token, by which its trials are found if it is killed.
    """
    places = _places(home, study)
    places.mkdir(parents=True, exist_ok=True)
    number = 0
    while (lock := _locked(places / f"{number}.lock")) is None:
        number += 1
    lock.truncate(0)
    lock.write(token.encode())
    lock.flush()
    clone = Clone(home, places / str(number), base, lock)
    clone.make()
    return clone


def rescue_abandoned(home: Path, study: str) -> set[str]:
    """Bring home what the clones of killed sweeps had finished, and end what runs in them.

    Clones of a live sweep are left alone. Returns the tokens of the killed sweeps.
    """
    tokens = set()
    for path in sorted(_places(home, study).glob("*.lock")):
        if lock := _locked(path):
            with lock:
                tokens.add(path.read_text())
                Clone(home, path.with_suffix(""), "", lock).rescue()
    return tokens - {""}


def _places(home: Path, study: str) -> Path:
    return sweep_folder(home) / "clones" / study


def _locked(path: Path) -> BinaryIO | None:
    """Open and lock a file; None while another process has it locked."""
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def processes_of(folder: Path) -> Iterator[psutil.Process]:
    """Yield the processes that were started for a clone, those of killed parents included."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(SLOT_VARIABLE) == str(folder):
                yield process


def end_processes_of(folder: Path) -> None:
    """Kill every process that was started for a clone, and wait until they have ended."""
    ended = list(processes_of(folder))
    for process in ended:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(ended, timeout=10)
