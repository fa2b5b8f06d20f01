"""Days as people give them."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from nbarank.core.errors import NbarankError, ParamsError
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.season_split import read_with_current

DAY, FIRST_YEAR, LAST_YEAR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), 1946, 2199
NUMBERS = re.compile(r"([0-9]{4})\D([0-9]{1,2})\D([0-9]{1,2})(?![0-9])")
"""Year, month and day that may be none of the calendar."""


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
            instead=_instead(text) if option.startswith("--") else None,
        )
    return pd.Timestamp(day.isoformat())


def _instead(text: str) -> tuple[str, str] | None:
    """Return the text and the day of the forecasts nearest to its numbers, else the newest."""
    try:
        days = read_with_current(STRENGTH)["as_of"]
    except NbarankError:
        return None
    if not text.strip() or days.empty:
        return None
    meant = days.max()
    numbers = NUMBERS.match(text)
    if numbers:
        year, month, day = map(int, numbers.groups())
        first = pd.Timestamp(min(max(year, FIRST_YEAR), LAST_YEAR), min(max(month, 1), 12), 1)
        wanted = first + pd.Timedelta(days=min(max(day, 1), 31) - 1)
        meant = days.iloc[(days - wanted).abs().argmin()]
    return text, f"{meant:%Y-%m-%d}"
