"""Preseason win totals in the blend: early dates only, nothing without them."""

import numpy as np
import pandas as pd
import pytest

from nbarank.ensemble.preseason import (
    FADED_OUT,
    POINTS_PER_WIN_SHARE,
    SAME_CONFERENCE,
    WEIGHT,
    preseason_points,
)
from nbarank.ensemble.season_blends import stack, stack_current
from nbarank.ensemble.stack_inputs import StackInputs, stack_inputs
from nbarank.schemas.columns import KEY
from tests.ensemble.test_stack import AHEAD, OOF, PARAMS, SEEN, TARGET, TEAMS


def _totals() -> pd.DataFrame:
    """Win totals of every season but the second, as good as the truth."""
    truth = TEAMS.groupby(["season", "team_id"])["truth"].mean().reset_index()
    wins = 41.0 + 82.0 * truth["truth"] / 32.8
    truth["conference"] = np.where(truth["team_id"] % 2, "East", "West")
    return truth.assign(wins=wins.clip(0, 82))[truth["season"] != SEEN[1]]


def _inputs(totals: pd.DataFrame | None) -> StackInputs:
    columns = TEAMS[[*KEY, "season_share", "srs_carried"]]
    return stack_inputs(columns, OOF, PARAMS, totals)


def test_totals_are_points_about_the_mean_of_their_season() -> None:
    totals = pd.DataFrame(
        {"season": "2011-12", "team_id": [1, 2], "conference": ["East"] * 2, "wins": [22.0, 44.0]}
    )
    points = preseason_points(totals.assign(team_id=[2, 3]), totals)
    assert points[0] == pytest.approx((44 / 66 - 0.5) * 32.8)
    assert np.isnan(points[1])


def test_the_weaker_conference_wins_more_than_its_strength() -> None:
    """Teams with these points win these totals: the schedule is counted once."""
    strength = np.array([4.0, 0.0, 0.0, -4.0])
    conference = np.array(["West", "West", "East", "East"])
    own = np.where(conference == "West", 2.0, -2.0)
    margin = strength - SAME_CONFERENCE * own
    wins = 41.0 + 82.0 * margin / POINTS_PER_WIN_SHARE
    totals = pd.DataFrame(
        {"season": "2011-12", "team_id": range(4), "conference": conference, "wins": wins}
    )
    np.testing.assert_allclose(preseason_points(totals, totals), strength, atol=1e-9)


def test_no_totals_change_nothing() -> None:
    without = stack(_inputs(None), TARGET, AHEAD, SEEN, (), PARAMS)
    empty = stack(_inputs(_totals().iloc[:0]), TARGET, AHEAD, SEEN, (), PARAMS)
    for first, second in zip(without, empty, strict=True):
        pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_totals_move_early_dates_of_their_seasons_towards_themselves() -> None:
    plain, _ = stack(_inputs(None), TARGET, AHEAD, SEEN, (), PARAMS)
    inputs = _inputs(_totals())
    moved, _ = stack(inputs, TARGET, AHEAD, SEEN, (), PARAMS)
    both = plain.merge(moved, on=KEY).merge(inputs.teams.assign(points=inputs.preseason), on=KEY)
    without = (both["season"] == SEEN[1]) | (both["season_share"] >= FADED_OUT)
    for name in ("strength", "rank_score"):
        same = both[f"{name}_x"] == both[f"{name}_y"]
        assert same[without].all()
        assert not same[~without].all()
    gap = [(both[f"strength_{run}"] - both["points"]).abs() for run in "xy"]
    assert (gap[1] < gap[0])[~without].all()
    opening = ~without & (both["season_share"] == 0)
    assert opening.any()
    np.testing.assert_allclose(gap[1][opening], (1 - WEIGHT) * gap[0][opening])


def test_totals_of_a_season_move_no_other_season() -> None:
    totals = _totals()
    before, weights = stack(_inputs(totals), TARGET, AHEAD, SEEN, (), PARAMS)
    totals.loc[totals["season"] == SEEN[-1], "wins"] = 41.0
    after, same = stack(_inputs(totals), TARGET, AHEAD, SEEN, (), PARAMS)
    others = before["season"] != SEEN[-1]
    pd.testing.assert_frame_equal(before[others], after[others], check_exact=True)
    assert (before[~others] != after[~others]).any(axis=None)
    pd.testing.assert_frame_equal(weights, same, check_exact=True)


def test_stored_weights_give_the_same_rows() -> None:
    inputs = _inputs(_totals())
    stacked, weights = stack(inputs, TARGET, AHEAD, SEEN, (), PARAMS)
    new = SEEN[-1]
    found = stack_current(stacked[stacked["season"] != new], weights, inputs, [new])
    pd.testing.assert_frame_equal(found[stacked.columns], stacked)
