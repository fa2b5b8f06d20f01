"""Impact of every player at every snapshot: box plus-minus, RAPM-lite, both combined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.core.params import season_after
from nbarank.features.params import PlayerParams
from nbarank.features.players.box_plus_minus import (
    MINUTES,
    N_FEATURES,
    TERMS,
    WalkForwardRegression,
    box_features,
    box_values,
)
from nbarank.features.players.past_sums import DecayedSums
from nbarank.features.players.player_log import Floats, PlayerLog, Snapshots
from nbarank.features.players.rapm import DecayedEquations, normal_equations
from nbarank.features.players.season_weights import SeasonWeights

ACTIVE_MEMORIES = 1.5
"""Number of impact memories since a player's last game after which he is not solved for."""
AGE_TERMS = {"impact": 1.0, "growth": 0.1, "decline": -0.15}
"""Impact before a season; points per season and year of age below `GROWTH_UNTIL`, or above
`DECLINE_FROM`: prior weights, fitted to the games of the season."""
AGE_RIDGE = 3e5
GROWTH_UNTIL, DECLINE_FROM = 25.0, 30.0
LONGEST = 2.0
"""Seasons since a player's average minute that count at most."""


@dataclass(frozen=True)
class Impact:
    """(n_snapshots, n_players) points per 48 minutes against an average player.

    Attributes
    ----------
    box_plus_minus
        From the box score, aged from earlier seasons to this one.
    rapm
        From plus-minus alone, shrunk to zero.
    impact
        From plus-minus, shrunk to box plus-minus; with age as `box_plus_minus`.
    """

    box_plus_minus: Floats
    rapm: Floats
    impact: Floats


def player_impact(
    log: PlayerLog,
    snapshots: Snapshots,
    ages: Floats,
    params: PlayerParams,
    fits: SeasonWeights,
) -> Impact:
    """Return the impact of all players at all snapshots, each from games before its day.

    The weights of box scores and of age are fitted to games of earlier seasons. A player without a
    recent game has the value of earlier newcomers. The effect of age fades in the course of a
    season, whose games show it.

    Parameters
    ----------
    ages
        (n_snapshots, n_players) years; NaN where unknown, which counts as neither young nor old.
    fits
        Takes the weights of each season, or gives them.
    """
    n_players = len(log.players)
    shape = (len(snapshots), n_players)
    result = Impact(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    bounds = log.bounds(len(snapshots))
    box_rows = np.column_stack(
        [box_values(log), log.season_number * log.minutes * 48.0 / log.length]
    )
    box = DecayedSums(n_players, box_rows.shape[1], params.box_memory)
    equations = DecayedEquations(n_players, params.impact_memory)
    regression = WalkForwardRegression(np.array(list(TERMS.values())), params.box_ridge)
    aging = WalkForwardRegression(np.array(list(AGE_TERMS.values())), AGE_RIDGE)
    known = np.zeros((n_players, N_FEATURES))
    opening = np.zeros((n_players, len(AGE_TERMS)))
    for now in range(len(snapshots)):
        rows = slice(int(bounds[now]), int(bounds[now + 1]))
        clock = float(snapshots.clock[now])
        games = normal_equations(
            log, rows, params.on_court_weight, equations.growth(log.clock[rows])
        )
        if now and snapshots.season_number[now] == snapshots.season_number[now - 1]:
            # All seasons weigh the same in the regression: undo the growth.
            same_weight = games.scaled(float(np.exp(-clock / params.impact_memory)))
            regression.add(known, same_weight)
            aging.add(opening, same_weight)
        else:
            regression.close_season()
            aging.close_season()
            season = str(snapshots.season[now])
            box_weights = fits.of(season, "box plus-minus", regression.weights)
            age_weights = fits.of(season, "age", aging.weights)
        equations.add(games, log.player[rows], log.clock[rows])
        sums = box.advance(clock, log.player[rows], box_rows[rows], log.clock[rows])
        known = box_features(sums[:, :-1], params.box_prior_possessions)
        # Summed row by row: the bits must not depend on future players.
        prior = (known * box_weights).sum(axis=1)
        values = np.column_stack([prior, np.zeros(n_players), prior])
        active = np.flatnonzero(
            equations.last_seen > clock - ACTIVE_MEMORIES * params.impact_memory
        )
        if len(active) == 0:
            continue
        values[active, 1:] = equations.solve(
            clock, active, values[active, 1:], params.impact_shrinkage
        )
        # Only differences are identified: set the average minute to 0.
        weights = sums[active, MINUTES] / max(float(sums[active, MINUTES].sum()), 1e-9)
        values -= weights @ values[active]
        years = _age_terms(ages[now], sums, int(snapshots.season_number[now]))
        if now == 0 or snapshots.season_number[now] != snapshots.season_number[now - 1]:
            opening = np.column_stack([values[:, 2], years])
        aged = (years * (age_weights[1:] / age_weights[0])).sum(axis=1)
        aged = (1.0 - snapshots.share[now]) * (aged - weights @ aged[active])
        values[:, [0, 2]] += aged[:, None]
        result.box_plus_minus[now], result.rapm[now], result.impact[now] = values.T
    if fits.fits:
        regression.close_season()
        aging.close_season()
        following = season_after(snapshots.seasons[-1])
        fits.of(following, "box plus-minus", regression.weights)
        fits.of(following, "age", aging.weights)
    return result


def _age_terms(ages: Floats, sums: Floats, season: int) -> Floats:
    """Return (n_players, 2): seasons since his average minute x years of growth, of decline.

    `sums` end with the decayed sum of minutes x season number.
    """
    minutes = sums[:, MINUTES]
    passed = season * minutes - sums[:, -1]
    seasons = np.clip(passed / np.maximum(minutes, 1e-9), 0.0, LONGEST)
    young = np.nan_to_num(np.maximum(GROWTH_UNTIL - ages, 0.0))
    old = np.nan_to_num(np.maximum(ages - DECLINE_FROM, 0.0))
    return np.column_stack([seasons * young, seasons * old])
