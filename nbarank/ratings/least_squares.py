"""Team ratings by least squares on margins, solved as of every date: SRS, Massey, carried SRS.

All solve the same ridge-regularised normal equations

    (games_i + ridge) r_i - sum_j meetings_ij r_j + home_balance_i h = margins_i + ridge * prior_i

for every as-of date at once. Meetings, margins and home balances are sums of whole numbers over
the games before the date, so they are exact, and each date is solved on its own: no rating can
depend on later games or on other dates.
Sources: Massey (1997), "Statistical models applied to the rating of sports teams"; Doug Drinen
(2006), "A very simple ranking system" (SRS).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.ratings.params import SrsParams
from nbarank.ratings.season_games import Floats, SeasonGames

FLOOR = 1e-6
"""Minimum ridge, in games: keeps the system solvable before all teams are connected."""


@dataclass(frozen=True)
class MarginSums:
    """Sums over the games before each as-of date that least squares needs.

    Attributes
    ----------
    meetings
        Games between each pair of teams, shape (dates, teams, teams).
    margins
        Sum of each team's margins, shape (dates, teams).
    home_balance
        Home games minus away games, without neutral ground, shape (dates, teams).
    home_games
        Games not on neutral ground, shape (dates,).
    home_margin
        Sum of the home teams' margins in those games, shape (dates,).
    """

    meetings: Floats
    margins: Floats
    home_balance: Floats
    home_games: Floats
    home_margin: Floats


def margin_sums(season: SeasonGames) -> MarginSums:
    """Sum a season's games before each as-of date (pass regular-season games only)."""
    margin = season.home_pts - season.away_pts
    place = np.zeros_like(season.day)
    return MarginSums(
        meetings=season.meetings(),
        margins=season.per_team(margin, -margin),
        home_balance=season.per_team(season.at_home, -season.at_home),
        home_games=season.before(season.day, place, season.at_home, 1)[:, 0],
        home_margin=season.before(season.day, place, margin * season.at_home, 1)[:, 0],
    )


def fading_ridge(sums: MarginSums, params: SrsParams) -> Floats:
    """Return the ridge of each date: from ridge_games down to none at ridge_fade_games."""
    games = sums.meetings.sum(axis=2).mean(axis=1)
    left = np.clip(1.0 - games / params.ridge_fade_games, 0.0, 1.0)
    return np.asarray(np.maximum(params.ridge_games * left, FLOOR))


def solve(sums: MarginSums, ridge: Floats, prior: Floats) -> Floats:
    """Rate teams by margins and opponents, without home advantage.

    Parameters
    ----------
    ridge
        Games at the prior added for every team, shape (dates,).
    prior
        Prior rating, shape (teams,).

    Returns
    -------
    Points per game against an average opponent: mean 0 over games played; shape (dates, teams).
    """
    matrix = _team_matrix(sums, ridge)
    target = sums.margins + ridge[:, None] * prior
    ratings = np.asarray(np.linalg.solve(matrix, target[..., None])[..., 0], dtype=np.float64)
    return _centred(ratings, sums, ridge)


def solve_with_home(
    sums: MarginSums, ridge: Floats, prior: Floats, home_prior: float, params: SrsParams
) -> tuple[Floats, Floats]:
    """Rate teams and the home advantage jointly.

    `ridge` and `prior` as in `solve`; `home_prior` is the expected home advantage in points, with
    the weight of `home_ridge_games` games.

    Returns
    -------
    Ratings as from `solve`, shape (dates, teams); home advantage in points, shape (dates,).
    """
    dates, n_teams = sums.margins.shape
    matrix = np.empty((dates, n_teams + 1, n_teams + 1))
    matrix[:, :n_teams, :n_teams] = _team_matrix(sums, ridge)
    matrix[:, :n_teams, n_teams] = matrix[:, n_teams, :n_teams] = sums.home_balance
    matrix[:, n_teams, n_teams] = sums.home_games + params.home_ridge_games
    target = np.empty((dates, n_teams + 1))
    target[:, :n_teams] = sums.margins + ridge[:, None] * prior
    target[:, n_teams] = sums.home_margin + params.home_ridge_games * home_prior
    solved = np.linalg.solve(matrix, target[..., None])[..., 0]
    ratings = solved[:, :n_teams]
    return _centred(ratings, sums, ridge), solved[:, n_teams]


def solve_totals(sums: MarginSums, totals: Floats, ridge: Floats, prior: Floats) -> Floats:
    """Rate how many more points than the league's mean both sides score in a team's games.

    As `solve`, with the sum of both teams' ratings in place of the difference.

    Parameters
    ----------
    totals
        Sum of both sides' points over each team's games, shape (dates, teams).
    """
    games = sums.meetings.sum(axis=2)
    league_games = np.maximum(games.sum(axis=1, keepdims=True), 1.0)
    mean = totals.sum(axis=1, keepdims=True) / league_games
    matrix = sums.meetings.copy()
    diagonal = np.arange(games.shape[1])
    matrix[:, diagonal, diagonal] += games + ridge[:, None]
    target = totals - games * mean + ridge[:, None] * prior
    ratings = np.asarray(np.linalg.solve(matrix, target[..., None])[..., 0], dtype=np.float64)
    return _centred(ratings, sums, ridge)


def strength_of_schedule(sums: MarginSums, ratings: Floats) -> Floats:
    """Return the mean rating, as of the date, of opponents played; 0 before the first game."""
    games = sums.meetings.sum(axis=2)
    total = (sums.meetings * ratings[:, None, :]).sum(axis=2)
    return np.asarray(total / np.maximum(games, 1.0))


def _team_matrix(sums: MarginSums, ridge: Floats) -> Floats:
    """Return the teams' part of the normal equations, shape (dates, teams, teams)."""
    games = sums.meetings.sum(axis=2)
    matrix = -sums.meetings
    diagonal = np.arange(games.shape[1])
    matrix[:, diagonal, diagonal] += games + ridge[:, None]
    return np.asarray(matrix)


def _centred(ratings: Floats, sums: MarginSums, ridge: Floats) -> Floats:
    """Shift ratings so that their mean, weighted by games (with the ridge's), is 0.

    The published SRS is weighted like this: in 2019-20, with unequal numbers of games, a plain
    mean would be 0.16 points off.
    """
    weight = sums.meetings.sum(axis=2) + ridge[:, None]
    mean = (ratings * weight).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    return np.asarray(ratings - mean)
