"""Impact of every active player at every snapshot: box plus-minus, RAPM-lite, both combined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.features.params import PlayerParams
from nbarank.features.players.box_plus_minus import (
    MINUTES,
    N_FEATURES,
    WalkForwardRegression,
    box_features,
    box_values,
)
from nbarank.features.players.past_sums import DecayedSums
from nbarank.features.players.player_log import Floats, PlayerLog, Snapshots
from nbarank.features.players.rapm import DecayedEquations, normal_equations

ACTIVE_MEMORIES = 1.5
"""Number of impact memories since a player's last game after which he is not solved for."""


@dataclass(frozen=True)
class Impact:
    """(n_snapshots, n_players) points per 48 minutes against an average player.

    Attributes
    ----------
    box_plus_minus
        From the box score.
    rapm
        From plus-minus alone, shrunk to zero.
    impact
        From plus-minus, shrunk to box plus-minus.
    """

    box_plus_minus: Floats
    rapm: Floats
    impact: Floats


def player_impact(log: PlayerLog, snapshots: Snapshots, params: PlayerParams) -> Impact:
    """Return the impact of all players at all snapshots, each from games before its day.

    Box plus-minus of a season is fitted to games of earlier seasons; in the first season it is 0.
    Inactive players have 0 everywhere.
    """
    n_players = len(log.players)
    shape = (len(snapshots), n_players)
    result = Impact(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    bounds = log.bounds(len(snapshots))
    box_rows = box_values(log)
    box = DecayedSums(n_players, box_rows.shape[1], params.box_memory)
    equations = DecayedEquations(n_players, params.impact_memory)
    regression = WalkForwardRegression(N_FEATURES, params.box_ridge)
    known = np.zeros((n_players, N_FEATURES))
    for now in range(len(snapshots)):
        rows = slice(int(bounds[now]), int(bounds[now + 1]))
        clock = float(snapshots.clock[now])
        games = normal_equations(
            log, rows, params.on_court_weight, equations.growth(log.clock[rows])
        )
        if now and snapshots.season_number[now] == snapshots.season_number[now - 1]:
            # All seasons weigh the same in the regression: undo the growth.
            regression.add(known, games.scaled(float(np.exp(-clock / params.impact_memory))))
        elif now:
            regression.close_season()
        equations.add(games, log.player[rows], log.clock[rows])
        sums = box.advance(clock, log.player[rows], box_rows[rows], log.clock[rows])
        known = box_features(sums, params.box_prior_possessions)
        active = np.flatnonzero(
            equations.last_seen > clock - ACTIVE_MEMORIES * params.impact_memory
        )
        if len(active) == 0:
            continue
        prior = known[active] @ regression.weights
        solved = equations.solve(
            clock, active, np.column_stack([np.zeros(len(active)), prior]), params.impact_shrinkage
        )
        # Only differences are identified: set the average minute to 0.
        minutes = sums[active, MINUTES]
        values = np.column_stack([prior, solved])
        values -= minutes @ values / max(float(minutes.sum()), 1e-9)
        result.box_plus_minus[now, active] = values[:, 0]
        result.rapm[now, active] = values[:, 1]
        result.impact[now, active] = values[:, 2]
    return result
