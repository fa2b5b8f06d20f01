"""Box plus-minus: impact estimated from the box score, fitted on earlier seasons.

Weights of box-score rates are fitted to plus-minus and margins of games AFTER the rates were
known, so they predict; for a season only games of earlier seasons are used. After Myers (2020),
"About Box Plus/Minus (BPM)".
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.linalg

from nbarank.features.players.player_log import Floats, PlayerLog
from nbarank.features.players.rapm import Equations
from nbarank.schemas.league import BOX_COUNTS

RATES = ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "ast", "stl", "blk", "tov",
         "pf", "pts")  # fmt: skip
"""Counts that enter as rates per 100 possessions."""

GAME_SCORE = {
    "pts": 1.0, "fgm": 0.4, "fga": -0.7, "fta": -0.4, "ftm": 0.4, "oreb": 0.7, "dreb": 0.3,
    "stl": 1.0, "ast": 0.7, "blk": 0.7, "pf": -0.4, "tov": -1.0,
}  # fmt: skip
"""Hollinger's Game Score; -0.4 for a missed free throw is split into fta and ftm."""

REGULAR_MINUTES = 28.0
"""Minutes per game at which the effect of a further minute changes."""


def game_score(counts: Floats) -> Floats:
    """Return Hollinger's Game Score of (..., 15) counts in the order of BOX_COUNTS."""
    weights = np.array([GAME_SCORE.get(name, 0.0) for name in BOX_COUNTS])
    return np.asarray(counts @ weights, np.float64)


def box_values(log: PlayerLog) -> Floats:
    """Return (n_rows, n_rates + 3): counts of RATES, possessions, minutes, games."""
    places = [BOX_COUNTS.index(name) for name in RATES]
    on_court = log.possessions * log.minutes / log.length
    return np.column_stack(
        [log.counts[:, places], on_court, log.minutes * 48.0 / log.length, np.ones(len(on_court))]
    ).astype(np.float64)


def box_features(sums: Floats, prior_possessions: float) -> Floats:
    """Return (n_players, n_features) inputs of the regression.

    Rates per 100 possessions minus the league's; usage times scoring efficiency and assists times
    rebounds (stars gain more than in proportion); minutes per game and minutes above
    `REGULAR_MINUTES`; share of known possessions. No constant: games compare players.

    Parameters
    ----------
    sums
        (n_players, n_rates + 3) decayed sums of `box_values`.
    prior_possessions
        Possessions at the league's rates added to each player's.
    """
    counts, possessions, minutes, games = np.split(sums, [-3, -2, -1], axis=1)
    # Summed row by row: rows of zeros (future players) do not change a bit.
    total = sums.sum(axis=0)
    league = total[:-3] / max(float(total[-3]), 1.0)
    own = possessions + prior_possessions
    rates = 100.0 * ((counts + prior_possessions * league) / own - league)
    per_game = (minutes + 5.0 * 10.0) / (games + 5.0)
    known = possessions / own
    column = {name: rates[:, [place]] for place, name in enumerate(RATES)}
    efficiency = column["pts"] - column["fga"] - 0.44 * column["fta"]
    volume = column["fga"] + 0.44 * column["fta"] + column["tov"]
    rebounds = column["oreb"] + column["dreb"]
    return np.hstack(
        [
            rates,
            efficiency * volume / 10.0,
            column["ast"] * rebounds / 10.0,
            per_game / 10.0 - 2.0,
            np.maximum(per_game - REGULAR_MINUTES, 0.0) / 10.0,
            known - 0.5,
        ]
    )


N_FEATURES = len(RATES) + 5
MINUTES = -2
"""Column of minutes in `box_values`."""


@dataclass
class WalkForwardRegression:
    """Weights of features, fitted to the normal equations of the seasons that have ended.

    Games count from the `close_season` after `add`, which also refits.
    """

    n_features: int
    ridge: float
    weights: Floats = field(init=False)
    _left: Floats = field(init=False)
    _right: Floats = field(init=False)
    _squares: Floats = field(init=False)
    _rows: float = 0.0

    def __post_init__(self) -> None:
        """Start with weights of zero until the first season ends."""
        width = self.n_features + 1
        self.weights = np.zeros(self.n_features)
        self._left, self._right = np.zeros((width, width)), np.zeros(width)
        self._squares = np.zeros(self.n_features)

    def add(self, features: Floats, games: Equations) -> None:
        """Add games; `features` is (n_players, n_features), known before the games."""
        seen = np.flatnonzero(games.left.diagonal()[:-1])
        if len(seen) == 0:
            return
        columns = np.r_[seen, len(features)]
        block = np.zeros((len(columns), self.n_features + 1))
        block[:-1, :-1] = features[seen]
        block[-1, -1] = 1.0  # home court
        left = games.left[columns][:, columns].toarray()
        self._left += block.T @ left @ block
        self._right += block.T @ games.right[columns]
        self._squares += (features[seen] ** 2).sum(axis=0)
        self._rows += len(seen)

    def close_season(self) -> None:
        """Refit to all games added so far."""
        if self._rows == 0.0:
            return
        variance = self._squares / self._rows
        left = self._left.copy()
        left[np.diag_indices(self.n_features)] += self.ridge * variance + 1e-9
        left[-1, -1] += 1e-9
        self.weights = np.asarray(
            scipy.linalg.solve(left, self._right, assume_a="pos", check_finite=False)[:-1]
        )
