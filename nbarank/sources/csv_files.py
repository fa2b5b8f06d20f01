"""CSV files as people save them: separator, encoding and decimal comma, or what is wrong."""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path

import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.sources.parquet_files import MOST_BYTES, require_bounds

_SEPARATORS = (",", ";", "\t", "|")
_OTHER_KINDS = {
    b"PK\x03\x04": ("a zip or Excel file", "open it and save it as CSV UTF-8"),
    b"\x1f\x8b": ("compressed", "rename it to .csv.gz"),
    b"PAR1": ("a parquet file", "rename it to .parquet"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "open it and save it as CSV UTF-8"),
    b"version https://git-lfs": ("a Git LFS pointer, not the file", "git lfs pull, and copy again"),
    b"<!": ("a web page", "download the file itself"),
    b"<html": ("a web page", "download the file itself"),
    b'[{"': ("JSON", "save its records as CSV UTF-8"),
}
_AMBIGUOUS = re.compile(rb"[\x80-\x9f\xb9\xbe\xe6\xe8\xf0]")
"""Bytes of letters that Windows-1252, Windows-1250 and Mac Roman read differently (č, ć, š, ž)."""
_COMMA_DECIMAL, _POINT_DECIMAL = re.compile(r"-?\d+,\d+"), re.compile(r"-?\d+\.\d+")
_SAVE = "save it again as CSV UTF-8, comma-separated"


def read_csv_file(path: Path) -> pd.DataFrame:
    """Read a .csv or .csv.gz file; every value is text, or None where empty.

    Commas, semicolons, tabs and bars separate; UTF-8 and UTF-16 with BOM are recognised, and
    Windows-1252 where no other encoding would give other names. After a separator other than the
    comma, decimals may have a comma.

    Raises
    ------
    SourceError
        Saying what the file is instead, its encoding, or which row has another number of fields.
    """
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    require_bounds(path, content.count(b"\n"), len(content))
    for start, (what, remedy) in _OTHER_KINDS.items():
        if content.lower().startswith(start.lower()):
            raise _error(path, f"is {what}", remedy)
    text = _decoded(path, content).lstrip()
    text = re.sub(r"^\"?sep=.\"?\r?\n", "", text)  # Excel's own first line
    # Exports write ids as formulas, so that spreadsheets keep their zeros: ="0022100001".
    if '="' in text:
        text = re.sub(r'"=""([^"\n]*)"""|(?<=[,;\t|\n])="([^",;\t|\n]*)"', r"\1\2", text)
    header = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = [row for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        what = f"has a quotation mark without its pair, or no line ends ({error})"
        raise _error(path, what, _SAVE) from error
    if not rows:
        raise _error(path, "is empty", "download or copy this file again")
    names, body = [name.strip() for name in rows[0]], rows[1:]
    for number, row in enumerate(body, 1):
        while len(row) > len(names) and not row[-1].strip():
            row.pop()
        if len(row) != len(names):
            last = number == len(body) and len(row) < len(names)
            hint = "; the file may be truncated" if last else ""
            raise _error(
                path,
                f"has {len(row)} fields in row {number} instead of {len(names)} as in its header"
                f" (separator {separator!r}){hint}",
                "download or copy this file again" if last else _SAVE,
            )
    frame = pd.DataFrame(body, columns=names, dtype="object")
    if separator != ",":
        frame = _with_decimal_points(frame)
    return frame.where(frame != "", None)


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\x00" in content[:1000]:
        raise _error(path, "is not text in UTF-8 (it may be UTF-16)", _SAVE)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n")
        shown = content[max(error.start - 12, 0) : error.start + 8]
        if _AMBIGUOUS.search(content):
            raise _error(
                path,
                f"is not in UTF-8, and its encoding is not clear (row {line}: {shown!r})",
                _SAVE,
            ) from error
        return content.decode("cp1252")


def _with_decimal_points(frame: pd.DataFrame) -> pd.DataFrame:
    """Return decimals such as 34,5 with a point, unless the file also has points."""
    for at in range(len(frame.columns)):
        column = frame.iloc[:, at]
        commas = column.map(lambda text: bool(_COMMA_DECIMAL.fullmatch(text.strip())))
        points = column.map(lambda text: bool(_POINT_DECIMAL.fullmatch(text.strip())))
        if commas.any() and not points.any():
            frame.isetitem(at, column.str.replace(",", ".").where(commas, column).to_numpy(object))
    return frame


def _error(path: Path, what: str, remedy: str) -> SourceError:
    return SourceError(
        f"{path.name} {what}.",
        where=str(path),
        allowed="a complete parquet or CSV file; CSV in UTF-8 with a header",
        next_command=f"{remedy}: {path.name}",
    )
