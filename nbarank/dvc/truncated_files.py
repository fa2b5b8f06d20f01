"""Files that DVC overwrites in place: a kill during the write truncates them and DVC stops.

Observed with DVC 3.67: `dvc.lock` and `.dvc/tmp/rwlock` are opened and overwritten, not replaced.
"""

from __future__ import annotations

import json
from pathlib import Path

from nbarank.core.errors import ParamsError
from nbarank.core.sections import read_yaml

LOCK_FILE = Path("dvc.lock")
PIPELINE_FILE = Path("dvc.yaml")
RWLOCK_FILE = Path(".dvc/tmp/rwlock")
FIXES = {
    LOCK_FILE: "git checkout -- dvc.lock (or rm dvc.lock if git has none), then dvc repro",
    RWLOCK_FILE: "rm .dvc/tmp/rwlock while no dvc is running, then dvc repro",
}
"""How to fix each; no computed output is lost."""


def truncated(root: Path) -> list[Path]:
    """Return those of the files in `FIXES` that exist below `root` and DVC would refuse to read."""
    return [
        path
        for path, is_valid in ((LOCK_FILE, _is_lock), (RWLOCK_FILE, _is_json))
        if (root / path).is_file() and not is_valid(root / path)
    ]


def require_readable(root: Path) -> None:
    """Raise a ParamsError if dvc.yaml is not plain YAML: DVC can crash on deep nesting."""
    if (root / PIPELINE_FILE).exists():
        read_yaml(root / PIPELINE_FILE)


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
    except (ValueError, RecursionError):
        return False
    return True
