"""The grades of sealed forecasts on one screen: each entry's scores, and the totals."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd
from rich.table import Table

from nbarank.cli.scorecard_screen import console
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
    screen = console()
    screen.print(table)
    if rows["replay"].any():
        screen.print("* a replay, sealed after its day", style="dim")
    if len(shown) < len(rows):
        screen.print(f"The latest {SHOWN} of {len(rows)} entries; all: --full", style="dim")
    screen.print(LEGEND, style="dim")
    if full:
        screen.print(FULL_LEGEND, style="dim")
    for line in totals(rows):
        screen.print(line)


def _cell(value: float, decimals: int) -> str:
    return number(value, decimals) if decimals or math.isnan(value) else f"{value:.0f}"
