"""Where a command works: in the repository's folder, wherever in it the command was typed."""

from __future__ import annotations

import os
from pathlib import Path

from nbarank.dvc.repository import find_repository

_typed_in: Path | None = None


def enter_repository() -> None:
    """Change to the repository's folder; errors as in `find_repository`."""
    global _typed_in
    here = Path.cwd()
    os.chdir(find_repository(here))
    _typed_in = here


def moved() -> bool:
    """Return whether the command was typed below the repository's folder."""
    return _typed_in is not None and Path.cwd() != _typed_in


def typed(path: Path) -> Path:
    """Return a path that was typed relative to the folder of the command."""
    return path if _typed_in is None else _typed_in / path
