"""Elo ratings with margin of victory, before every playing day.

After FiveThirtyEight's NBA Elo ("How We Calculate NBA Elo Ratings", 2015): the winner takes
K times the surprise times a weight of the margin, which is damped when the favourite wins.
"""

from __future__ import annotations

import numpy as np

from nbarank.ratings.params import EloParams
from nbarank.ratings.season import Floats, SeasonGames


def carried_over(elo: Floats, params: EloParams) -> Floats:
    """Pull ratings of a finished season towards the mean, for the start of the next one."""
    return np.asarray(params.mean + params.carry_over * (elo - params.mean))


def season_elo(
    season: SeasonGames, start: Floats, experience: Floats, params: EloParams
) -> tuple[Floats, Floats]:
    """Run Elo through a season, game day by game day.

    All games of a day are rated from the ratings before the day. Regular season, play-in and
    playoffs all count.

    Parameters
    ----------
    season
        Games of every kind.
    start
        Ratings before the season's first game, shape (teams,).
    experience
        Games each team has behind it in earlier seasons, shape (teams,); a team with none plays
        its first `cold_start_games` at `cold_start_k`.

    Returns
    -------
    ratings
        Rating before each playing day, and after the last: shape (days + 1, teams). At
        `season.days_before` it holds the ratings as of the as-of dates.
    expected
        Probability that the home team wins, before the game, shape (games,), in the season's
        order of games.
    """
    ratings = np.empty((len(season.days) + 1, len(start)))
    ratings[0] = start
    expected = np.empty(len(season.day))
    played = np.zeros(len(start))
    first = np.searchsorted(season.day, np.arange(len(season.days) + 1))
    margin = season.home_pts - season.away_pts
    weight = (np.abs(margin) + params.margin_offset) ** params.margin_exponent
    for day in range(len(season.days)):
        today = slice(first[day], first[day + 1])
        home, away = season.home[today], season.away[today]
        elo = ratings[day].copy()
        edge = elo[home] - elo[away] + params.home_advantage * season.at_home[today]
        expected[today] = 1.0 / (1.0 + 10.0 ** (-edge / 400.0))
        won = (margin[today] > 0).astype(np.float64)
        favoured = np.where(won > 0, edge, -edge)
        scale = np.maximum(params.margin_scale + params.margin_favourite * favoured, 1.0)
        change = weight[today] / scale * (won - expected[today])
        k = _k(played, experience, params, playoffs=not season.regular[today].any())
        np.add.at(elo, home, k[home] * change)
        np.add.at(elo, away, -k[away] * change)
        np.add.at(played, home, 1.0)
        np.add.at(played, away, 1.0)
        ratings[day + 1] = elo
    return ratings, expected


def _k(played: Floats, experience: Floats, params: EloParams, *, playoffs: bool) -> Floats:
    """Return each team's K: falling through the season, higher for teams without history."""
    left = np.zeros_like(played) if playoffs else 1.0 - played / params.k_fall_games
    k = params.k_end + (params.k_start - params.k_end) * np.clip(left, 0.0, 1.0)
    cold = (experience == 0) & (played < params.cold_start_games)
    return np.where(cold, params.cold_start_k, k)
