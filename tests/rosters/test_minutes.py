"""Expected minutes: found from earlier seasons, not from days before the data's first game."""

from dataclasses import fields

import numpy as np
import pytest

from nbarank.features.params import PlayerParams
from nbarank.features.players.members import Members
from nbarank.features.players.minutes import (
    HORIZONS,
    MOST_MINUTES,
    MinutesInputs,
    expected_minutes,
)
from nbarank.features.players.season_weights import SeasonWeights
from tests.as_of_league import section

SEASONS = ("2000-01", "2001-02", "2002-03")
ROWS = 900
"""Rows of a date; each season has an opening and a later date."""


def _rows() -> tuple[MinutesInputs, Members, np.ndarray]:
    """Players whose minutes last season were 0 to 36; none has a past on the first date."""
    random = np.random.default_rng(3)
    n = ROWS * 2 * len(SEASONS)
    snapshot = np.repeat(np.arange(2 * len(SEASONS)), ROWS)
    past = np.where(snapshot > 0, random.uniform(0, 36, n), 0.0)
    empty = dict.fromkeys((one.name for one in fields(MinutesInputs)), np.zeros(n))
    empty["minutes"], empty["shares"] = np.repeat(past[:, None], 7, axis=1), np.zeros((n, 4))
    empty["season_share"] = np.where(snapshot % 2, 0.5, 0.0)
    whole = dict.fromkeys((one.name for one in fields(Members)), np.zeros(n, np.int64))
    whole |= {"snapshot": snapshot, "last_row": np.where(snapshot > 0, 0, -1)}
    decayed = dict.fromkeys(("recent_minutes", "played_minutes"), past)
    return MinutesInputs(**empty), Members(**{**whole, **decayed}), past


def _expected(first_day: float) -> tuple[dict[str, np.ndarray], np.ndarray, SeasonWeights]:
    """Return expected minutes if everyone plays 2 + .8 x past, but `first_day` from day one on."""
    inputs, members, past = _rows()
    target = np.where(members.snapshot > 0, 2.0 + 0.8 * past, first_day)
    season = members.snapshot // 2
    weights = SeasonWeights()
    found = expected_minutes(
        inputs, dict.fromkeys(HORIZONS, target), season, members, section(PlayerParams), SEASONS,
        weights,
    )  # fmt: skip
    return found, target, weights


def test_minutes_are_found_from_earlier_seasons() -> None:
    found, target, weights = _expected(0.0)
    fitted = np.arange(len(target)) >= 4 * ROWS
    for name in HORIZONS:
        np.testing.assert_allclose(found[name][fitted], target[fitted], atol=1.5)
    assert set(weights.table()["season"]) == {*SEASONS, "2003-04"}


def test_before_a_season_has_ended_decayed_minutes_are_expected() -> None:
    found, _, _ = _expected(0.0)
    _, members, past = _rows()
    first = members.snapshot < 2
    np.testing.assert_array_equal(found["rest"][first], past[first])


def test_days_before_the_first_game_of_the_data_are_not_fitted() -> None:
    """Every player looks like a rookie then, and plays like a regular."""
    (few, _, weights), (many, _, others) = _expected(0.0), _expected(40.0)
    for name in HORIZONS:
        np.testing.assert_array_equal(few[name], many[name])
    assert weights.table().equals(others.table())


def test_minutes_stay_within_a_game() -> None:
    inputs, members, _ = _rows()
    target = np.full(len(members), 60.0)
    season = members.snapshot // 2
    found = expected_minutes(
        inputs, dict.fromkeys(HORIZONS, target), season, members, section(PlayerParams), SEASONS,
        SeasonWeights(),
    )  # fmt: skip
    assert max(found["next"]) == pytest.approx(MOST_MINUTES)
