"""Box plus-minus: impact estimated from the box score, fitted on earlier seasons.

The terms are those of BPM 2.0: efficiency relative to the team's, shots by offensive role, and the
rest by position, both estimated from the box score. Their weights are fitted to plus-minus and
margins of games AFTER the rates were known, so they predict, and shrunk to the published ones; for
a season only games of earlier seasons are used.
After Myers (2020), "About Box Plus/Minus (BPM)", Basketball-Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.linalg

from nbarank.features.players.player_log import Counts, Floats, PlayerLog
from nbarank.features.players.rapm import Equations
from nbarank.schemas.league import BOX_COUNTS

GAME_SCORE = {
    "pts": 1.0, "fgm": 0.4, "fga": -0.7, "fta": -0.4, "ftm": 0.4, "oreb": 0.7, "dreb": 0.3,
    "stl": 1.0, "ast": 0.7, "blk": 0.7, "pf": -0.4, "tov": -1.0,
}  # fmt: skip
"""Hollinger's Game Score; -0.4 for a missed free throw is split into fta and ftm."""

TERMS = {
    "points": 0.860, "shots": -0.670, "shots x role": -0.110, "threes": 0.389,
    "assists": 0.807, "assists x position": 0.227, "turnovers": -0.964,
    "offensive rebounds": 0.397, "offensive rebounds x position": -0.216,
    "defensive rebounds": 0.149, "defensive rebounds x position": 0.032,
    "steals": 1.189, "steals x position": -0.180, "blocks": 1.015, "blocks x position": -0.312,
    "fouls": -0.367, "small": 0.818, "role": 2.774, "minutes": 0.0, "many minutes": 0.0,
    "known": 1.5,
}  # fmt: skip
"""Terms per 100 possessions and their published weights, to which the fitted ones are shrunk.

Role runs from -1 (creator) to 1 (receiver), position from -1 (point guard) to 1 (centre). Minutes
and known possessions are not published terms.
"""

N_FEATURES = len(TERMS)
MINUTES = 2 * len(BOX_COUNTS) + 1
"""Column of minutes in `box_values`."""
N_VALUES = MINUTES + 2
"""Number of columns of `box_values`."""
REGULAR_MINUTES = 28.0
"""Minutes per game at which the effect of a further minute changes."""
THRESHOLD = 0.33
"""Points per shot below the team's average from which on a player's points count as creation."""
NEWCOMER_POSSESSIONS = 1000.0
"""Possessions after which half the difference between newcomers and others is gone."""

_PLACE = {name: place for place, name in enumerate(BOX_COUNTS)}
_N = len(BOX_COUNTS)


def game_score(counts: Floats) -> Floats:
    """Return Hollinger's Game Score of (..., 15) counts in the order of BOX_COUNTS."""
    weights = np.array([GAME_SCORE.get(name, 0.0) for name in BOX_COUNTS])
    return np.asarray(counts @ weights, np.float64)


def box_values(log: PlayerLog, rows: slice) -> Iterator[Floats | Counts]:
    """Yield N_VALUES columns: his counts, his team's while he played, possessions, minutes, games.

    Together they take much memory; each is (n_rows,).
    """
    share = log.minutes[rows] / log.length[rows]
    yield from log.counts[rows].T
    yield from (counts * share for counts in log.team_counts[rows].T)
    yield log.possessions[rows] * share
    yield share * 48.0
    yield np.ones(len(share))


