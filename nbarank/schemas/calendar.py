"""The calendar of seasons: dates, number of games and play-in format of every season.

It is a file, `nbarank/league/calendar.csv`, because box scores do not show whether a season was
short or a file is incomplete.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import shlex
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from nbarank.core.errors import ParamsError
from nbarank.core.params import SeasonLabel, SeasonsParams, follows
from nbarank.core.sections import Section

CALENDAR_FILE = Path("nbarank/league/calendar.csv")
PlayIn = Literal["none", "bubble", "standard"]


class SeasonDates(Section):
    """One season of the calendar."""

    start: dt.date = Field(description="Day of the first regular-season game.")
    end: dt.date = Field(description="Day of the last regular-season game.")
    playoffs_end: dt.date = Field(description="Last possible day of the finals.")
    games: int = Field(ge=1, le=5000, description="Regular-season games, played or scheduled.")
    play_in: PlayIn = Field(
        description="Play-in format: none; bubble (2020: 9th may challenge 8th); standard (7-10)."
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> SeasonDates:
        if not self.start < self.end < self.playoffs_end:
            raise ValueError("start, end and playoffs_end must be in this order")
        return self


class Calendar(Section):
    """Seasons by label, in time order."""

    seasons: dict[SeasonLabel, SeasonDates] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_time_order(self) -> Calendar:
        wrong = [label for label in self.seasons if not follows(label)]
        if wrong:
            raise ValueError(f"not a season label such as 2015-16: {', '.join(wrong)}")
        starts = [dates.start for dates in self.seasons.values()]
        if list(self.seasons) != sorted(self.seasons) or starts != sorted(starts):
            raise ValueError("the seasons must be in time order")
        return self


def read_calendar(path: Path = CALENDAR_FILE) -> Calendar:
    """Read the calendar: a CSV file with the columns season and those of `SeasonDates`.

    Raises
    ------
    ParamsError
        If the file is missing, or a row is invalid, repeated or out of order.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        seasons = {
            row.pop("season"): SeasonDates.model_validate_strings(row) for row in map(dict, rows)
        }
        if len(seasons) < len(rows):
            raise ValueError("a season has two rows")
        return Calendar(seasons=seasons)
    except (OSError, KeyError, TypeError, ValueError) as error:
        detail = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ParamsError(
            f"The calendar is not valid: {detail}",
            where=str(path),
            allowed="columns season, " + ", ".join(SeasonDates.model_fields),
            next_command=f"git diff {shlex.quote(str(path))}",
        ) from error


def require_dates(roles: SeasonsParams, calendar: Calendar) -> None:
    """Raise a ParamsError if a season with a role is not in the calendar."""
    unknown = [season for season in roles.roles() if season not in calendar.seasons]
    if unknown:
        raise ParamsError(
            f"The calendar has no dates for season(s) with a role: {', '.join(unknown)}.",
            where=f"seasons in params.yaml, {CALENDAR_FILE}",
            allowed=f"{min(calendar.seasons)} to {max(calendar.seasons)}",
            next_command=f"add their rows to {CALENDAR_FILE}, or remove the role",
        )
