"""Text fits the screen."""

import io
import sys
from contextlib import redirect_stdout

import pytest
from rich.table import Table

from nbarank.cli.scorecard_screen import print_lines
from nbarank.cli.screen import folded, folded_error


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("200", 80), ("10", 40)])
def test_lines_are_as_long_as_the_screen_allows(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = folded("word " * 100).splitlines()
    assert width - 5 < max(map(len, lines)) <= width


def test_the_lines_of_an_error_are_broken_below_their_text_but_not_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command = "  next:    nbarank run" + " -S model_b.max_depth=3" * 5
    text = "Error: no.\n  allowed: " + "word " * 40 + "\n" + command
    first, second, third, *rest = folded_error(text).splitlines()
    assert (first, rest[-1]) == ("Error: no.", command)
    assert second.startswith("  allowed: word") and len(second) <= 80
    assert third.startswith(" " * 11 + "word")


def test_no_spaces_end_a_line() -> None:
    table = Table(box=None)
    table.add_column("wide heading")
    table.add_row("x")
    with redirect_stdout(io.StringIO()) as printed:
        print_lines(table, "text")
    lines = printed.getvalue().splitlines()
    assert lines[-1] == "text" and lines == [line.rstrip() for line in lines]
    assert sys.stdout is not printed