def box_features(sums: Floats, prior_possessions: float) -> Floats:
    """Return (n_players, n_terms) inputs of the regression in the order of TERMS.

    No constant: games compare players.

    Parameters
    ----------
    sums
        (n_players, N_VALUES) decayed sums of `box_values`.
    prior_possessions
        Possessions at the league's rates added to each player's.
    """
    # Summed row by row: rows of zeros (future players) do not change a bit.
    total = sums.sum(axis=0)
    league = total[: 2 * _N] / max(float(total[-3]), 1.0)
    possessions, minutes, games = sums[:, -3], sums[:, -2], sums[:, -1]
    per_100 = 100.0 / (possessions + prior_possessions)
    both = (sums[:, : 2 * _N] + prior_possessions * league) * per_100[:, None]
    own = {name: both[:, place] for name, place in _PLACE.items()}
    team = {name: both[:, _N + place] for name, place in _PLACE.items()}
    shots, team_shots = _shots(own), _shots(team)
    efficiency = team["pts"] / np.maximum(team_shots, 1e-9)
    points = own["pts"] - (efficiency - 1.0) * shots
    share = {name: own[name] / np.maximum(team[name], 1e-9) for name in _PLACE}
    created = (own["pts"] - (efficiency - THRESHOLD) * shots) / np.maximum(
        THRESHOLD * team_shots, 1e-9
    )
    position = np.clip(
        2.130 + 8.668 * share["reb"] - 2.486 * share["stl"] + 0.992 * share["pf"]
        - 3.536 * share["ast"] + 1.667 * share["blk"], 1.0, 5.0,
    ) / 2.0 - 1.5  # fmt: skip
    role = np.clip(6.0 - 6.642 * share["ast"] - 8.544 * created, 1.0, 5.0) / 2.0 - 1.5
    per_game = (minutes + 5.0 * 10.0) / (games + 5.0)
    return np.column_stack(
        [
            points, shots, shots * role, own["fg3m"],
            own["ast"], own["ast"] * position, own["tov"],
            own["oreb"], own["oreb"] * position, own["dreb"], own["dreb"] * position,
            own["stl"], own["stl"] * position, own["blk"], own["blk"] * position,
            own["pf"], np.minimum(position, 0.0), role,
            per_game / 10.0 - 2.0, np.maximum(per_game - REGULAR_MINUTES, 0.0) / 10.0,
            possessions / (possessions + NEWCOMER_POSSESSIONS),
        ]
    )  # fmt: skip


def _shots(counts: dict[str, Floats]) -> Floats:
    return counts["fga"] + 0.44 * counts["fta"]


@dataclass
class WalkForwardRegression:
    """Weights of features, fitted to the normal equations of the seasons that have ended.

    Games count from the `close_season` after `add`, which also refits. The weights are shrunk to
    `prior`, which holds until the first season ends.
    """

    prior: Floats
    ridge: float
    weights: Floats = field(init=False)
    _left: Floats = field(init=False)
    _right: Floats = field(init=False)
    _sums: Floats = field(init=False)
    _squares: Floats = field(init=False)
    _rows: float = 0.0

    def __post_init__(self) -> None:
        """Start at the prior."""
        width = len(self.prior) + 1
        self.weights = self.prior.copy()
        self._left, self._right = np.zeros((width, width)), np.zeros(width)
        self._sums, self._squares = np.zeros(width - 1), np.zeros(width - 1)

    def add(self, features: Floats, games: Equations) -> None:
        """Add games; `features` is (n_players, n_features), known before the games."""
        seen = np.flatnonzero(games.left.diagonal()[:-1])
        if len(seen) == 0:
            return
        columns = np.r_[seen, len(features)]
        block = np.zeros((len(columns), len(self.prior) + 1))
        block[:-1, :-1] = features[seen]
        block[-1, -1] = 1.0  # home court
        left = games.left[columns][:, columns].toarray()
        self._left += block.T @ left @ block
        self._right += block.T @ games.right[columns]
        self._sums += features[seen].sum(axis=0)
        self._squares += (features[seen] ** 2).sum(axis=0)
        self._rows += len(seen)

    def close_season(self) -> None:
        """Refit to all games added so far."""
        if self._rows == 0.0:
            return
        variance = self._squares / self._rows - (self._sums / self._rows) ** 2
        penalty = self.ridge * np.maximum(variance, 1e-6) + 1e-9
        left, right = self._left.copy(), self._right.copy()
        left[np.diag_indices(len(self.prior))] += penalty
        left[-1, -1] += 1e-9
        right[:-1] += penalty * self.prior
        self.weights = np.asarray(
            scipy.linalg.solve(left, right, assume_a="pos", check_finite=False)[:-1]
        )
