"""The folder of a repository, found from any folder in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from nbarank.core.errors import NbarankError

MARKS = ("dvc.yaml", "params.yaml", ".dvc")


def find_repository(start: Path) -> Path:
    """Return the nearest folder with one of `MARKS`: `start` or one above it.

    Raises
    ------
    NbarankError
        If there is none.
    """
    for folder in (start, *start.parents):
        if any((folder / mark).exists() for mark in MARKS):
            return folder
    raise NbarankError(
        "This folder is not inside an nbarank repository.",
        where=str(start),
        allowed="the folder of a clone (with dvc.yaml and params.yaml), or one below it",
        next_command="cd to the clone, then the same command",
    )


@contextlib.contextmanager
def in_repository(start: Path | str | None = None) -> Iterator[None]:
    """Work in the repository around a folder, by default the current one; errors as above."""
    folder = Path.cwd() if start is None else Path(start).expanduser().resolve()
    with contextlib.chdir(find_repository(folder)):
        yield
