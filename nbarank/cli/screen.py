"""How text and numbers fit a terminal: at most `WIDTH` columns, also in output to a file.

Fewer if the terminal, or COLUMNS, has fewer.
"""

from __future__ import annotations

import math
import re
import shutil
import textwrap

WIDTH, NARROWEST = 80, 40
KEPT = "\N{NO-BREAK SPACE}"
"""In place of a space at which a line must not break."""
_LABEL = re.compile(r"  (where|allowed|folder): +")
_LAST_COLUMN = re.compile(r".* {2,}(?=\S)")


def folded(text: str) -> str:
    """Break lines longer than the screen at spaces.

    The rest of a line starts below its last column: where text follows two spaces or more.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        column = _LAST_COLUMN.match(line[: _width()])
        lines += _wrapped(line, " " * (column.end() if column else 0))
    return "\n".join(line.replace(KEPT, " ") for line in lines)


def folded_error(text: str) -> str:
    """Break the long lines of an `NbarankError`, but not its next command, which is copied."""
    lines: list[str] = []
    for line in text.split("\n"):
        label = _LABEL.match(line)
        indent = " " * label.end() if label else ""
        whole = line.startswith("  next:")
        lines += [line] if whole else _wrapped(line, indent)
    return "\n".join(lines)


def _wrapped(line: str, indent: str) -> list[str]:
    return textwrap.wrap(
        line,
        _width(),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    ) or [""]


def _width() -> int:
    return min(WIDTH, max(NARROWEST, shutil.get_terminal_size((WIDTH, 24)).columns))


def number(value: float, decimals: int, sign: str = "") -> str:
    """Return a number without the zero before its point; nothing if it is missing."""
    if math.isnan(value):
        return ""
    text = f"{value:{sign}.{decimals}f}"
    return text.replace("0.", ".", 1) if round(abs(value), decimals) < 1 else text
