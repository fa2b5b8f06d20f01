"""Intervals over seasons: against scipy, one season, missing values, and their coverage."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from nbarank.core.bootstrap import season_intervals
from nbarank.core.errors import EvaluationError


def draw(values: np.ndarray, samples: int = 20_000, coverage: float = 0.95):
    return season_intervals(values, np.random.default_rng(1), samples, coverage)


def test_agrees_with_scipy() -> None:
    values = np.random.default_rng(0).normal(0.02, 0.05, (9, 1))
    ours = draw(values)
    scipys = bootstrap(
        (values[:, 0],),
        np.mean,
        n_resamples=20_000,
        method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval
    assert ours.mean[0] == pytest.approx(values.mean())
    assert ours.low[0] == pytest.approx(scipys.low, abs=1e-3)
    assert ours.high[0] == pytest.approx(scipys.high, abs=1e-3)


def test_columns_do_not_disturb_each_other() -> None:
    values = np.random.default_rng(0).normal(size=(8, 600))
    alone = draw(values[:, [517]], samples=500)
    together = draw(values, samples=500)
    np.testing.assert_allclose(together.low[517], alone.low[0])
    np.testing.assert_allclose(together.high[517], alone.high[0])
    assert (together.low < together.mean).all() and (together.mean < together.high).all()


def test_missing_seasons_are_left_out() -> None:
    values = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, 3.0], [4.0, np.nan]])
    got = draw(values)
    assert got.mean.tolist() == [2.5, 2.0]
    assert got.seasons.tolist() == [4, 2]
    assert (got.low[1], got.high[1]) == (1.0, 3.0)


def test_one_season_has_no_interval() -> None:
    got = draw(np.array([[0.3]]))
    assert got.mean[0] == 0.3
    assert np.isnan(got.low[0]) and np.isnan(got.high[0])


def test_shifting_and_stretching_carry_over() -> None:
    values = np.random.default_rng(3).normal(size=(9, 2))
    plain, moved = draw(values), draw(3 * values + 1)
    np.testing.assert_allclose(moved.low, 3 * plain.low + 1)
    np.testing.assert_allclose(moved.high, 3 * plain.high + 1)


def test_coverage_with_nine_seasons_is_what_the_docs_say() -> None:
    """docs/metrics.md says about 0.90 for a 95 % interval over nine seasons."""
    values = np.random.default_rng(5).normal(size=(9, 2000))
    got = draw(values, samples=1000)
    assert 0.88 < ((got.low < 0) & (got.high > 0)).mean() < 0.93


@pytest.mark.parametrize("values", [np.zeros((0, 3)), np.zeros(4), np.full((3, 1), np.nan)])
def test_nothing_to_average_is_an_error(values: np.ndarray) -> None:
    with pytest.raises(EvaluationError):
        draw(values)
