"""Private clones in which trials run, one per worker, never the user's tree.

A kill of `dvc exp run` at the wrong moment leaves a tree on a detached HEAD with changed
parameters, and two runs in one clone can take each other's stash. `git clone --shared` takes no
space and 20 ms, `cache.dir` is the user's cache, and a clone is made again after every kill.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psutil  # type: ignore[import-untyped, unused-ignore]
from dvc.config import Config

from nbarank.core.errors import RevisionError
from nbarank.dvc.git import experiment_refs, fetch_refs, git, ref_exists
from nbarank.dvc.param_values import flattened

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
    """A worker's clone, and the lock that shows that a live sweep uses it.

    Parameters
    ----------
    home
        Root of the user's repository.
    base
        Commit of the trials.
    cache
        The cache shared with the user's repository.
    """

    home: Path
    folder: Path
    base: str
    cache: Path
    lock: BinaryIO

    @property
    def environment(self) -> dict[str, str]:
        """Return the variable that marks every process of this clone."""
        return {SLOT_VARIABLE: str(self.folder)}

    def make(self, study: str) -> None:
        """Make the clone afresh, after ending its processes and saving the study's results."""
        end_processes_of(self.folder)
        if self.folder.exists():
            self.rescue(study)
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        git(self.home, "clone", "-q", "--shared", "--no-checkout", str(self.home), str(self.folder))
        git(self.folder, "checkout", "-q", "-B", "sweep", self.base)
        for key in ("user.name", "user.email"):
            value = git(self.home, "config", key, check=False).strip()
            git(self.folder, "config", key, value or f"nbarank-{key[5:]}@localhost")
        git(self.folder, "config", "gc.auto", "0")
        local = Path(".dvc") / "config.local"
        if (self.home / local).exists():
            shutil.copy(self.home / local, self.folder / local)
        with Config(str(self.folder / ".dvc")).edit("local") as settings:
            settings["cache"]["dir"] = str(self.cache)
            settings["core"]["analytics"] = False

    def rescue(self, study: str) -> None:
        """Bring home every finished experiment of a study that is only in this clone."""
        try:
            found = experiment_refs(self.folder)
        except RevisionError:
            return  # killed while it was being made: nothing ran here yet
        refs = [ref for ref in found if ref.rsplit("/", 1)[1].startswith(f"{study}-")]
        fetch_refs(self.home, self.folder, refs)

    def bring_home(self, ref: str) -> None:
        """Fetch one experiment home and drop it here, so that a clone never grows.

        One that came home when its clone was made again is no longer here.
        """
        if ref_exists(self.folder, ref):
            fetch_refs(self.home, self.folder, [ref])
            git(self.folder, "update-ref", "-d", ref)

    def release(self) -> None:
        """Give the clone's place back."""
        with contextlib.suppress(OSError):
            self.lock.close()


def take_clone(home: Path, study: str, base: str, cache: Path, token: str) -> Clone:
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
    clone = Clone(home, places / str(number), base, cache, lock)
    clone.make(study)
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
                clone = Clone(home, path.with_suffix(""), "", Path(), lock)
                end_processes_of(clone.folder)
                if clone.folder.exists():
                    clone.rescue(study)
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


def absolute_paths(params: Mapping[str, Any], root: Path) -> dict[str, str]:
    """Return the parameters that point outside the repository, made absolute.

    Parameters
    ----------
    params
        Parameters, nested or by dotted key.
    root
        The user's repository: a clone is in another folder, so `../box_scores` would differ.
    """
    found: dict[str, str] = {}
    for key, value in flattened(params).items():
        if isinstance(value, str) and value.startswith(("..", "~")):
            path = Path(os.path.normpath(root / Path(value).expanduser()))
            if path.exists() and root not in path.parents:
                found[key] = str(path)
    return found


def cache_folder(home: Path) -> Path:
    """Return the DVC cache of a repository, absolute."""
    directory = Config(str(home / ".dvc"))["cache"].get("dir")
    return Path(home / ".dvc" / directory) if directory else home / ".dvc" / "cache"
