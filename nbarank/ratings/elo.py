"""Elo ratings with margin of victory, before every playing day.

After FiveThirtyEight's NBA Elo ("How We Calculate NBA Elo Ratings", 2015): the winner gains K
times (1 - its win probability) times a weight of the margin, damped when the favourite wins.
"""

from __future__ import annotations

import numpy as np

from nbarank.ratings.params import EloParams
from nbarank.ratings.season_games import Floats, SeasonGames


def carried_over(elo: Floats, params: EloParams) -> Floats:
    """Regress ratings of a finished season to the mean, for the start of the next one."""
    return np.asarray(params.mean + params.carry_over * (elo - params.mean))


def season_elo(
    season: SeasonGames, start: Floats, experience: Floats, params: EloParams
) -> tuple[Floats, Floats]:
    """Run Elo through a season, day by day; games of every kind count.

    All games of a day are rated from the ratings before the day.

    Parameters
    ----------
    start
        Ratings before the season's first game, shape (teams,).
    experience
        Games of each team in earlier seasons, shape (teams,); a team with none plays its first
        `cold_start_games` at `cold_start_k`.

    Returns
    -------
    ratings
        Rating before each playing day, and after the last: shape (days + 1, teams). Indexed by
        `season.days_before`, these are the ratings as of the as-of dates.
    expected
        Probability before each game that the home team wins, shape (games,).
    """
    ratings = np.empty((len(season.days) + 1, len(start)))
    ratings[0] = start
    expected = np.empty(len(season.day))
    played = np.zeros(len(start), np.int64)
    new = (experience == 0).astype(np.int64)
    k_by_games = _k(len(season.day) + 1, params)
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
        k = k_by_games[int(season.regular[today].any()), new, played]
        np.add.at(elo, home, k[home] * change)
        np.add.at(elo, away, -k[away] * change)
        np.add.at(played, home, 1)
        np.add.at(played, away, 1)
        ratings[day + 1] = elo
    return ratings, expected


def _k(n_games: int, params: EloParams) -> Floats:
    """Return K by [in the regular season, without history, games played this season].

    It falls over the season and is higher for teams without history.
    """
    played = np.arange(n_games, dtype=np.float64)
    left = np.stack([np.zeros(n_games), 1.0 - played / params.k_fall_games])
    k = params.k_end + (params.k_start - params.k_end) * np.clip(left, 0.0, 1.0)
    cold = np.where(played < params.cold_start_games, params.cold_start_k, k)
    return np.stack([k, cold], axis=1)
