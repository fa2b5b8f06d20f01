"""How text and numbers fit a terminal: at most `WIDTH` columns, also in output to a file."""

from __future__ import annotations

import math
import re
import textwrap

WIDTH = 80
KEPT = "\N{NO-BREAK SPACE}"
"""In place of a space at which a line must not break."""
_LAST_COLUMN = re.compile(r".* {2,}(?=\S)")


def folded(text: str) -> str:
    """Break lines longer than `WIDTH` at spaces.

    The rest of a line starts below its last column: where text follows two spaces or more.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        column = _LAST_COLUMN.match(line[:WIDTH])
        lines += textwrap.wrap(
            line,
            WIDTH,
            subsequent_indent=" " * (column.end() if column else 0),
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        ) or [""]
    return "\n".join(line.replace(KEPT, " ") for line in lines)


def number(value: float, decimals: int, sign: str = "") -> str:
    """Return a number without the zero before its point; nothing if it is missing."""
    if math.isnan(value):
        return ""
    text = f"{value:{sign}.{decimals}f}"
    return text.replace("0.", ".", 1) if round(abs(value), decimals) < 1 else text
