"""Days as people give them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from nbarank.core.errors import ForecastError, NbarankError, ParamsError
from nbarank.forecast.single_day import season_of_day
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.league import GAMES
from nbarank.schemas.season_split import read_whole, read_with_current

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
    text = f"{given:%Y-%m-%d}" if isinstance(given, dt.date) and not pd.isna(given) else str(given)
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
            instead=_instead(text, option) if option.startswith("--") else None,
        )
    return pd.Timestamp(day.isoformat())


def refuse_day(path: str | Path) -> None:
    """Raise a ParamsError if a path is the text of a day, and not of a file."""
    if DAY.fullmatch(str(path)) and not Path(path).exists():
        raise ParamsError(
            f"'{path}' is a day: `predictions` reads a file, `forecast` takes a day.",
            where="path",
            allowed="report/predictions.json or a file of report/seasons/",
            next_command="nbarank.forecast()",
        )


def scored_season(day: pd.Timestamp, seasons: pd.DataFrame, command: str) -> str:
    """Return `season_of_day`; its error names days of seasons that have forecasts."""
    try:
        return season_of_day(day, seasons, command)
    except ForecastError as error:
        days = read_with_current(STRENGTH)["as_of"]
        if len(days):
            near = f"{_nearest(days, day):%Y-%m-%d}"
            error.allowed = f"a day of a season, {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"
            error.next_command = f"{command} {near}"
            error.instead = (f"{day:%Y-%m-%d}", near)
        raise


def season_of_games(day: pd.Timestamp, seasons: pd.DataFrame) -> str:
    """Return `scored_season`; the next command of its error is for a day with games."""
    try:
        return scored_season(day, seasons, "nbarank games --date")
    except ForecastError as error:
        near = _nearest(_game_days(), day)
        error.next_command = f"nbarank games --date {near:%Y-%m-%d}"
        error.instead = (f"{day:%Y-%m-%d}", f"{near:%Y-%m-%d}")
        raise


def newest_game_day() -> pd.Timestamp:
    """Return the latest day with a result in a season that has forecasts."""
    return pd.Timestamp(_game_days().max())


def _game_days() -> pd.Series[pd.Timestamp]:
    games = read_whole(GAMES)
    return games.loc[games["season"].isin(set(read_with_current(STRENGTH)["season"])), "game_date"]


def _nearest(days: pd.Series[pd.Timestamp], wanted: pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(days.iloc[(days - wanted).abs().argmin()])


def _instead(text: str, option: str) -> tuple[str, str] | None:
    """Return the text and the day of the forecasts nearest to its numbers, else the newest."""
    try:
        days = _game_days() if option == "--date" else read_with_current(STRENGTH)["as_of"]
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
        meant = _nearest(days, wanted)
    return text, f"{meant:%Y-%m-%d}"
