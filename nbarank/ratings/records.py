"""Records to date: wins, losses, point differential, ranks; and the Pythagorean expectation."""

from __future__ import annotations

import numpy as np

from nbarank.core.ordering import ranks_from_scores
from nbarank.ratings.params import PythagoreanParams
from nbarank.ratings.season_games import Floats, Ints, SeasonGames


def records(season: SeasonGames) -> dict[str, Floats]:
    """Return records before each as-of date; `season` has regular-season games only.

    Returns
    -------
    games_played, wins, losses, win_pct (0.5 before a team's first game), point_diff (points per
    game; 0 before the first), points_for, points_against (sums). Shape (dates, teams) each.
    """
    home_won = (season.home_pts > season.away_pts).astype(np.float64)
    games = season.per_team(np.ones_like(home_won), np.ones_like(home_won))
    wins = season.per_team(home_won, 1.0 - home_won)
    scored = season.per_team(season.home_pts, season.away_pts)
    allowed = season.per_team(season.away_pts, season.home_pts)
    played = np.maximum(games, 1.0)
    return {
        "games_played": games,
        "wins": wins,
        "losses": games - wins,
        "win_pct": np.where(games > 0, wins / played, 0.5),
        "point_diff": (scored - allowed) / played,
        "points_for": scored,
        "points_against": allowed,
    }


def group_ranks(win_pct: Floats, point_diff: Floats, groups: Ints) -> Floats:
    """Rank teams within groups by share of wins, then point differential, then team id.

    A simple order without the league's tie-breaks, which league/standings follows. Ranks start at
    1 and are all different.

    Parameters
    ----------
    win_pct, point_diff
        Shape (dates, teams), teams in ascending order of id.
    groups
        Group of each team (conference, or all 0), shape (teams,).
    """
    result = np.zeros_like(win_pct)
    dates = np.arange(len(win_pct))[:, None]
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        ids = np.broadcast_to(-members, (len(win_pct), len(members)))
        ascending = np.lexsort((ids, point_diff[:, members], win_pct[:, members]), axis=-1)
        strict_score = np.empty(ascending.shape)
        strict_score[dates, ascending] = np.arange(len(members), dtype=np.float64)
        result[:, members] = ranks_from_scores(strict_score)
    return result


def pythagorean(record: dict[str, Floats], params: PythagoreanParams) -> dict[str, Floats]:
    """Return the share of wins expected from points, and luck, from the result of `records`.

    points_for^x / (points_for^x + points_against^x), x = 13.91 for the NBA (Morey, 1994).

    Returns
    -------
    pythagorean
        Expected share of wins, shrunk towards 0.5; 0.5 before a team's first game.
    luck
        Wins minus those expected from the points (not shrunk), in games; 0 before the first game.
    """
    scored, allowed = record["points_for"], record["points_against"]
    games = record["games_played"]
    league_games = np.maximum(games.sum(axis=1, keepdims=True), 1.0)
    average = scored.sum(axis=1, keepdims=True) / league_games
    added = params.shrink_games * average
    expected = _expectation(scored + added, allowed + added, params.exponent)
    unshrunk = _expectation(scored, allowed, params.exponent)
    return {"pythagorean": expected, "luck": record["wins"] - games * unshrunk}


def _expectation(scored: Floats, allowed: Floats, exponent: float) -> Floats:
    """Return the expected share of wins; 0.5 where no points were scored by either side."""
    ratio = np.where(scored > 0, allowed, 1.0) / np.where(scored > 0, scored, 1.0)
    return np.asarray(1.0 / (1.0 + ratio**exponent))
