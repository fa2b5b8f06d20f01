"""Expected minutes: of the next games, of the rest of the season, and of the playoffs.

A model fitted to the rosters of earlier seasons reads a player's decayed minutes, how long he
has been away, what he is worth and who competes with him for minutes. Absent players keep what
the past says of players away as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from nbarank.features.players.availability import Absence
from nbarank.features.players.form import History, Spans
from nbarank.features.players.log import Floats, Ints, PlayerLog, Snapshots
from nbarank.features.players.members import Members
from nbarank.features.players.span import THOUSANDTHS
from nbarank.params.players import PlayerParams

HORIZONS = ("next", "rest", "playoffs")
TEAM_MINUTES = 240.0
MOST_MINUTES = 43.0
LONG_AGO = 60.0
"""Games missed beyond which it no longer matters how many."""


@dataclass(frozen=True)
class Targets:
    """What came: mean minutes per team game ahead; NaN where the team had no such game.

    Used only for fitting to seasons that have ended.
    """

    minutes: dict[str, Floats]


def minutes_ahead(
    history: History,
    log: PlayerLog,
    members: Members,
    spans: Spans,
    regular_ends: Ints,
    season_ends: Ints,
    window: int,
) -> Targets:
    """Return the minutes that came, for every member and horizon.

    Parameters
    ----------
    history, log, members, spans
        Players' past (and, for these targets, what followed) and the rosters.
    regular_ends, season_ends
        (n_rows,) last day of the regular season, and of the playoffs, of each row's season.
    window
        Games of the team ahead for the horizon `next`, playoffs included.

    Notes
    -----
    Minutes are per 48 minutes of game, and count only with the team of the row: a player who is
    traded has no minutes ahead for it.
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
    return Targets(minutes)


def minutes_features(
    members: Members,
    snapshots: Snapshots,
    absence: Absence,
    form: dict[str, Floats],
    impact: Floats,
    box_plus_minus: Floats,
    windows: list[int],
    last_minutes: Floats,
) -> Floats:
    """Return (n_rows, n_features) what the minutes models read of each member."""
    share = snapshots.share[members.snapshot]
    missed = np.minimum(absence.games_missed, LONG_AGO)
    here = np.where(missed < 3, members.recent_minutes_short, 0.0)
    group = members.snapshot * (members.team.max() + 1 if len(members) else 1) + members.team
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else group
    team_here = np.repeat(np.add.reduceat(here, starts), np.diff(np.r_[starts, len(group)])) if (
        len(group)
    ) else here
    return np.column_stack(
        [
            members.recent_minutes,
            members.recent_minutes_short,
            members.played_minutes,
            members.played_minutes_short,
            form["minutes_season"],
            form["minutes_last_season"],
            form["availability_season"],
            form["availability_last_season"],
            form[f"availability_last_{windows[0]}"],
            missed,
            np.minimum(absence.days_absent, 365.0),
            np.minimum(absence.games_with_team, 40.0),
            np.minimum(form["games_season"], 40.0),
            absence.listed_out,
            absence.listed_share,
            last_minutes,
            impact,
            box_plus_minus,
            members.slot.astype(np.float64),
            team_here - here,
            share,
            np.minimum(form["games_career"], 600.0),
        ]
    )


def expected_minutes(
    features: Floats,
    targets: Targets,
    season_number: Ints,
    members: Members,
    params: PlayerParams,
    seed: int,
) -> dict[str, Floats]:
    """Return expected minutes per team game, by horizon, not yet scaled to a team's 240.

    Parameters
    ----------
    features
        Of `minutes_features`.
    targets
        What came; of a season only rows of earlier seasons are read.
    season_number
        (n_rows,) season of each row.
    members
        Rosters; without earlier seasons, decayed minutes are expected to go on.
    params
        Section `players`.
    seed
        Of the models.
    """
    simple = members.recent_minutes
    expected = {name: simple.copy() for name in HORIZONS}
    for season in np.unique(season_number):
        now = season_number == season
        past = (season_number < season) & (season_number >= season - params.minutes_seasons)
        for name in HORIZONS:
            known = past & np.isfinite(targets.minutes[name])
            if known.sum() < FEWEST_ROWS:
                continue
            model = HistGradientBoostingRegressor(
                max_iter=params.minutes_trees,
                learning_rate=0.1,
                max_leaf_nodes=15,
                min_samples_leaf=40,
                early_stopping=False,
                random_state=seed,
            )
            model.fit(features[known], targets.minutes[name][known])
            expected[name][now] = np.clip(model.predict(features[now]), 0.0, MOST_MINUTES)
    return expected


FEWEST_ROWS = 500
"""Rows below which no model is fitted."""
