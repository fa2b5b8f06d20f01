"""Continuity and availability: players returning from last season, rotation players available.

Players are counted for the team of their latest game before the date, so a trade moves them with
their first game for the new team.
"""

from __future__ import annotations

import numpy as np

from nbarank.features.registry import per_date
from nbarank.features.running_sums import Floats, window_sums
from nbarank.features.season_view import SeasonView
from nbarank.schemas.league import TEAM_MINUTES

TYPICAL_ROTATION = 9.0
"""Rotation players of a team that has not played yet."""


@per_date
def returning_minutes(season: SeasonView) -> Floats:
    """Share of the season's minutes from players who played for the team last season.

    Shrunk with `shrink_games` games at the league's share of last season.
    """
    stints = season.appearances
    minutes = window_sums(stints.minutes, season.played[:, stints.team], None)
    games = season.pseudo_games(None)
    total = _per_team(season, minutes) + games * TEAM_MINUTES
    kept = _per_team(season, minutes * stints.returning)
    kept += games * TEAM_MINUTES * season.prior_returning
    return np.where(total > 0, kept / np.where(total > 0, total, 1.0), season.prior_returning)


@per_date
def rotation_players(season: SeasonView) -> Floats:
    """Rotation players: `rotation_minutes` or more per game played in the shortest window.

    9 before the first game.
    """
    counted = _per_team(season, _rotation(season))
    return np.where(season.played > 0, counted, TYPICAL_ROTATION)


@per_date
def rotation_available(season: SeasonView) -> Floats:
    """Rotation players who played in one of the team's latest `recent_games` games.

    9, all of them, before the first game.
    """
    stints = season.appearances
    seen = window_sums(stints.games, season.played[:, stints.team], season.params.recent_games)
    counted = _per_team(season, _rotation(season) * (seen > 0))
    return np.where(season.played > 0, counted, TYPICAL_ROTATION)


@per_date
def rotation_missing(season: SeasonView) -> Floats:
    """Rotation players who played in none of the latest `recent_games` games."""
    return rotation_players(season) - rotation_available(season)


def _rotation(season: SeasonView) -> Floats:
    """Return 1 for each stint of the rotation as of each date; shape (dates, stints)."""
    stints = season.appearances
    team_games = season.played[:, stints.team]
    window = min(season.params.rolling_windows)
    games = window_sums(stints.games, team_games, window)
    minutes = window_sums(stints.minutes, team_games, window)
    regular = (games > 0) & (minutes >= season.params.rotation_minutes * games)
    return (regular & _with_team(season)).astype(float)


def _with_team(season: SeasonView) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return whether each stint's player played his latest game for that team."""
    stints = season.appearances
    places = np.arange(len(stints.team))
    latest = stints.last_day[places, season.played[:, stints.team]]
    n_players = int(stints.player.max(initial=-1)) + 1
    of_player = np.zeros((len(season.as_of), n_players), dtype=np.int64)
    dates = np.arange(len(season.as_of))[:, None]
    np.maximum.at(of_player, (dates, stints.player[None, :]), latest)
    return np.asarray((latest > 0) & (latest == of_player[:, stints.player]))


def _per_team(season: SeasonView, values: Floats) -> Floats:
    """Sum values of stints, shape (dates, stints), by team: (dates, teams)."""
    result = np.zeros((len(season.teams), len(season.as_of)))
    np.add.at(result, season.appearances.team, values.T)
    return result.T
