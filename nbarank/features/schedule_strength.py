"""Strength of the schedule played and of the fixtures left, by the ratings as of the date."""

from __future__ import annotations

import numpy as np

from nbarank.features.registry import per_date
from nbarank.features.running_sums import Floats
from nbarank.features.season_view import SeasonView


@per_date
def schedule_strength_played(season: SeasonView) -> Floats:
    """Mean rating, as of the date, of the opponents played; points per game, 0 before the first."""
    return _mean_opponent(season.meetings, season.strength)


@per_date
def schedule_strength_left(season: SeasonView) -> Floats:
    """Mean rating, as of the date, of the remaining opponents; 0 when none is left."""
    return _mean_opponent(meetings_left(season), season.strength)


@per_date
def games_left(season: SeasonView) -> Floats:
    """Fixtures on or after the date."""
    return np.asarray(meetings_left(season).sum(axis=2))


@per_date
def home_share_left(season: SeasonView) -> Floats:
    """Share of the fixtures left that are at home; 0.5 when none is left."""
    at_home = season.fixtures.hosted_ahead(season.as_of, len(season.teams)).sum(axis=2)
    left = games_left(season)
    return np.where(left > 0, at_home / np.maximum(left, 1.0), 0.5)


def meetings_left(season: SeasonView) -> Floats:
    """Count fixtures on or after the date between each pair of teams; (dates, teams, teams)."""
    hosted = season.fixtures.hosted_ahead(season.as_of, len(season.teams))
    return np.asarray(hosted + hosted.transpose(0, 2, 1))


def _mean_opponent(meetings: Floats, strength: Floats) -> Floats:
    games = meetings.sum(axis=2)
    total = (meetings * strength[:, None, :]).sum(axis=2)
    return np.asarray(total / np.maximum(games, 1.0))
