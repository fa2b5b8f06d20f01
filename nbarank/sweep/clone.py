"""Private clones in which trials run, one per worker, never the user's tree.

A kill of `dvc exp run` at the wrong moment leaves the tree on a detached HEAD with changed
parameters, and two runs in one clone can take each other's stash. So every worker has a clone of
its own: `git clone --shared` takes no room and 20 ms, `cache.dir` points at the user's cache, and
a clone that was killed in is thrown away and made again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from nbarank.core.errors import RevisionError
from nbarank.dvc.git import experiment_refs, fetch_refs, git, ref_exists
from nbarank.dvc.param_values import flattened
from nbarank.sweep.processes import end_marked

SWEEP_FOLDER = ".sweeps"
SLOT_VARIABLE = "NBARANK_SWEEP_SLOT"


def sweep_folder(root: Path) -> Path:
    """Return the folder for studies, clones and logs in a repository; git and DVC ignore it."""
    folder = root / SWEEP_FOLDER
    folder.mkdir(exist_ok=True)
    for name in (".gitignore", ".dvcignore"):
        if not (folder / name).exists():
            (folder / name).write_text("*\n")
    return folder


@dataclass
class Clone:
    """A worker's place: its folder, and the lock that says a live sweep owns it.

    Parameters
    ----------
    home
        Root of the user's repository.
    folder
        The clone.
    base
        Commit that trials hang off.
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
        """Return what marks every process that works in this clone, so that none outlives it."""
        return {SLOT_VARIABLE: str(self.folder)}

    def make(self, study: str) -> None:
        """Make the clone afresh: end what still runs in it, save its results, clone again.

        Parameters
        ----------
        study
            Experiments of this study that the old clone finished are brought home first.
        """
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
        local = self.home / ".dvc" / "config.local"
        settings = local.read_text() if local.exists() else ""
        (self.folder / ".dvc" / "config.local").write_text(
            _with_settings(
                settings,
                {"cache": {"dir": str(self.cache)}, "core": {"analytics": "false"}},
            )
        )

    def rescue(self, study: str) -> list[str]:
        """Bring home every finished experiment of a study that is still only in this clone."""
        try:
            found = experiment_refs(self.folder)
        except RevisionError:
            return []  # killed while it was being made: nothing ran here yet
        refs = [ref for ref in found if ref.rsplit("/", 1)[1].startswith(f"{study}-")]
        fetch_refs(self.home, self.folder, refs)
        return refs

    def bring_home(self, ref: str) -> None:
        """Fetch one experiment home and drop it here, so that a clone never grows.

        Nothing is left to do for one that came home when its clone was made again.
        """
        if not ref_exists(self.folder, ref):
            return
        fetch_refs(self.home, self.folder, [ref])
        git(self.folder, "update-ref", "-d", ref)

    def release(self) -> None:
        """Let another sweep have this place."""
        with contextlib.suppress(OSError):
            fcntl.flock(self.lock, fcntl.LOCK_UN)
            self.lock.close()


def take_clone(home: Path, study: str, base: str, cache: Path) -> Clone:
    """Take the first place no live sweep holds, and make its clone afresh."""
    places = sweep_folder(home) / "clones" / study
    places.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        lock = (places / f"{number}.lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            number += 1
            continue
        clone = Clone(home, places / str(number), base, cache, lock)
        clone.make(study)
        return clone


def rescue_abandoned(home: Path, study: str) -> None:
    """Bring home what the clones of a killed sweep had finished, and end what runs in them.

    Clones of a live sweep are left alone.
    """
    places = sweep_folder(home) / "clones" / study
    for path in sorted(places.glob("*.lock")):
        with path.open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            clone = Clone(home, path.with_suffix(""), "", Path(), lock)
            end_processes_of(clone.folder)
            if clone.folder.exists():
                clone.rescue(study)


def end_processes_of(folder: Path) -> int:
    """Kill every process that was started for a clone; returns how many there were."""
    return end_marked(SLOT_VARIABLE, str(folder))


def absolute_paths(params: Mapping[str, Any], root: Path) -> dict[str, str]:
    """Return the parameters that point outside the repository, made absolute.

    A clone lies elsewhere, so `../shared/box_scores` would mean another folder there.

    Parameters
    ----------
    params
        Parameters, nested or by dotted key.
    root
        The user's repository, from which such paths are meant.
    """
    found: dict[str, str] = {}
    for key, value in flattened(params).items():
        if isinstance(value, str) and (value.startswith("..") or value.startswith("~")):
            path = Path(os.path.normpath(root / Path(value).expanduser()))
            if path.exists() and root not in path.parents:
                found[key] = str(path)
    return found


def cache_folder(home: Path) -> Path:
    """Return the DVC cache of a repository, absolute."""
    from dvc.config import Config

    directory = Config(str(home / ".dvc"))["cache"].get("dir")
    return Path(home / ".dvc" / directory) if directory else home / ".dvc" / "cache"


def _with_settings(text: str, settings: dict[str, dict[str, str]]) -> str:
    """Return a DVC configuration with some settings put over it, everything else kept."""
    from configobj import ConfigObj  # type: ignore[import-untyped, unused-ignore]

    config = ConfigObj(text.splitlines())
    for section, values in settings.items():
        config.setdefault(section, {}).update(values)
    return "\n".join(config.write()) + "\n"
