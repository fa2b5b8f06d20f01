"""Columns and keys that many tables share, and the form of a contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import pandera.pandas as pa

from nbarank.core.tables import Table

SEASON = pa.Column(str, pa.Check.str_matches(r"^\d{4}-\d{2}$"), description="season, '2015-16'")
DAY = pa.Column("datetime64[us]", coerce=True, description="day, without time of day")
TEAM_ID = pa.Column("int64", description="team, nba.com's id where there is one")
PLAYER_ID = pa.Column("int64", description="player, nba.com's id where there is one")
GAME_ID = pa.Column(str, description="game, ten digits in nba.com's pattern")
COUNT = pa.Column("int64", pa.Check.ge(0), coerce=True, description="a count from the box score")
RANK = pa.Column("int64", pa.Check.ge(1), description="1 = best")
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
) -> pa.Column:
    """Return a finite float column with optional inclusive bounds.

    `direction` is 1 if a higher value never makes a team weaker, -1 if it never makes it stronger,
    0 if neither is certain. `decimals` are stored: 8 of a share or probability by default, of
    other columns those of the table.
    """
    if decimals is None and (low, high) == (0.0, 1.0):
        decimals = 8
    checks = [pa.Check(np.isfinite, element_wise=False, error="finite")]
    if low is not None:
        checks.append(pa.Check.ge(low))
    if high is not None:
        checks.append(pa.Check.le(high))
    return pa.Column(
        "float64",
        checks,
        coerce=True,
        required=required,
        description=description,
        metadata={"direction": direction, "decimals": decimals},
    )


def one_of(values: Iterable[str], description: str | None = None) -> pa.Column:
    """Return a text column with the given values."""
    return pa.Column(str, pa.Check.isin(values), description=description)


def finite_numbers(frame: pd.DataFrame) -> bool:
    """Return whether every float column of a frame is free of NaN and infinity."""
    return bool(np.isfinite(frame.select_dtypes("float").to_numpy()).all())


ALL_FINITE = pa.Check(finite_numbers, error="every number is finite")


def table(
    name: str,
    grain: str,
    key: Sequence[str],
    columns: Mapping[str, pa.Column],
    *,
    more_columns: bool = False,
    decimals: int = 6,
) -> Table:
    """Return the contract of a table; `more_columns` allows others, which depend on parameters.

    `decimals` are stored of float columns that declare none.
    """
    schema = pa.DataFrameSchema(
        dict(columns), checks=ALL_FINITE if more_columns else None, strict=not more_columns
    )
    return Table(name, grain, tuple(key), schema, decimals)
