"""Parquet files of box scores, bounded before their content is loaded."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute
import pyarrow.parquet
from numpy.typing import NDArray

from nbarank.core.errors import SourceError

MOST_ROWS = 1_000_000
"""Rows of a file; a season has 30,000 player-games."""
MOST_BYTES = 2**28
"""Bytes of a file's content without compression; a season has 10 MB."""
_BYTES_A_VALUE = 8
LONGEST_VALUE = 10_000
"""Bytes of a text in a file; some releases have columns with addresses or JSON."""


def read_parquet_file(path: Path, content: bytes | None = None) -> pd.DataFrame:
    """Read a parquet file, or the content of one, unless it is larger than box scores can be.

    Texts are objects; some writers store them as bytes.

    Raises
    ------
    SourceError
        If a bound is exceeded. Errors of a damaged file are those of pyarrow.
    """
    schema = arrow.parquet.read_schema(_opened(path, content))
    names = pd.Index(schema.names)
    if twice := sorted(set(names[names.duplicated()])):
        raise SourceError(
            f"{path.name} has the column(s) {', '.join(twice)} twice.",
            where=str(path),
            allowed="columns with names of their own",
            next_command="export this file again",
        )
    texts = [field.name for field in schema if _is_text(field.type)]
    # A text that is repeated is stored once: decoded, a small file can fill the memory.
    file = arrow.parquet.ParquetFile(_opened(path, content), read_dictionary=texts)
    groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
    rows = file.metadata.num_rows
    stored = sum(group.total_byte_size for group in groups)
    require_bounds(path, rows, max(stored, rows * len(schema) * _BYTES_A_VALUE))
    table = file.read()
    for name in texts:
        for chunk in table[name].chunks:
            values = chunk.dictionary if arrow.types.is_dictionary(chunk.type) else chunk
            longest = arrow.compute.max(arrow.compute.binary_length(values)).as_py() or 0
            if longest > LONGEST_VALUE:
                raise SourceError(
                    f"{path.name} has a text of {longest:,} bytes.",
                    where=str(path),
                    allowed=f"texts of at most {LONGEST_VALUE:,} bytes",
                    next_command="correct this file, or download it again",
                )
    frame: pd.DataFrame = table.to_pandas()
    for at, kind in enumerate(frame.dtypes):
        if kind.kind == "O":
            decoded = pd.Series(_decoded(frame.iloc[:, at]), index=frame.index, dtype="object")
            frame.isetitem(at, decoded)  # type: ignore[arg-type]
    return frame


def _decoded(column: pd.Series) -> NDArray[np.object_]:
    """Return a column's values, bytes as text; pyarrow decodes text only on use, so do it here."""
    if isinstance(column.dtype, pd.CategoricalDtype):  # each text once
        texts = [*map(_text, column.cat.categories.to_numpy(dtype=object)), np.nan]
        return np.array(texts, dtype=object)[column.cat.codes]
    values: NDArray[np.object_] = column.to_numpy(dtype=object)
    if isinstance(column.dtype, np.dtype):  # a string column cannot contain bytes
        values = np.array([_text(value) for value in values], dtype=object)
    return values


def _text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def require_bounds(path: Path, rows: int, size: int) -> None:
    """Raise a SourceError for a file of more rows or bytes than box scores have."""
    if rows > MOST_ROWS or size > MOST_BYTES:
        raise SourceError(
            f"{path.name} is too large for box scores: {rows:,} rows, {size:,} bytes.",
            where=str(path),
            allowed=f"at most {MOST_ROWS:,} rows and {MOST_BYTES:,} bytes without compression",
            next_command="split this file by season, or download it again",
        )


def _opened(path: Path, content: bytes | None) -> Path | io.BytesIO:
    return path if content is None else io.BytesIO(content)


def _is_text(kind: arrow.DataType) -> bool:
    types = arrow.types
    tests = (types.is_string, types.is_large_string, types.is_binary)
    return any(test(kind) for test in tests)
