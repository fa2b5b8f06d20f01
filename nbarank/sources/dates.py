"""Days of a date column: one format for the whole column, zoned times converted to New York."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

LEAGUE_ZONE = "America/New_York"
ALLOWED = (
    "one format for the whole column: 2015-10-27, 20151027, Oct 27, 2015, or 27/10/2015 where the "
    "order of day and month is clear; times need a time zone, and count as days in New York"
)
_SHOWN_VALUES = 3
_TIME = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$"
)
_DATES = {
    "year first": re.compile(r"^(?P<year>\d{4})([-/])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _TIME),
    "eight digits": re.compile(r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:\.0)?$"),
    "year last": re.compile(
        r"^(?P<first>\d{1,2})([-/.])(?P<then>\d{1,2})\2(?P<year>\d{4})" + _TIME
    ),
    "month by name": re.compile(
        r"^(?:[A-Za-z]{3,9},? )?(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})"
        + _TIME
    ),
    "day, month by name": re.compile(
        r"^(?:[A-Za-z]{3,9},? )?(?P<day>\d{1,2})[- ](?P<name>[A-Za-z]{3,9})\.?,?[- ](?P<year>\d{4})"
        + _TIME
    ),
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEARS = range(1900, 2201)
_SAME_DAY_FROM = dt.time(5)
"""From 05:00 UTC to midnight the day is the same in New York."""


class DateFormatError(ValueError):
    """The values of a date column do not have one clear format; the message shows some."""


@dataclass(frozen=True)
class _Written:
    """A date as written."""

    style: str
    parts: dict[str, str | None]


def league_days(values: pd.Series) -> pd.Series:
    """Return the league's day of each value (datetime64[us]); NaT for a value that is no date.

    The format is decided for the whole column. Times with a zone are converted to New York, except
    where every time is midnight: such a column has days. Times without a zone are accepted where
    they cannot move a game to another day.

    Raises
    ------
    DateFormatError
        If formats, or times with and without a zone, are mixed, or the order of day and month, or
        the zone of times, is not clear.
    """
    codes, kinds = pd.factorize(values)  # a missing value has code -1
    texts = [_text(value) for value in kinds]
    written = {text: found for text in texts if (found := _written(text)) is not None}
    _require_one_style(written)
    day_first = _day_first(written)
    times = {}
    for text, found in written.items():
        time = _time(found, day_first)
        if time is not None:
            times[text] = time
    days = _days(times)
    known = pd.Series([*map(days.get, texts), pd.NaT], dtype="datetime64[us]")
    return known.iloc[codes].set_axis(values.index)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def _written(text: str) -> _Written | None:
    for style, pattern in _DATES.items():
        match = pattern.match(text)
        if match:
            return _Written(style, match.groupdict())
    return None


def _require_one_style(written: dict[str, _Written]) -> None:
    examples: dict[str, str] = {}
    for text, found in written.items():
        examples.setdefault(found.style, text)
    if len(examples) > 1:
        raise DateFormatError(f"mixed formats: {_shown(examples.values())}")


def _shown(texts: Iterable[str]) -> str:
    return ", ".join(repr(text) for text in list(texts)[:_SHOWN_VALUES])


def _day_first(written: dict[str, _Written]) -> bool:
    """Return whether dates such as 27/10/2015 begin with the day."""
    pairs = {
        text: (int(found.parts["first"] or 0), int(found.parts["then"] or 0))
        for text, found in written.items()
        if found.style == "year last"
    }
    if not pairs:
        return False
    first = [text for text, pair in pairs.items() if pair[0] > len(_MONTHS)]
    then = [text for text, pair in pairs.items() if pair[1] > len(_MONTHS)]
    if bool(first) == bool(then):
        texts = [*first[:1], *then[:1]] or pairs
        why = "mixed orders of day and month" if first else "day or month first is not clear"
        raise DateFormatError(f"{why}: {_shown(texts)}")
    return bool(first)


def _time(found: _Written, day_first: bool) -> dt.datetime | None:
    """Return the time as written, zoned if a zone is written; None if there is no such time."""
    part = found.parts
    try:
        if found.style == "year last":
            first, then = int(part["first"] or 0), int(part["then"] or 0)
            day, month = (first, then) if day_first else (then, first)
        elif "name" in part:
            day, month = int(part["day"] or 0), _MONTHS.index((part["name"] or "")[:3].lower()) + 1
        else:
            day, month = int(part["day"] or 0), int(part["month"] or 0)
        hour = int(part.get("hour") or 0)
        if part.get("half"):
            hour = hour % 12 + 12 * ((part["half"] or "").lower() == "pm")
        time = dt.datetime(
            int(part["year"] or 0),
            month,
            day,
            hour,
            int(part.get("minute") or 0),
            int(part.get("second") or 0),
            tzinfo=_zone(part.get("zone")),
        )
    except ValueError:
        return None
    return time if time.year in _YEARS else None


def _zone(text: str | None) -> dt.tzinfo | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return dt.UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return dt.timezone(dt.timedelta(minutes=minutes if text[0] == "+" else -minutes))


def _days(times: dict[str, dt.datetime]) -> dict[str, pd.Timestamp]:
    """Return the day of each time."""
    zoned = {text: time.tzinfo is not None for text, time in times.items()}
    if len(set(zoned.values())) > 1:
        examples = {has: text for text, has in zoned.items()}
        raise DateFormatError(f"times with and without a zone: {_shown(examples.values())}")
    at_midnight = all(time.time() == dt.time(0) for time in times.values())
    if any(zoned.values()) and not at_midnight:
        index = pd.DatetimeIndex([pd.Timestamp(t).tz_convert("UTC") for t in times.values()])
        local = index.tz_convert(LEAGUE_ZONE)
        return dict(zip(times, local.tz_localize(None).normalize(), strict=True))
    early = [text for text, time in times.items() if time.time() < _SAME_DAY_FROM]
    if early and not at_midnight:
        raise DateFormatError(f"times of day without a time zone: {_shown(early)}")
    return {text: pd.Timestamp(time.date()) for text, time in times.items()}
