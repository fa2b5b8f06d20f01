"""Impact split into offence and defence: what a player adds to points scored and allowed.

Every game has the points of both sides. Their difference measures offence + defence, which is
impact (`rapm`); their sum measures offence - defence, here called scoring:

    points of both sides above the league's = sum of shares of minutes x scoring, both line-ups

at the league's pace. Box scores tell no points on court but those of the difference, so games are
the only rows. Scoring is shrunk to a prior from the box score, as impact to box plus-minus.
Sources: Rosenbaum (2004), "Measuring how NBA players help their teams win"; Myers (2020), "About
Box Plus/Minus (BPM)" (weights of offensive BPM).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from nbarank.features.players.box_plus_minus import TERMS
from nbarank.features.players.player_log import Floats, Ints, PlayerLog
from nbarank.features.players.rapm import Equations
from nbarank.schemas.league import BOX_COUNTS

OFFENCE_TERMS = {
    "points": 0.605, "shots": -0.401, "shots x role": -0.071, "threes": 0.477,
    "assists": 0.476, "turnovers": -0.7305,
    "offensive rebounds": 0.514, "offensive rebounds x position": -0.092,
    "defensive rebounds": -0.0045, "defensive rebounds x position": 0.1075,
    "steals": 0.2355, "steals x position": 0.0585, "blocks": 0.411, "blocks x position": -0.314,
    "fouls": -0.439, "small": 1.698, "role": 0.860, "known": 0.75,
}  # fmt: skip
"""Published weights of offensive BPM, the mean where they differ by position; 0 for other terms.

`known` is no published term: half of its weight in `TERMS`. The rest of `TERMS` is defence.
"""

SCORING_TERMS = {name: 2.0 * OFFENCE_TERMS.get(name, 0.0) - TERMS[name] for name in TERMS}
"""Offence minus defence, to which fitted weights are shrunk."""
LEVEL_GAMES = 100.0
"""Games at last season's level in the league's level of a season."""

_POINTS = BOX_COUNTS.index("pts")


def scoring_above_league(log: PlayerLog) -> Floats:
    """Return (n_rows,) points of both sides above the league's until that day, per 48 minutes.

    Points count per possession and are taken at the league's pace, so a fast game is no scoring.
    """
    first = _first_rows(log.game)
    points = 2.0 * log.team_counts[first, _POINTS] - log.margin[first]
    per_possession = points / log.possessions[first]
    pace = log.possessions[first] * 48.0 / log.length[first]
    day, season = log.day[first], log.season_number[first]
    above = per_possession - _level(per_possession, day, season)
    game = np.cumsum(np.diff(log.game, prepend=log.game[:1]) != 0)
    return np.asarray((above * _level(pace, day, season))[game], np.float64)


def _first_rows(game: Ints) -> Ints:
    return np.flatnonzero(np.r_[True, game[1:] != game[:-1]][: len(game)])


def _level(values: Floats, day: Ints, season: Ints) -> Floats:
    """Return the season's mean of games up to each day, with LEVEL_GAMES of the last season."""
    levels = np.empty(len(values))
    last, prior = 0.0, 0.0
    for number in np.unique(season):
        rows = season == number
        count = np.searchsorted(day[rows], day[rows], side="right")
        levels[rows] = (np.cumsum(values[rows])[count - 1] + prior * last) / (count + prior)
        last, prior = float(np.mean(values[rows])), LEVEL_GAMES
    return levels


def scoring_equations(
    log: PlayerLog,
    rows: slice,
    above: Floats,
    weights: Floats,
    solved: NDArray[np.bool_] | None = None,
) -> Equations:
    """Return the normal equations of scoring of the games in some rows of the log.

    The last column is a constant: what the league's level leaves over.

    Parameters
    ----------
    rows
        Rows of whole games.
    above
        (n_rows,) `scoring_above_league` of those rows.
    weights
        (n_rows,) weight of each row's game.
    solved
        As in `normal_equations`.
    """
    width = len(log.players) + 1
    first = _first_rows(log.game[rows])
    n_games = len(first)
    game = np.repeat(np.arange(n_games), np.diff(np.r_[first, len(weights)]))
    share, player = log.minutes[rows] / log.length[rows], log.player[rows]
    if solved is not None:
        own = solved[player]
        share, player, game = share[own], player[own], game[own]
    columns = np.r_[player, np.full(n_games, width - 1)]
    both = sp.csr_matrix(
        (np.r_[share, np.ones(n_games)], (np.r_[game, np.arange(n_games)], columns)),
        (n_games, width),
    )
    weighted = both.T @ sp.diags(weights[first])
    return Equations((weighted @ both).tocsr(), np.asarray(weighted @ above[first]))
