"""Columns and keys that many tables share, and the form of a contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from nbarank.core.contract import Check, Column, Schema
from nbarank.core.tables import Table

SEASON = Column(str, Check.str_matches(r"^\d{4}-\d{2}$"), description="season, '2015-16'")
DAY = Column("datetime64[us]", coerce=True, description="day, without time of day")
TEAM_ID = Column("int64", description="team, nba.com's id where there is one")
PLAYER_ID = Column("int64", description="player, nba.com's id where there is one")
GAME_ID = Column(str, description="game, ten digits in nba.com's pattern")
COUNT = Column("int64", Check.ge(0), coerce=True, description="a count from the box score")
RANK = Column("int64", Check.ge(1), description="1 = best")
KEY = ["season", "as_of", "team_id"]
"""Key of every table with one row per team and as-of date."""
TEAM_AS_OF = {"season": SEASON, "as_of": DAY, "team_id": TEAM_ID}
"""Contracts of these key columns."""


def number(
    description: str,
    low: float | None = None,
    high: float | None = None,
    *,
    direction: int = 0,
    decimals: int | None = None,
    required: bool = True,
) -> Column:
    """Return a finite float column with optional inclusive bounds.

    `direction` is 1 if a higher value never makes a team weaker, -1 if it never makes it stronger,
    0 if neither is certain. `decimals` are stored: 8 of a share or probability by default, of
    other columns those of the table.
    """
    if decimals is None and (low, high) == (0.0, 1.0):
        decimals = 8
    checks = [Check(np.isfinite, error="finite")]
    if low is not None:
        checks.append(Check.ge(low))
    if high is not None:
        checks.append(Check.le(high))
    return Column(
        "float64",
        checks,
        coerce=True,
        required=required,
        description=description,
        metadata={"direction": direction, "decimals": decimals},
    )


def one_of(values: Iterable[str], description: str | None = None) -> Column:
    """Return a text column with the given values."""
    return Column(str, Check.isin(values), description=description)


def finite_numbers(frame: pd.DataFrame) -> bool:
    """Return whether every float column of a frame is free of NaN and infinity."""
    return bool(np.isfinite(frame.select_dtypes("float").to_numpy()).all())


ALL_FINITE = Check(finite_numbers, error="every number is finite")


def table(
    name: str,
    grain: str,
    key: Sequence[str],
    columns: Mapping[str, Column],
    *,
    more_columns: bool = False,
    decimals: int = 6,
) -> Table:
    """Return the contract of a table; `more_columns` allows others, which depend on parameters.

    `decimals` are stored of float columns that declare none.
    """
    schema = Schema(dict(columns), ALL_FINITE if more_columns else None, strict=not more_columns)
    return Table(name, grain, tuple(key), schema, decimals)
