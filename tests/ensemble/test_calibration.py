"""Calibration: probabilities mean what they say, and a known error is found again."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from nbarank.core.errors import RankerError
from nbarank.ensemble.calibrated_strength import Calibration, stored_calibration
from nbarank.ensemble.error_variance import ErrorVariance, fit_error_variance
from nbarank.ensemble.game_pairs import games_after_dates
from nbarank.ensemble.platt import PlattCurve, combine, fit_platt


def test_platt_finds_slope_and_home_court_again() -> None:
    random = np.random.default_rng(0)
    gap = random.normal(0, 6, 200_000)
    neutral = random.uniform(size=len(gap)) < 0.1
    won = random.uniform(size=len(gap)) < expit(0.14 * gap + 0.35 * ~neutral)
    curve = fit_platt(gap, neutral, won, 1e6)
    assert curve.slope == pytest.approx(0.14, rel=0.03)
    assert curve.home_court == pytest.approx(0.35, rel=0.05)


def test_equal_teams_on_neutral_ground_are_at_one_half() -> None:
    curve = PlattCurve(0.14, 0.4)
    assert curve.probability(np.zeros(1), np.array([True]))[0] == 0.5
    assert curve.probability(np.zeros(1), np.array([False]))[0] == pytest.approx(expit(0.4))


def test_both_sides_of_a_neutral_game_add_up_to_one() -> None:
    curve, gap = PlattCurve(0.2, 0.4), np.linspace(-20, 20, 9)
    neutral = np.ones(9, dtype=bool)
    np.testing.assert_allclose(
        curve.probability(gap, neutral) + curve.probability(-gap, neutral), 1.0
    )


def test_a_score_that_is_lower_for_stronger_teams_is_an_error() -> None:
    random = np.random.default_rng(1)
    gap = random.normal(0, 6, 5000)
    won = random.uniform(size=5000) < expit(-0.2 * gap)
    with pytest.raises(RankerError, match="win less often"):
        fit_platt(gap, np.ones(5000, dtype=bool), won, 1e6)


def test_combined_models_average_their_log_odds() -> None:
    curves = [PlattCurve(0.1, 0.0), PlattCurve(0.3, 0.0)]
    odds = combine(curves, np.array([[10.0, 10.0]]), np.array([True]))
    assert odds[0] == pytest.approx(2.0)


def test_the_error_of_strength_is_separated_from_the_noise_of_games() -> None:
    """Late in a season few games are left: their noise must not pass for knowing the strength."""
    random = np.random.default_rng(2)
    n = 60_000
    share = random.uniform(size=n)
    games = np.maximum(5, np.round(80 * (1 - share)))
    variance = 9.0 - 5.0 * share
    strength = random.normal(0, 4, n)
    truth = strength + random.normal(size=n) * np.sqrt(variance)
    seen = truth + random.normal(size=n) * 13.0 / np.sqrt(games)
    single = random.normal(size=n) * np.sqrt(2 * variance + 13.0**2)
    curve = fit_error_variance(strength, seen, games, share, single, share)
    assert curve.sd(np.array([0.0]))[0] == pytest.approx(3.0, rel=0.08)
    assert curve.sd(np.array([1.0]))[0] == pytest.approx(2.0, rel=0.12)


def test_every_game_is_taken_once_with_the_latest_date_before_it() -> None:
    day = pd.Timestamp("2015-11-01")
    games = pd.DataFrame(
        {
            "game_id": ["1", "2", "3", "4"],
            "season": "2015-16",
            "game_date": day + pd.to_timedelta([-1, 0, 6, 7], unit="D"),
            "kind": "regular",
            "home_id": 1,
            "away_id": 2,
            "neutral": False,
            "home_pts": [100, 90, 100, 90],
            "away_pts": [90, 100, 90, 100],
        }
    )
    dates = pd.DataFrame({"season": "2015-16", "as_of": [day, day + pd.Timedelta(days=7)]})
    rows = games_after_dates(games, dates)
    assert list(rows["game_id"]) == ["2", "3", "4"], "the first game has no date before it"
    assert list(rows["as_of"]) == [day, day, day + pd.Timedelta(days=7)]
    assert list(rows["home_won"]) == [False, True, False]


def test_a_stored_calibration_is_that_of_its_season_and_of_next_season_by_default() -> None:
    fitted = [
        Calibration(
            PlattCurve(0.1 + k, 0.3), {"xgb": PlattCurve(0.2, 0.4 + k)}, ErrorVariance(9.0 + k, 4.0)
        )
        for k in range(2)
    ]
    table = pd.concat([one.rows(f"2015-{16 + k}") for k, one in enumerate(fitted)])
    assert stored_calibration(table, ["xgb"], "2015-16") == fitted[0]
    assert stored_calibration(table, ["xgb"]) == fitted[1]
    with pytest.raises(RankerError, match="curves are for stack, xgb"):
        stored_calibration(table, ["xgb", "rf"])
