"""Impact of every player at every snapshot: box plus-minus, RAPM-lite, both combined, and split."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from nbarank.core.params import season_after
from nbarank.features.params import PlayerParams
from nbarank.features.players.box_plus_minus import (
    MINUTES,
    N_FEATURES,
    N_VALUES,
    TERMS,
    WalkForwardRegression,
    box_features,
    box_values,
)
from nbarank.features.players.offence_defence import (
    SCORING_TERMS,
    scoring_above_league,
    scoring_equations,
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
    offence, defence
        Their sum is `impact`; their difference is measured by points of both sides.
    """

    box_plus_minus: Floats
    rapm: Floats
    impact: Floats
    offence: Floats
    defence: Floats


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
    result = Impact(*(np.zeros(shape) for _ in fields(Impact)))
    bounds = log.bounds(len(snapshots))
    when = log.season_number * log.minutes * 48.0 / log.length
    box = DecayedSums(n_players, N_VALUES + 1, params.box_memory)
    equations = DecayedEquations(n_players, params.impact_memory)
    totals = DecayedEquations(n_players, params.impact_memory)
    regression = WalkForwardRegression(np.array(list(TERMS.values())), params.box_ridge)
    scoring = WalkForwardRegression(np.array(list(SCORING_TERMS.values())), params.box_ridge)
    above_league = scoring_above_league(log)
    aging = WalkForwardRegression(np.array(list(AGE_TERMS.values())), AGE_RIDGE)
    known = np.zeros((n_players, N_FEATURES))
    opening = np.zeros((n_players, len(AGE_TERMS)))
    solved = None if fits.fits else _ever_active(log, snapshots, params.impact_memory)
    for now in range(len(snapshots)):
        rows = slice(int(bounds[now]), int(bounds[now + 1]))
        clock = float(snapshots.clock[now])
        growth = equations.growth(log.clock[rows])
        games = normal_equations(log, rows, params.on_court_weight, growth, solved)
        points = scoring_equations(log, rows, above_league[rows], growth, solved)
        if now and snapshots.season_number[now] == snapshots.season_number[now - 1]:
            # All seasons weigh the same in the regression: undo the growth.
            undo = float(np.exp(-clock / params.impact_memory))
            regression.add(known, games.scaled(undo))
            scoring.add(known, points.scaled(undo))
            aging.add(opening, games.scaled(undo))
        else:
            for model in (regression, scoring, aging):
                model.close_season()
            season = str(snapshots.season[now])
            box_weights = fits.of(season, "box plus-minus", regression.weights)
            scoring_weights = fits.of(season, "box scoring", scoring.weights)
            age_weights = fits.of(season, "age", aging.weights)
        equations.add(games, log.player[rows], log.clock[rows])
        totals.add(points, log.player[rows], log.clock[rows])
        values_of_games = chain(box_values(log, rows), [when[rows]])
        sums = box.advance(clock, log.player[rows], values_of_games, log.clock[rows])
        known = box_features(sums[:, :-1], params.box_prior_possessions)
        # Summed row by row: the bits must not depend on future players.
        prior = (known * box_weights).sum(axis=1)
        values = np.column_stack(
            [prior, np.zeros(n_players), prior, (known * scoring_weights).sum(axis=1)]
        )
        active = np.flatnonzero(
            equations.last_seen > clock - ACTIVE_MEMORIES * params.impact_memory
        )
        if len(active) == 0:
            continue
        shrinkage = params.impact_shrinkage
        values[active, 1:3] = equations.solve(clock, active, values[active, 1:3], shrinkage)
        values[active, 3:] = totals.solve(clock, active, values[active, 3:], shrinkage)
        # Only differences are identified: set the average minute to 0.
        weights = sums[active, MINUTES] / max(float(sums[active, MINUTES].sum()), 1e-9)
        values -= weights @ values[active]
        years = _age_terms(ages[now], sums, int(snapshots.season_number[now]))
        if now == 0 or snapshots.season_number[now] != snapshots.season_number[now - 1]:
            opening = np.column_stack([values[:, 2], years])
        aged = (years * (age_weights[1:] / age_weights[0])).sum(axis=1)
        aged = (1.0 - snapshots.share[now]) * (aged - weights @ aged[active])
        values[:, [0, 2]] += aged[:, None]
        result.box_plus_minus[now], result.rapm[now], result.impact[now] = values[:, :3].T
        result.offence[now] = (values[:, 2] + values[:, 3]) / 2.0
        result.defence[now] = (values[:, 2] - values[:, 3]) / 2.0
    if fits.fits:
        for model in (regression, scoring, aging):
            model.close_season()
        following = season_after(snapshots.seasons[-1])
        fits.of(following, "box plus-minus", regression.weights)
        fits.of(following, "box scoring", scoring.weights)
        fits.of(following, "age", aging.weights)
    return result


def _ever_active(log: PlayerLog, snapshots: Snapshots, memory: float) -> NDArray[np.bool_]:
    """Return (n_players,) whether a player may be solved for at any of the snapshots."""
    active = np.zeros(len(log.players), np.bool_)
    earliest = float(snapshots.clock[0]) - ACTIVE_MEMORIES * memory
    active[log.player[log.clock > earliest]] = True
    return active


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
