"""Sums over a player's or team's past: exact over any span of days, or decayed with age.

Exact sums are of whole numbers (minutes and plus-minus in thousandths), so they do not depend on
how many games other players have played, before or after.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from nbarank.features.players.player_log import Counts, Floats, Ints

THOUSANDTHS = 1000.0
_DAYS = 1_000_000
"""Larger than any day number; keys are group x _DAYS + day."""


@dataclass(frozen=True)
class SpanSums:
    """Running sums of each group's rows in order of days.

    Attributes
    ----------
    keys
        (n_rows,) group and day in one number, ascending.
    running
        (n_rows + 1, n_values) whole-number sums of the rows before.
    """

    keys: Ints
    running: Ints

    @classmethod
    def of(cls, group: Ints, day: Ints, values: Ints) -> SpanSums:
        """Sort rows by group and day; `values` are (n_rows, n_values) whole numbers."""
        keys = group * _DAYS + day
        order = np.argsort(keys, kind="stable")
        running = np.zeros((len(keys) + 1, values.shape[1]), np.int64)
        np.cumsum(values[order], axis=0, out=running[1:])
        return cls(keys[order], running)

    def between(self, group: Ints, first_day: Ints, end_day: Ints) -> Ints:
        """Return (n_queries, n_values) sums over first_day <= day < end_day."""
        low = np.searchsorted(self.keys, group * _DAYS + first_day)
        high = np.searchsorted(self.keys, group * _DAYS + end_day)
        return np.asarray(self.running[np.maximum(high, low)] - self.running[low])


@dataclass(frozen=True)
class GameDays:
    """The days on which each group (team or player) played, in order."""

    keys: Ints

    @classmethod
    def of(cls, group: Ints, day: Ints) -> GameDays:
        """Sort games; one row per group and game."""
        return cls(np.sort(group * _DAYS + day))

    def count(self, group: Ints, first_day: Ints, end_day: Ints) -> Ints:
        """Return (n_queries,) games of a group with first_day <= day < end_day."""
        low = np.searchsorted(self.keys, group * _DAYS + first_day)
        high = np.searchsorted(self.keys, group * _DAYS + end_day)
        return np.asarray(np.maximum(high - low, 0))

    def day_of_last(self, group: Ints, end_day: Ints, games: int) -> Ints:
        """Return the day of the `games`-th latest game before a day; 0 where there are fewer."""
        place = np.searchsorted(self.keys, group * _DAYS + end_day) - games
        start = np.searchsorted(self.keys, group * _DAYS)
        enough = place >= start
        keys = np.append(self.keys, 0)  # there may be no games at all
        return np.where(enough, keys[np.where(enough, place, 0)] - group * _DAYS, 0)

    def day_after_next(self, group: Ints, first_day: Ints, last_day: Ints, games: int) -> Ints:
        """Return the day after the `games`-th game from a day on, at most `last_day` + 1."""
        place = np.searchsorted(self.keys, group * _DAYS + first_day) + games - 1
        end = np.searchsorted(self.keys, group * _DAYS + last_day + 1)
        enough = place < end
        keys = np.append(self.keys, 0)  # there may be no games at all
        day = keys[np.where(enough, place, 0)] - group * _DAYS
        return np.where(enough, day, last_day) + 1


@dataclass
class DecayedSums:
    """Sums of values whose weight falls by a factor e every `memory` days of the clock.

    Attributes
    ----------
    sums
        (n_groups, n_values) sums as of the latest `advance`.
    """

    n_groups: int
    n_values: int
    memory: float
    sums: Floats = field(init=False)
    clock: float = 0.0

    def __post_init__(self) -> None:
        """Start at zero."""
        self.sums = np.zeros((self.n_groups, self.n_values))

    def advance(
        self, clock: float, group: Ints, values: Iterable[Floats | Counts], clocks: Floats
    ) -> Floats:
        """Decay to a clock, add new rows (group, columns, time on the clock); return the sums."""
        columns = np.ascontiguousarray(self.sums.T * np.exp(-(clock - self.clock) / self.memory))
        decay = np.exp(-(clock - clocks) / self.memory)
        for column, added in zip(columns, values, strict=True):
            np.add.at(column, group, added * decay)
        self.sums = np.ascontiguousarray(columns.T)
        self.clock = clock
        return self.sums


def thousandths(values: Floats | Ints) -> Ints:
    """Return values as whole thousandths."""
    return np.rint(values * THOUSANDTHS).astype(np.int64)
