"""Tables between stages: read and written through their contract, atomically.

A `Table` is a contract: a name, the grain in words, a key and a schema. Its file is
`data/<name>.parquet`. Rows are sorted by key before they are written, so the same rows give the
same bytes. A file has a stamp of the contract under which it was written and a checksum of every
page: `read_table` validates only files with another stamp, and detects values changed since.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shlex
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as arrow
import pyarrow.parquet

from nbarank.core.contract import Check, Schema
from nbarank.core.errors import ResourceError, TableError
from nbarank.core.rounding import rounded

DATA = Path("data")
STAMP = b"nbarank.stamp"
"""Key of `Table.stamp` in a file's own metadata."""
ROWS_FOR_THREADS = 100_000
"""Rows of a table above which its columns are read side by side; small ones are read faster in
turn."""
_FRAMES: ContextVar[dict[Path, pd.DataFrame] | None] = ContextVar("_FRAMES", default=None)


@dataclass(frozen=True)
class Table:
    """Contract of one table.

    Parameters
    ----------
    name
        Path below `data/` without the ending, for example 'league/games'.
    grain
        What one row is.
    key
        Columns that identify a row; also the order of the file.
    schema
        Columns and checks. A float column declares in its metadata (`decimals`) how
        many decimals are stored.
    decimals
        Decimals of the float columns that declare none.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    schema: Schema
    decimals: int = 6

    def decimals_of(self, column: str) -> int:
        """Return how many decimals of a float column are stored."""
        declared = self.schema.columns.get(column)
        found = (declared.metadata or {}).get("decimals") if declared is not None else None
        return self.decimals if found is None else int(found)

    def path(self, root: Path = DATA) -> Path:
        """Return the table's file below `root`."""
        return root / f"{self.name}.parquet"

    @cached_property
    def contract(self) -> str:
        """Return all that `validate` checks as text: columns, types, checks, key."""

        def described(checks: Iterable[Check]) -> list[tuple[object, ...]]:
            return [(check.name, check.statistics, check.error) for check in checks]

        columns = [
            (name, column.dtype, column.nullable, column.required, described(column.checks))
            for name, column in self.schema.columns.items()
        ]
        return repr(
            (self.name, self.key, self.schema.strict, columns, described(self.schema.checks))
        )

    def stamp(self, frame: pd.DataFrame) -> bytes:
        """Return a hash of the contract and of a frame's columns, types and number of rows."""
        layout = [(str(name), str(dtype)) for name, dtype in frame.dtypes.items()]
        text = repr((self.contract, layout, len(frame)))
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().encode()


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; rename it to `path` after the block."""
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
            next_command=f"df -h {shlex.quote(str(path.parent))}; then run the same command again",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(paths: Iterable[Path]) -> None:
    """Remove temporary files of `atomic_path` that a killed process has left.

    Only for files that no other process is writing: `dvc repro` locks them while a stage runs.
    """
    for path in paths:
        for temporary in path.parent.glob(f".{glob.escape(path.name)}.*"):
            if temporary.is_file():
                temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a CSV file with six decimals, atomically."""
    write_text(path, frame.to_csv(index=False, float_format="%.6f"))


def validate(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Check a frame against its contract and return it sorted by key, index dropped.

    Raises
    ------
    TableError
        With columns, checks and first invalid values, or the repeated keys.
    """
    from pandera.errors import SchemaErrors

    try:
        checked = table.schema.made.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        shown = "; ".join(
            f"{row.column}: {row.check} ({row.failure_case!r})"
            for row in cases.drop_duplicates(["column", "check"]).head(5).itertuples()
        )
        raise TableError(
            f"Table {table.name} violates its schema in {len(cases)} place(s).",
            where=shown,
            allowed=f"the schema of {table.name} in nbarank/schemas",
            next_command="dvc repro",
        ) from error
    key = list(table.key)
    repeated = checked.duplicated(key)
    if repeated.any():
        raise TableError(
            f"Table {table.name} has {int(repeated.sum())} row(s) with a repeated key.",
            where=str(checked.loc[repeated, key].head(3).to_dict("records")),
            allowed=f"one row per {', '.join(key)} ({table.grain})",
            next_command="dvc repro",
        )
    return checked.sort_values(key, kind="stable").reset_index(drop=True)


def stored(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as `write_table` stores it: validated, sorted, rounded.

    Raises
    ------
    TableError
        As `validate`.
    """
    return in_decimals(table, validate(table, frame))


def in_decimals(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its float columns rounded to the decimals that are stored."""
    floats = frame.select_dtypes("float").columns
    decimals = {name: rounded(frame[name], table.decimals_of(name)) for name in floats}
    return frame.assign(**decimals).copy()  # assigned one by one, columns are fragments of memory


def write_table(table: Table, frame: pd.DataFrame, root: Path = DATA) -> pd.DataFrame:
    """Write a frame as `stored` returns it, whole or not at all, and return what is written."""
    checked = stored(table, frame)
    content = arrow.Table.from_pandas(checked, preserve_index=False)
    metadata = {**(content.schema.metadata or {}), STAMP: table.stamp(checked)}
    with atomic_path(table.path(root)) as temporary:
        arrow.parquet.write_table(
            content.replace_schema_metadata(metadata),
            temporary,
            compression="zstd",
            # Floats rarely repeat: a dictionary of them costs time and saves nothing.
            use_dictionary=[c.name for c in content.schema if not arrow.types.is_floating(c.type)],
            write_page_checksum=True,
        )
    return checked


@contextmanager
def each_read_once() -> Iterator[None]:
    """Let `read_table` read each file once in the block, in which no table may be written."""
    token = _FRAMES.set({})
    try:
        yield
    finally:
        _FRAMES.reset(token)


def read_table(table: Table, root: Path = DATA) -> pd.DataFrame:
    """Read a table; validate it, unless `write_table` did so under the same contract.

    Raises
    ------
    TableError
        If the file is missing, is not parquet, has changed since it was written, or violates its
        schema.
    """
    frames, path = _FRAMES.get(), table.path(root)
    if frames is None:
        return _read(table, path)
    if path not in frames:
        frames[path] = _read(table, path)
    return frames[path].copy(deep=False)  # pandas copies what a caller changes


def _read(table: Table, path: Path) -> pd.DataFrame:
    try:
        # Half the time of `pandas.read_parquet` for the many small tables.
        with arrow.parquet.ParquetFile(path, page_checksum_verification=True) as file:
            threads = file.metadata.num_rows > ROWS_FOR_THREADS
            frame: pd.DataFrame = file.read(use_threads=threads).to_pandas(use_threads=threads)
            stamp = (file.metadata.metadata or {}).get(STAMP)
    except FileNotFoundError as error:
        raise TableError(
            f"Table {table.name} does not exist yet.",
            where=str(path),
            next_command="dvc repro (or dvc pull, if a remote has it)",
        ) from error
    except MemoryError:  # pyarrow's is an ArrowException too
        raise
    # A damaged footer can raise any of these in pandas and pyarrow.
    except (OSError, arrow.ArrowException, ValueError, LookupError, TypeError) as error:
        if "Failed to launch worker thread" in str(error):
            raise ResourceError.of_threads(error) from error
        raise TableError(
            f"Table {table.name} cannot be read: {error}",
            where=str(path),
            next_command=f"rm -r {shlex.quote(str(path))} && dvc repro",
        ) from error
    return frame if stamp == table.stamp(frame) else validate(table, frame)
