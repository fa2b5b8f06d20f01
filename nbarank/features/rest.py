"""Rest: how tired a team comes to the date, and what the fixture list holds next."""

from __future__ import annotations

import numpy as np

from nbarank.features.as_of import Days, Floats, Ints
from nbarank.features.registry import per_date
from nbarank.features.season import SeasonView

LONGEST_REST = 10.0
"""Days from which on rest no longer counts (the All-Star break, the weeks before the season)."""


@per_date
def rest_days(season: SeasonView) -> Floats:
    """Days since the latest game (1: played the day before), at most 10; 10 before the first."""
    since = (season.as_of[:, None] - _last_game(season)).astype("timedelta64[D]").astype(float)
    return np.where(season.played > 0, np.clip(since, 1.0, LONGEST_REST), LONGEST_REST)


@per_date
def back_to_back(season: SeasonView) -> Floats:
    """1 where the team played the day before and has a fixture on the day, else 0."""
    today = _fixtures_within(season, 0, 1)
    tired: Floats = ((rest_days(season) == 1.0) & (today > 0)).astype(float)
    return tired


@per_date
def games_last_7_days(season: SeasonView) -> Floats:
    """Games played in the seven days before the date."""
    week_ago = season.as_of - np.timedelta64(7, "D")
    recent: Floats = season.played.astype(float) - _played_before(season, week_ago)
    return recent


@per_date
def games_next_7_days(season: SeasonView) -> Floats:
    """Fixtures from the date on, within seven days."""
    return _fixtures_within(season, 0, 7)


def _last_game(season: SeasonView) -> Days:
    """Return the day of each team's latest game before each date (its first, if none)."""
    index: Ints = np.maximum(season.played - 1, 0)
    return np.asarray(season.game_day[np.arange(len(season.teams)), index])


def _played_before(season: SeasonView, days: Days) -> Floats:
    """Count each team's games before each of some earlier days; shape (dates, teams)."""
    return np.asarray(
        (season.game_day[None, :, :] < days[:, None, None]).sum(axis=2), dtype=np.float64
    )


def _fixtures_within(season: SeasonView, first: int, last: int) -> Floats:
    """Count fixtures in [date + first days, date + last days)."""
    n_teams = len(season.teams)
    until = season.fixtures.before(season.as_of + np.timedelta64(last, "D"), n_teams)
    return until - season.fixtures.before(season.as_of + np.timedelta64(first, "D"), n_teams)
