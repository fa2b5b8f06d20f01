"""Scikit-learn models as skops files: the same bytes for the same model.

skops writes memory addresses and the time of day into its archive. Here addresses are numbered in
order of appearance and the time is fixed.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import skops.io

from nbarank.core.errors import RankerError
from nbarank.core.tables import atomic_path

SCHEMA = "schema.json"
TRUSTED = ("sklearn.tree._tree.Tree",)
_ADDRESS = re.compile(r'(?<="__id__": )\d+|(?<=")\d+(?=\.npy")')


def write_skops(model: Any, path: Path) -> None:
    """Write a fitted scikit-learn model."""
    numbers: dict[str, str] = {}

    def number(address: str) -> str:
        return numbers.setdefault(address, str(len(numbers)))

    def renamed(name: str) -> str:
        stem, dot, ending = name.partition(".")
        return f"{number(stem)}{dot}{ending}" if stem.isdigit() else name

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as archive:
        schema = archive.read(SCHEMA).decode("utf-8")
        schema = _ADDRESS.sub(lambda match: number(match.group()), schema)
        members = {renamed(n): archive.read(n) for n in archive.namelist() if n != SCHEMA}
    members[SCHEMA] = schema.encode("utf-8")
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, members[name], zipfile.ZIP_DEFLATED)


def read_skops(path: Path) -> Any:
    """Read a file of `write_skops`; RankerError if it is missing, invalid or not trusted."""
    try:
        return skops.io.load(path, trusted=list(TRUSTED))
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise RankerError(
            f"The saved model cannot be read: {error}",
            where=str(path),
            allowed="a file of write_skops",
            next_command="dvc repro   (or dvc pull, if a remote has it)",
        ) from error
