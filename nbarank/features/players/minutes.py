"""Expected minutes: in the next games, the rest of the season, and the playoffs.

A ridge regression, fitted to rosters of earlier seasons, on a player's decayed minutes, absence,
impact and competition for minutes. Its terms are piecewise linear, with products, so minutes have
another effect for a player out for ten games than for one who played yesterday. Boosted trees on
the same inputs are no better and take thirty times as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from nbarank.core.params import season_after
from nbarank.features.params import PlayerParams
from nbarank.features.players.members import Members
from nbarank.features.players.past_sums import THOUSANDTHS
from nbarank.features.players.player_form import History, Spans
from nbarank.features.players.player_log import Floats, Ints, PlayerLog, Snapshots
from nbarank.features.players.season_weights import SeasonWeights
from nbarank.schemas.league import TEAM_MINUTES

HORIZONS = ("next", "rest", "playoffs")
MOST_MINUTES = 43.0
LONG_AGO = 60.0
"""Maximum number of games missed that counts."""
FEWEST_ROWS = 500
"""Minimum number of rows to fit a regression."""


def minutes_ahead(
    history: History,
    log: PlayerLog,
    members: Members,
    spans: Spans,
    regular_ends: Ints,
    season_ends: Ints,
    window: int,
) -> dict[str, Floats]:
    """Return each member's minutes per team game ahead by horizon; NaN without such a game.

    Targets that look ahead, for fitting on ended seasons only. Minutes are per 48 minutes of game
    and count only with the team of the row, not after a trade.

    Parameters
    ----------
    regular_ends, season_ends
        (n_rows,) last day of the regular season, and of the playoffs, of each row's season.
    window
        Number of the team's next games for the horizon `next`, playoffs included.
    """
    pair = members.player * len(log.teams) + members.team
    ends = {
        "next": (
            spans.day,
            history.team_days.day_after_next(members.team, spans.day, season_ends, window),
        ),
        "rest": (spans.day, regular_ends + 1),
        "playoffs": (np.maximum(spans.day, regular_ends + 1), season_ends + 1),
    }
    minutes = {}
    for name, (first_day, end_day) in ends.items():
        games = history.team_days.count(members.team, first_day, end_day)
        total = history.within_team.between(pair, first_day, end_day)[:, 1] / THOUSANDTHS
        minutes[name] = np.where(games > 0, total / np.maximum(games, 1), np.nan)
    return minutes


@dataclass(frozen=True)
class MinutesInputs:
    """Inputs of the regression; arrays are (n_rows, ...).

    `here`: short-memory minutes of the team's present players, without the player's own.
    """

    minutes: Floats
    shares: Floats
    missed: Floats
    games_season: Floats
    games_with_team: Floats
    days_absent: Floats
    games_career: Floats
    listed_out: Floats
    impact: Floats
    box_plus_minus: Floats
    slot: Floats
    here: Floats
    season_share: Floats


def minutes_inputs(
    members: Members,
    snapshots: Snapshots,
    absence: dict[str, Floats],
    form: dict[str, Floats],
    impact: Floats,
    box_plus_minus: Floats,
    window: int,
    last_minutes: Floats,
) -> MinutesInputs:
    """Return the inputs of the regression.

    Parameters
    ----------
    window
        Shortest rolling window, whose availability is used.
    last_minutes
        (n_rows,) minutes in the player's latest game.
    """
    missed = np.minimum(absence["games_missed"], LONG_AGO)
    present = np.where(missed < 3, members.recent_minutes_short, 0.0)
    team = members.snapshot * (int(members.team.max(initial=0)) + 1) + members.team
    here = np.bincount(team, present)[team] - present if len(team) else present
    return MinutesInputs(
        minutes=np.column_stack(
            [
                members.recent_minutes,
                members.recent_minutes_short,
                members.played_minutes,
                form["minutes_season"],
                form["minutes_last_season"],
                members.played_minutes_short,
                last_minutes,
            ]
        ),
        shares=np.column_stack(
            [
                form["availability_season"],
                form[f"availability_last_{window}"],
                form["availability_last_season"],
                absence["listed_share"],
            ]
        ),
        missed=missed,
        games_season=form["games_season"],
        games_with_team=absence["games_with_team"],
        days_absent=absence["days_absent"],
        games_career=form["games_career"],
        listed_out=absence["listed_out"],
        impact=impact,
        box_plus_minus=box_plus_minus,
        slot=members.slot.astype(np.float64),
        here=here,
        season_share=snapshots.share[members.snapshot],
    )


def _flag(condition: NDArray[np.bool_]) -> Floats:
    return condition.astype(np.float64)


def minutes_terms(inputs: MinutesInputs, rows: slice) -> Floats:
    """Return (n_rows, n_terms): piecewise linear terms, and products of minutes with states.

    The states are a player's absence, the share of the season and how settled the role is; each
    multiplies the five main kinds of minutes.
    """
    tens = inputs.minutes[rows] / 10.0
    missed, share = inputs.missed[rows], inputs.season_share[rows]
    slot, impact = inputs.slot[rows] / 10.0, inputs.impact[rows] / 3.0
    settled = np.minimum(inputs.games_with_team[rows], 10.0) / 10.0
    season_games = inputs.games_season[rows]
    away = [
        _flag((missed >= 1) & (missed <= 2)),
        _flag((missed >= 3) & (missed <= 9)),
        _flag(missed > 9),
    ]
    log_missed = np.log1p(missed)
    states = np.column_stack(
        [
            *away,
            inputs.listed_out[rows],
            np.exp(-season_games / 8.0),
            _flag(share < 1e-3),
            share,
            inputs.shares[rows, :2],
            slot,
            impact,
            log_missed * share,
            settled,
        ]
    )
    by_state = (states[:, :, None] * tens[:, None, :5]).reshape(len(states), -1)
    own = np.column_stack([impact, share, inputs.listed_out[rows], inputs.shares[rows]])
    while_away = np.hstack([np.hstack([own, own * tens[:, [2]]]) * a[:, None] for a in away])
    return np.hstack(
        [
            np.ones((len(tens), 1)),
            *(np.maximum(tens - knot, 0.0) for knot in range(4)),
            inputs.shares[rows],
            states,
            by_state,
            while_away,
            np.column_stack(
                [
                    log_missed,
                    np.log1p(inputs.days_absent[rows]),
                    np.minimum(season_games, 10.0) / 10.0,
                    _flag(season_games > 0),
                    inputs.box_plus_minus[rows],
                    np.maximum(impact, 0.0),
                    np.maximum(slot - 0.7, 0.0),
                    inputs.here[rows] / TEAM_MINUTES,
                    np.log1p(inputs.games_career[rows]),
                ]
            ),
        ]
    )


def expected_minutes(
    inputs: MinutesInputs,
    ahead: dict[str, Floats],
    season_number: Ints,
    members: Members,
    params: PlayerParams,
    labels: tuple[str, ...],
    known: SeasonWeights,
) -> dict[str, Floats]:
    """Return expected minutes per team game, by horizon, not yet scaled to a team's 240.

    A season's weights are fitted on earlier seasons of `ahead`; without any, decayed minutes are
    expected. `season_number` is the (n_rows,) season of each row, ascending, `labels` its label.
    """
    expected = {name: members.recent_minutes.copy() for name in HORIZONS}
    sums: dict[str, list[tuple[Floats, Floats, int]]] = {name: [] for name in HORIZONS}
    # Before the first game of the data every player looks like a rookie.
    with_past = np.maximum.accumulate(members.last_row >= 0)
    for season in np.unique(season_number):
        bounds = np.searchsorted(season_number, [season, season + 1])
        rows = slice(int(bounds[0]), int(bounds[1]))
        terms = minutes_terms(inputs, rows)
        # One product per snapshot: its bits must not depend on later snapshots.
        snapshot = members.snapshot[rows]
        starts = np.flatnonzero(np.r_[True, snapshot[1:] != snapshot[:-1]])
        for name in HORIZONS:
            weights = known.of(labels[season], f"minutes {name}", _fit(sums[name], params))
            if weights.any():
                predicted = np.concatenate(
                    [piece @ weights for piece in np.split(terms, starts[1:])]
                )
                expected[name][rows] = np.clip(predicted, 0.0, MOST_MINUTES)
            played = np.isfinite(ahead[name][rows]) & with_past[rows]
            fitted, target = terms[played], ahead[name][rows][played]
            sums[name].append((fitted.T @ fitted, fitted.T @ target, len(target)))
    if known.fits:
        for name in HORIZONS:
            known.of(season_after(labels[-1]), f"minutes {name}", _fit(sums[name], params))
    return expected


def _fit(sums: list[tuple[Floats, Floats, int]], params: PlayerParams) -> Floats:
    """Return the weights fitted to the sums of the latest seasons; zero with too few rows."""
    latest = sums[-params.minutes_seasons :]
    n_rows = sum(size for _, _, size in latest)
    if n_rows < FEWEST_ROWS:
        return np.zeros(1)
    left = np.sum([part for part, _, _ in latest], axis=0)
    right = np.sum([part for _, part, _ in latest], axis=0)
    left[np.diag_indices_from(left)] += params.minutes_ridge * np.diagonal(left) / n_rows + 1e-6
    return np.asarray(scipy.linalg.solve(left, right, assume_a="pos", check_finite=False))
