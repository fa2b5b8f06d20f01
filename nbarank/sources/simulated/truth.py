"""The truth that no stage but `evaluate` may read: how strong each team is on each day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.arrays import Floats
from nbarank.sources.simulated.rotation import dress, usual_minutes
from nbarank.sources.simulated.state import SeasonState


def true_strength(state: SeasonState) -> tuple[Floats, Floats]:
    """Return strength and talent of every team on every day, each of shape (teams, days).

    Strength is the margin per game to be expected against an average team of that day on neutral
    ground, with the players who are available for the team's next game (the game of the day
    itself where there is one), in the regular season's rotation. Talent is the same with
    everybody on the roster healthy.
    """
    n_teams, slots = state.team_days.shape
    team = np.repeat(np.arange(n_teams), slots)
    slot = np.tile(np.arange(slots), n_teams)
    day = state.team_days.reshape(-1)
    healthy = replace(state, absent=np.zeros_like(state.absent))
    every_day = np.tile(np.arange(state.n_days), (n_teams, 1))
    next_slot = state.slot(np.arange(n_teams)[:, None].repeat(state.n_days, 1), every_day)
    results = []
    for situation in (state, healthy):
        players, available = dress(situation, team, day, slot, 0.0, None)
        size = np.minimum(available, round(c.ROTATION_SIZE_MEAN))
        impact = (state.offense + state.defense)[players] * usual_minutes(size) / 48.0
        per_slot = c.PACE / 100 * impact.sum(axis=1).reshape(n_teams, slots)
        daily = np.take_along_axis(per_slot, next_slot, axis=1)
        daily = daily + state.system.sum(axis=1)[:, None] + state.form
        results.append(daily - daily.mean(axis=0))
    return results[0], results[1]


def truth_frame(state: SeasonState, season: str, start: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of one season of the table truth/strength."""
    strength, talent = true_strength(state)
    n_teams, n_days = strength.shape
    days = start + pd.to_timedelta(np.arange(n_days), unit="D")
    return pd.DataFrame(
        {
            "season": season,
            "as_of": np.repeat(days.to_numpy(dtype="datetime64[us]"), n_teams),
            "team_id": np.tile(np.arange(1, n_teams + 1), n_days),
            "strength": strength.T.reshape(-1),
            "talent": talent.T.reshape(-1),
        }
    )
