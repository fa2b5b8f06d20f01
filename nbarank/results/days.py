"""Days as people give them."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from nbarank.core.errors import ParamsError

DAY, FIRST_YEAR, LAST_YEAR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), 1946, 2199


def day_of(
    given: str | dt.date, option: str = "--as-of", command: str = "nbarank forecast"
) -> pd.Timestamp:
    """Return a day, or the day that a text names.

    Raises
    ------
    ParamsError
        If the text is not a date as year-month-day of a year from 1946 to 2199.
    """
    text = given if isinstance(given, str) else f"{given:%Y-%m-%d}"
    try:
        day = dt.date.fromisoformat(text if DAY.fullmatch(text) else "")
    except ValueError:
        day = dt.date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ParamsError(
            f"'{text}' is not a day.",
            where=option,
            allowed=f"year-month-day, for example 2023-01-15; years {FIRST_YEAR} to {LAST_YEAR}",
            next_command=command,
        )
    return pd.Timestamp(day.isoformat())
