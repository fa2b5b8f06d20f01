"""Ridge RAPM-lite: player impact from plus-minus in box scores, without play-by-play.

Two kinds of rows measure impact, in points per 48 minutes:

- a game: margin per 48 minutes = sum of shares of minutes x impact at home, minus the same away,
  plus home court;
- a player in a game: plus-minus per 48 minutes = his impact, plus that of four team-mates, minus
  that of five opponents, each in proportion to minutes, plus home court. Its weight is
  minutes / 48, times `on_court_weight`: ten players share a score, so their rows are not
  independent.

The normal equations of all rows are summed with weights that decay with age, and solved for the
players active at a snapshot, shrunk to a prior mean (box plus-minus, or zero).
After Sill (2010), "Improved NBA adjusted +/- using regularization and out-of-sample testing".
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray

from nbarank.features.players.player_log import Floats, Ints, PlayerLog

HOME_RIDGE = 1.0
"""Ridge of home court, a column of its own; close to none."""


@dataclass
class Equations:
    """Sparse normal equations of some games: left (n + 1, n + 1), right (n + 1,).

    Column n is home court.
    """

    left: sp.csr_matrix
    right: Floats

    def scaled(self, weight: float) -> Equations:
        """Return the same equations at another weight."""
        return Equations(self.left * weight, self.right * weight)


def normal_equations(
    log: PlayerLog,
    rows: slice,
    on_court_weight: float,
    weights: Floats,
    solved: NDArray[np.bool_] | None = None,
) -> Equations:
    """Return the normal equations of the games in some rows of the log.

    Parameters
    ----------
    rows
        Rows of whole games.
    on_court_weight
        Weight of a player's row against a game's.
    weights
        (n_rows,) weight of each row's game.
    solved
        (n_players,) players whose unknowns are set up; None: all. The equations between them are
        the same to the last bit.
    """
    width = len(log.players) + 1
    player, minutes, length = log.player[rows], log.minutes[rows], log.length[rows]
    n_rows = len(player)
    if n_rows == 0:
        return Equations(sp.csr_matrix((width, width)), np.zeros(width))
    game = log.game[rows] - log.game[rows][0]
    n_games = int(game.max()) + 1
    # Of the two teams of a game, the one listed first is 0; its margin is the game's.
    first = np.zeros(n_games, np.int64)
    first[game[::-1]] = log.team[rows][::-1]
    side = 2 * game + (log.team[rows] != first[game])
    n_sides = 2 * n_games
    share = minutes / length
    # A player's row is `scale` x (shares of his side) + `own` x himself - (shares of the other
    # side, less home court): the rows of a side differ in two numbers, so sides are multiplied,
    # not rows, which are ten times as many.
    scale = 4.0 / (5.0 - np.minimum(share, 1.0))
    own = 1.0 - scale * share
    weight = on_court_weight * minutes / 48.0 * weights
    rate = weight * log.plus_minus[rows] * 48.0 / minutes

    own_rows = np.arange(n_rows) if solved is None else np.flatnonzero(solved[player])
    cells = (side[own_rows], player[own_rows])

    def of_players(values: Floats) -> sp.csr_matrix:
        return sp.csr_matrix((values[own_rows], cells), shape=(n_sides, width))

    def of_sides(values: Floats) -> sp.dia_matrix:
        return sp.diags(np.bincount(side, values, n_sides))

    lineup = of_players(share)
    court = np.zeros(n_sides)
    court[side] = log.side[rows]
    home = sp.csr_matrix(
        (court, (np.arange(n_sides), np.full(n_sides, width - 1))), (n_sides, width)
    )
    other = lineup[np.arange(n_sides) ^ 1] - home
    half = lineup.T @ (
        of_sides(0.5 * weight * scale**2) @ lineup
        + of_players(weight * scale * own)
        - of_sides(weight * scale) @ other
    ) + other.T @ (of_sides(0.5 * weight) @ other - of_players(weight * own))
    left = half + half.T + sp.diags(np.bincount(player, weight * own**2, width))
    right = (
        lineup.T @ np.bincount(side, rate * scale, n_sides)
        + np.bincount(player, rate * own, width)
        - other.T @ np.bincount(side, rate, n_sides)
    )

    first_row = np.flatnonzero(np.r_[True, game[1:] != game[:-1]])
    sign = sp.csr_matrix(
        (np.tile([1.0, -1.0], n_games), np.arange(2 * n_games), np.arange(0, 2 * n_games + 1, 2))
    )
    whole = sign @ lineup + sp.csr_matrix(
        (log.side[rows][first_row], (np.arange(n_games), np.full(n_games, width - 1))),
        (n_games, width),
    )
    margin = (log.margin[rows] * 48.0 / length)[first_row]
    weighted = whole.T @ sp.diags(weights[first_row])
    return Equations((left + weighted @ whole).tocsr(), np.asarray(right + weighted @ margin))


@dataclass
class DecayedEquations:
    """Dense normal equations that decay with age, for one memory."""

    n_players: int
    memory: float
    left: Floats = field(init=False)
    right: Floats = field(init=False)
    last_seen: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Start without games."""
        width = self.n_players + 1
        self.left, self.right = np.zeros((width, width)), np.zeros(width)
        self.last_seen = np.full(self.n_players, -np.inf)

    def growth(self, clock: Floats) -> Floats:
        """Return the weight of games at a clock: new games grow, instead of old ones decaying."""
        return np.exp(clock / self.memory)

    def add(self, equations: Equations, player: Ints, clock: Floats) -> None:
        """Add the equations of games, made with weights `growth(clock)`."""
        entries = equations.left.tocoo()
        self.left[entries.row, entries.col] += entries.data
        self.right += equations.right
        np.maximum.at(self.last_seen, player, clock)

    def solve(self, clock: float, active: Ints, priors: Floats, shrinkage: float) -> Floats:
        """Return (n_active, n_priors) impact per 48 minutes, one column per prior.

        Parameters
        ----------
        active
            Players to solve for, ascending.
        priors
            (n_active, n_priors) prior means.
        shrinkage
            Weight of the prior in games of 48 minutes.
        """
        columns = np.r_[active, self.n_players]
        scale = np.exp(-clock / self.memory)
        left = self.left[np.ix_(columns, columns)] * scale
        mean = np.vstack([priors, np.zeros((1, priors.shape[1]))])
        right = (self.right[columns] * scale)[:, None] - left @ mean
        left[np.diag_indices_from(left)] += np.r_[np.full(len(active), shrinkage), HOME_RIDGE]
        # Not `solve(assume_a="pos")`, which also estimates the condition: twice the time.
        factor = scipy.linalg.cho_factor(left, check_finite=False)
        moved = scipy.linalg.cho_solve(factor, right, check_finite=False)
        return np.asarray(priors + moved[:-1], np.float64)
