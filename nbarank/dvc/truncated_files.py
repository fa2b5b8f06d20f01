"""Files that DVC writes in place: a kill in that instant leaves them cut off, and DVC stuck.

Seen with DVC 3.67: `dvc.lock` and `.dvc/tmp/rwlock` are opened and overwritten, not replaced.
"""

from __future__ import annotations

import json
from pathlib import Path

from nbarank.core.errors import ParamsError
from nbarank.core.sections import read_yaml

LOCK_FILE = Path("dvc.lock")
RWLOCK_FILE = Path(".dvc/tmp/rwlock")
REMEDIES = {
    LOCK_FILE: "git checkout -- dvc.lock (or rm dvc.lock, where git has none), then dvc repro",
    RWLOCK_FILE: "rm .dvc/tmp/rwlock while no dvc is running, then dvc repro",
}
"""What to do about each; nothing that has been computed is lost."""


def cut_off(root: Path) -> list[Path]:
    """Return those of the files in `REMEDIES` that DVC would refuse to read.

    Parameters
    ----------
    root
        Root of the repository. A file that is not there is no fault.
    """
    return [
        path
        for path, sound in ((LOCK_FILE, _is_lock), (RWLOCK_FILE, _is_json))
        if (root / path).is_file() and not sound(root / path)
    ]


def _is_lock(path: Path) -> bool:
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from voluptuous import Invalid

    try:
        COMPILED_LOCKFILE_SCHEMA(read_yaml(path))
    except (ParamsError, Invalid):
        return False
    return True


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True
