"""Rest: days since the latest game, and games shortly before and after the date."""

from __future__ import annotations

import numpy as np

from nbarank.features.registry import per_date
from nbarank.features.running_sums import Days, Floats, Ints
from nbarank.features.season_view import SeasonView

LONGEST_REST = 10.0
"""Maximum number of days of rest that count (All-Star break, before the season)."""


@per_date
def rest_days(season: SeasonView) -> Floats:
    """Days since the latest game (1: played the day before), at most 10; 10 before the first."""
    since = (season.as_of[:, None] - _last_game(season)).astype("timedelta64[D]").astype(float)
    return np.where(season.played > 0, np.clip(since, 1.0, LONGEST_REST), LONGEST_REST)


@per_date
def back_to_back(season: SeasonView) -> Floats:
    """1 where the team played the day before and has a fixture on the day, else 0."""
    today = _fixtures_within(season, 1)
    return np.asarray((rest_days(season) == 1.0) & (today > 0), dtype=np.float64)


@per_date
def games_last_7_days(season: SeasonView) -> Floats:
    """Games played in the seven days before the date."""
    week_ago = season.as_of - np.timedelta64(7, "D")
    earlier = (season.game_day[None, :, :] < week_ago[:, None, None]).sum(axis=2)
    return np.asarray(season.played - earlier, dtype=np.float64)


@per_date
def games_next_7_days(season: SeasonView) -> Floats:
    """Fixtures from the date on, within seven days."""
    return _fixtures_within(season, 7)


def _last_game(season: SeasonView) -> Days:
    """Return the day of each team's latest game before each date (its first, if none)."""
    index: Ints = np.maximum(season.played - 1, 0)
    return np.asarray(season.game_day[np.arange(len(season.teams)), index])


def _fixtures_within(season: SeasonView, days: int) -> Floats:
    """Count each team's fixtures in [date, date + days)."""
    hosted = season.fixtures.hosted_ahead(season.as_of, len(season.teams), days)
    return np.asarray(hosted.sum(axis=2) + hosted.sum(axis=1))
