"""The grades of sealed forecasts on one screen: each entry's scores, and the totals."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd
from rich.table import Table
from rich.text import Text

from nbarank.cli.scorecard_screen import print_lines
from nbarank.cli.screen import number
from nbarank.ledger.grade import totals

SHOWN = 15
"""Entries on one screen, the latest."""


class Column(NamedTuple):
    """Heading, column of `grades`, decimals."""

    heading: str
    name: str
    decimals: int


GAMES = (
    Column("games", "games", 0),
    Column("log-loss", "game_logloss", 3),
    Column("base", "usual_logloss", 3),
)
SEASON = (
    Column("wins CRPS", "wins_crps", 2),
    Column("base", "usual_wins_crps", 2),
    Column("places", "rank_rps", 3),
    Column("champion", "title_logloss", 2),
)
REST = (Column("in 80 %", "wins_coverage", 2), Column("rounds", "rounds_brier", 3))
LEGEND = (
    "base: base rates of earlier seasons. places: RPS, champion: log-loss"
    "\n(docs/metrics.md). Lower is better; no score where nothing is decided yet."
)
FULL_LEGEND = "in 80 %: share of final wins in the 80 % interval. rounds: Brier score."


def print_grades(rows: pd.DataFrame, *, full: bool) -> None:
    """Print `nbarank.ledger.grade.grades`: the latest entries, or all with every score."""
    shown = rows if full else rows.tail(SHOWN)
    columns = [one for one in (*GAMES, *SEASON, *(REST if full else ())) if one.name in rows]
    table = Table(box=None, padding=(0, 0, 0, 1), header_style="bold", pad_edge=False)
    table.add_column("day", no_wrap=True)
    for column in columns:
        table.add_column(column.heading, justify="right", no_wrap=True)
    for row in shown.to_dict("records"):
        cells = (_cell(float(row[one.name]), one.decimals) for one in columns)
        table.add_row(row["as_of"] + (" *" if row["replay"] else ""), *cells)
    notes = ["* a replay, sealed after its day"] if rows["replay"].any() else []
    if len(shown) < len(rows):
        notes.append(f"The latest {SHOWN} of {len(rows)} entries; all: --full")
    notes += [LEGEND, *([FULL_LEGEND] if full else [])]
    print_lines(table, *(Text(note, style="dim") for note in notes), *totals(rows))


def _cell(value: float, decimals: int) -> str:
    return number(value, decimals) if decimals or math.isnan(value) else f"{value:.0f}"
