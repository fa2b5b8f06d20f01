"""Private clones of the user's repository in which experiments run or are computed."""

from __future__ import annotations

import shutil
from pathlib import Path

from dvc.config import Config

from nbarank.dvc.git import git

LOCAL_SETTINGS = Path(".dvc") / "config.local"


def make_shared_clone(home: Path, folder: Path, commit: str) -> None:
    """Clone a repository at a commit, with the identity, remotes and DVC cache of `home`.

    Objects of git are shared (`git clone --shared`), so a clone takes no space and 20 ms.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    git(home, "clone", "-q", "--shared", "--no-checkout", str(home), str(folder))
    git(folder, "checkout", "-q", "-B", "sweep", commit)
    for key in ("user.name", "user.email"):
        value = git(home, "config", key, check=False).strip()
        git(folder, "config", key, value or f"nbarank-{key[5:]}@localhost")
    git(folder, "config", "gc.auto", "0")
    if (home / LOCAL_SETTINGS).exists():
        shutil.copy(home / LOCAL_SETTINGS, folder / LOCAL_SETTINGS)
    cache = Config(str(home / ".dvc"))["cache"].get("dir", "cache")
    with Config(str(folder / ".dvc")).edit("local") as settings:
        settings["cache"]["dir"] = str(home / ".dvc" / cache)
        settings["core"]["analytics"] = False
