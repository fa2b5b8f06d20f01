"""Intervals over seasons: against scipy, one season, missing values; Holm's adjustment."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from nbarank.core.errors import EvaluationError
from nbarank.core.season_intervals import holm, season_intervals


def test_agrees_with_scipy() -> None:
    values = np.random.default_rng(0).normal(0.02, 0.05, (9, 3))
    ours, scipys = season_intervals(values, 0.9), ttest_1samp(values, 0.0)
    expected = scipys.confidence_interval(0.9)
    np.testing.assert_allclose(ours.mean, values.mean(axis=0))
    np.testing.assert_allclose(ours.low, expected.low)
    np.testing.assert_allclose(ours.high, expected.high)
    np.testing.assert_allclose(ours.p, scipys.pvalue)


def test_missing_seasons_are_left_out() -> None:
    values = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, 3.0], [4.0, np.nan]])
    got, alone = season_intervals(values, 0.95), season_intervals(values[::2, 1:], 0.95)
    assert got.mean.tolist() == [2.5, 2.0]
    assert got.seasons.tolist() == [4, 2]
    assert (got.low[1], got.high[1]) == (alone.low[0], alone.high[0])


def test_one_season_has_no_interval() -> None:
    got = season_intervals(np.array([[0.3]]), 0.95)
    assert got.mean[0] == 0.3
    assert np.isnan([got.low[0], got.high[0], got.p[0]]).all()


def test_equal_values_are_certain() -> None:
    got = season_intervals(np.array([[0.0, 1.0], [0.0, 1.0]]), 0.95)
    assert got.low.tolist() == got.high.tolist() == [0.0, 1.0]
    assert got.p.tolist() == [1.0, 0.0]


def test_coverage_of_normal_differences() -> None:
    values = np.random.default_rng(5).normal(size=(8, 4000))
    got = season_intervals(values, 0.95)
    assert 0.94 < ((got.low < 0) & (got.high > 0)).mean() < 0.96


@pytest.mark.parametrize("values", [np.zeros((0, 3)), np.zeros(4), np.full((3, 1), np.nan)])
def test_nothing_to_average_is_an_error(values: np.ndarray) -> None:
    with pytest.raises(EvaluationError):
        season_intervals(values, 0.95)


def test_holm_by_hand() -> None:
    got = holm([0.04, 0.01, np.nan, 0.03])
    np.testing.assert_allclose(got, [0.06, 0.03, np.nan, 0.06])
    assert holm([0.6, 0.7]).tolist() == [1.0, 1.0]
