"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def _line(cells: Sequence[str]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"
