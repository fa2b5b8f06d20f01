"""Tables between stages: read and written through their schema, whole or not at all.

A `Table` is a contract: a name, the grain in words, a key and a pandera schema. Its file is
`data/<name>.parquet`. Rows are sorted by key before they are written, so the same rows always
give the same bytes.
"""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow

from nbarank.errors import TableError

DATA = Path("data")


@dataclass(frozen=True)
class Table:
    """Contract of one table.

    Parameters
    ----------
    name
        Path below `data/` without the ending, for example 'league/games'.
    grain
        What one row is, in words.
    key
        Columns that identify a row; also the order of the file.
    schema
        pandera schema of the columns.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    schema: pa.DataFrameSchema

    def path(self, root: Path = DATA) -> Path:
        """Return the table's file below `root`."""
        return root / f"{self.name}.parquet"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, moved onto it when the block ends without error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise TableError(
            f"{path} cannot be written: {error.strerror or error}.",
            where=str(path.parent),
            next_command=f"df -h {path.parent}; then run the same command again",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(paths: Iterable[Path]) -> None:
    """Remove what a killed process has left of files that `atomic_path` was to replace.

    Only for files that nobody else is writing: `dvc repro` holds a lock while a stage runs.
    """
    for path in paths:
        for temporary in path.parent.glob(f".{glob.escape(path.name)}.*"):
            if temporary.is_file():
                temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def validate(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Check a frame against its contract and return it sorted by key, index dropped.

    Raises
    ------
    TableError
        Naming the columns, checks and first offending values; or a key that repeats.
    """
    try:
        checked = table.schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        shown = "; ".join(
            f"{row.column}: {row.check} ({row.failure_case!r})"
            for row in cases.drop_duplicates(["column", "check"]).head(5).itertuples()
        )
        raise TableError(
            f"Table {table.name} breaks its schema in {len(cases)} place(s).",
            where=shown,
            allowed=f"the schema of {table.name} in nbarank/schemas",
            next_command="dvc repro",
        ) from error
    key = list(table.key)
    repeated = checked.duplicated(key)
    if repeated.any():
        raise TableError(
            f"Table {table.name} has {int(repeated.sum())} row(s) with a key seen before.",
            where=str(checked.loc[repeated, key].head(3).to_dict("records")),
            allowed=f"one row per {', '.join(key)} ({table.grain})",
            next_command="dvc repro",
        )
    return checked.sort_values(key, kind="stable").reset_index(drop=True)


def write_table(table: Table, frame: pd.DataFrame, root: Path = DATA) -> Path:
    """Validate a frame and write it atomically; returns the path."""
    checked = validate(table, frame)
    path = table.path(root)
    with atomic_path(path) as temporary:
        checked.to_parquet(temporary, index=False, compression="zstd")
    return path


def read_table(table: Table, root: Path = DATA) -> pd.DataFrame:
    """Read a table and check it.

    Raises
    ------
    TableError
        If the file is missing, is not parquet, or breaks its schema.
    """
    path = table.path(root)
    try:
        frame = pd.read_parquet(path)
    except FileNotFoundError as error:
        raise TableError(
            f"Table {table.name} has not been made yet.",
            where=str(path),
            next_command="dvc repro   (or dvc pull, where a remote holds it)",
        ) from error
    except (OSError, arrow.ArrowException, ValueError) as error:
        raise TableError(
            f"Table {table.name} cannot be read: {error}",
            where=str(path),
            next_command=f"rm {path} && dvc repro",
        ) from error
    return validate(table, frame)
