"""Parameters of seasons: when they are played, what each is used for, which days count."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from nbarank.errors import ParamsError
from nbarank.params.base import Section

SeasonLabel = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]
ROLES = ("warm_up", "train", "test", "holdout")


class SeasonDates(Section):
    """One season of the calendar: known beforehand, never read off the logs."""

    start: dt.date = Field(description="Day of the first regular-season game.")
    end: dt.date = Field(description="Day of the last regular-season game.")
    playoffs_end: dt.date = Field(description="Last day on which the finals were or can be played.")
    games: int = Field(
        ge=1,
        le=5000,
        description="Regular-season games played, or to be played. Ingest counts against it.",
    )
    play_in: Literal["none", "bubble", "standard"] = Field(
        description="Play-in format: none; bubble (2020: 9th may challenge 8th); standard (7-10)."
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> SeasonDates:
        if not self.start < self.end < self.playoffs_end:
            raise ValueError("start, end and playoffs_end must follow one another")
        return self


class CalendarParams(Section):
    """When seasons are played: what is known before a game of them is."""

    path: ClassVar[str] = "calendar"
    seasons: dict[SeasonLabel, SeasonDates] = Field(
        min_length=1,
        description="Dates, number of games and play-in format of every season that may occur. "
        "Written down, because a log cannot tell a short season from a file that is cut off. "
        "Used for real box scores; the simulated league brings its own dates. Stands apart from "
        "the roles, so that a season added here trains nothing again.",
    )

    @model_validator(mode="after")
    def _calendar_is_sound(self) -> CalendarParams:
        unsound = [label for label in self.seasons if not _follows(label)]
        if unsound:
            raise ValueError(f"not a season label, which runs like 2015-16: {', '.join(unsound)}")
        starts = [dates.start for dates in self.seasons.values()]
        if list(self.seasons) != sorted(self.seasons) or starts != sorted(starts):
            raise ValueError("the seasons of the calendar must stand in time order")
        return self


class SeasonsParams(Section):
    """What each season is used for."""

    path: ClassVar[str] = "seasons"
    warm_up: tuple[SeasonLabel, ...] = Field(
        description="Seasons that only fill ratings and player histories. Any of the calendar, "
        "before train. Seasons found in the data before the first train season count as these.",
    )
    train: tuple[SeasonLabel, ...] = Field(
        min_length=1,
        description="Seasons that models learn from before the first test season. After warm_up.",
    )
    test: tuple[SeasonLabel, ...] = Field(
        min_length=1,
        description="Seasons scored walk-forward, each by models that saw only the seasons before "
        "it. After train.",
    )
    holdout: tuple[SeasonLabel, ...] = Field(
        description="Seasons scored by evaluate and never by a sweep. After test; the only role "
        "whose seasons may be missing from the data (not played yet).",
    )

    @model_validator(mode="after")
    def _roles_are_sound(self) -> SeasonsParams:
        seen: dict[str, str] = {}
        latest = ""
        for role in ROLES:
            for season in getattr(self, role):
                if not _follows(season):
                    raise ValueError(f"{role} names {season}; a label runs like 2015-16")
                if season in seen:
                    raise ValueError(f"{season} is both {seen[season]} and {role}")
                if season < latest:
                    raise ValueError(
                        f"{role} season {season} comes before {latest} ({seen[latest]}); the order "
                        "in time is warm_up, train, test, holdout"
                    )
                seen[season] = role
                latest = season
        return self

    def roles(self) -> dict[str, str]:
        """Return the role of every season that has one, in time order."""
        return {season: role for role in ROLES for season in getattr(self, role)}


def require_dates(roles: SeasonsParams, calendar: CalendarParams) -> None:
    """Refuse a role of a season whose dates nobody has written down.

    Raises
    ------
    ParamsError
        Naming the seasons.
    """
    unknown = [season for season in roles.roles() if season not in calendar.seasons]
    if unknown:
        raise ParamsError(
            f"The calendar does not hold season(s) that have a role: {', '.join(unknown)}.",
            where="seasons and calendar.seasons in params.yaml",
            allowed=f"{min(calendar.seasons)} to {max(calendar.seasons)}",
            next_command="add their dates and games to calendar.seasons, or take the role away",
        )


class SnapshotsParams(Section):
    """Days as of which every season is described and forecast."""

    path: ClassVar[str] = "snapshots"
    every_days: int = Field(
        ge=1,
        le=60,
        description="Days between two as-of dates, from the first day of a season. Fewer days: "
        "more training rows, ever more alike.",
    )
    checkpoints: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        min_length=1,
        description="Shares of the regular season after which rankings are scored, ascending, "
        "each in (0, 1]; 1.0 is the day after its last game.",
    )

    @model_validator(mode="after")
    def _checkpoints_ascend(self) -> SnapshotsParams:
        if list(self.checkpoints) != sorted(set(self.checkpoints)):
            raise ValueError("checkpoints must ascend, none twice")
        return self


def season_label(year: int) -> str:
    """Return the label of the season that begins in a year: '2015-16' for 2015."""
    return f"{year}-{(year + 1) % 100:02d}"


def season_after(label: str) -> str:
    """Return the label of the next season."""
    return season_label(int(label[:4]) + 1)


def _follows(label: str) -> bool:
    """Tell whether the two years of a season label follow one another."""
    return label == season_label(int(label[:4]))
