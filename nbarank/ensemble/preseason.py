"""An optional prior of the blend: preseason win totals, which count early in a season only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.ensemble.blend import Array

WEIGHT = 0.6
"""Weight of the totals before the first game, chosen on the validation seasons."""
FADED_OUT = 0.25
"""Share of the season from which on the totals no longer count."""
POINTS_PER_WIN_SHARE = 32.8
"""Points of strength that add one win per game: 1 / .0305, the slope of win share on margin."""
SAME_CONFERENCE = 22 / 82
"""Games within the conference minus those outside it, as a share of all."""


def preseason_points(teams: pd.DataFrame, totals: pd.DataFrame) -> Array:
    """Return win totals in points against an average team, one per row of `teams`; NaN: none.

    Parameters
    ----------
    teams
        season, team_id.
    totals
        Table league/preseason. The season's mean total is taken as half of the games. Totals
        include the schedule, which the simulations add again, so its share is removed.
    """
    average = totals.groupby("season")["wins"].transform("mean")
    points = (totals["wins"] / average - 1.0) * (0.5 * POINTS_PER_WIN_SHARE)
    own = points.groupby([totals["season"], totals["conference"]]).transform("mean")
    points += own * SAME_CONFERENCE / (1.0 - SAME_CONFERENCE)
    known = totals[["season", "team_id"]].assign(points=points)
    merged = teams[["season", "team_id"]].merge(known, on=["season", "team_id"], how="left")
    return merged["points"].to_numpy(np.float64)


def with_preseason(stacked: pd.DataFrame, points: Array, share: Array) -> pd.DataFrame:
    """Return rows of stack/stacked moved towards the totals; teams without one stay.

    Parameters
    ----------
    points, share
        [rows], from `preseason_points`, and the share of the season played.
    """
    fade = np.maximum(1.0 - share / FADED_OUT, 0.0) ** 2
    weight = np.where(np.isnan(points), 0.0, WEIGHT * fade)
    points = np.nan_to_num(points)
    # In the unit of the rank score: the ratio of the two scores' SD on the date.
    sd = stacked.groupby(["season", "as_of"])[["strength", "rank_score"]].transform("std")
    in_ranks = points * (sd["rank_score"] / sd["strength"]).fillna(0.0)
    return stacked.assign(
        strength=stacked["strength"] + weight * (points - stacked["strength"]),
        rank_score=stacked["rank_score"] + weight * (in_ranks - stacked["rank_score"]),
    )
