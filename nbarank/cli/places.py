"""Where a command works: in the repository's folder, wherever in it the command was typed."""

from __future__ import annotations

import os
from pathlib import Path

from nbarank.core.errors import NbarankError

MARKS = ("dvc.yaml", "params.yaml", ".dvc")
_typed_in: Path | None = None


def enter_repository() -> None:
    """Change to the repository's folder: the current one, or the nearest above it with a mark.

    Raises
    ------
    NbarankError
        Outside a repository.
    """
    global _typed_in
    here = Path.cwd()
    for folder in (here, *here.parents):
        if any((folder / mark).exists() for mark in MARKS):
            _typed_in = here
            os.chdir(folder)
            return
    raise NbarankError(
        "This folder is not inside an nbarank repository.",
        where=str(here),
        allowed="the folder of a clone (with dvc.yaml and params.yaml), or one below it",
        next_command="cd to the clone, then the same command",
    )


def moved() -> bool:
    """Return whether the command was typed below the repository's folder."""
    return _typed_in is not None and Path.cwd() != _typed_in


def typed(path: Path) -> Path:
    """Return a path that was typed relative to the folder of the command."""
    return path if _typed_in is None else _typed_in / path
