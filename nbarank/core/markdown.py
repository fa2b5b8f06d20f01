"""Markdown: tables, and text that stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SIGNS = re.compile(r"[\\`*_\[\]<>|&$#~]")
_BAR = re.compile(r"(?<!\\)\|")
_RULES = {"l": "---", "r": "---:"}


def markdown_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], align: str = ""
) -> list[str]:
    """Return the lines of a table.

    Parameters
    ----------
    columns
        Headings; may be empty text.
    rows
        Cells, one text a column.
    align
        'l' or 'r' a column, for example 'lrr'; by default the first column is left-aligned and
        the others right-aligned.
    """
    rules = [_RULES[letter] for letter in align or "l" + "r" * (len(columns) - 1)]
    if len(rules) != len(columns):
        raise ValueError(f"{len(columns)} columns, but align '{align}'")
    return [_line(columns), f"|{'|'.join(rules)}|", *map(_line, rows)]


def escaped(text: str) -> str:
    """Return a text in which no sign is Markdown, HTML or a formula."""
    return _SIGNS.sub(r"\\\g<0>", " ".join(text.split()))


def _line(cells: Sequence[str]) -> str:
    texts = [_BAR.sub(r"\|", " ".join(cell.split())) for cell in cells]
    return "|" + "|".join(f" {text} " if text else " " for text in texts) + "|"
