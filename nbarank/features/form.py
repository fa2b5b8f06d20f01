"""Form: results and defence over the rolling windows, and the latest games one by one."""

from __future__ import annotations

import numpy as np

from nbarank.features.registry import per_date, per_recent_game, per_window
from nbarank.features.running_sums import Floats
from nbarank.features.season_view import SeasonView


@per_window
def win_share(season: SeasonView, window: int | None) -> Floats:
    """Share of games won."""
    return season.rate({"won": 1.0}, {"games": 1.0}, window)


@per_window
def defensive_rating(season: SeasonView, window: int | None) -> Floats:
    """Points allowed per 100 possessions."""
    return season.rate({"opponent_pts": 100.0}, {"possessions": 1.0}, window)


@per_date
def margin_trend(season: SeasonView) -> Floats:
    """Margin per game over the shortest rolling window, minus the season to date's.

    0 while the season is no longer than the window.
    """
    games = {"games": 1.0}
    window = min(season.params.rolling_windows)
    latest = season.rate({"margin": 1.0}, games, window)
    trend = latest - season.rate({"margin": 1.0}, games, None)
    return np.asarray(trend * (season.played > window))


@per_recent_game
def recent_efg(season: SeasonView, back: int) -> Floats:
    """Effective field-goal share in one of the latest games."""
    return season.recent({"fgm": 1.0, "fg3m": 0.5}, {"fga": 1.0}, back)


@per_recent_game
def recent_defensive_rating(season: SeasonView, back: int) -> Floats:
    """Points allowed per 100 possessions in one of the latest games."""
    return season.recent({"opponent_pts": 100.0}, {"possessions": 1.0}, back)


@per_recent_game
def recent_result(season: SeasonView, back: int) -> Floats:
    """Result of one of the latest games: 1 won, -1 lost, 0 not played yet."""
    won = season.recent({"won": 1.0}, {"games": 1.0}, back)
    return np.asarray((2.0 * won - 1.0) * (season.played >= back))
