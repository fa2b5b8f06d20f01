"""Ranks of scores."""

import numpy as np
from scipy.stats import rankdata

from nbarank.core.ordering import ranks_from_scores


def test_ranks_are_those_of_scipy_with_ties_infinite_and_missing_scores() -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(-4, 5, (40, 30)).astype(float)
    scores[0, :3], scores[1, 7] = -np.inf, np.nan
    expected = rankdata(-scores, method="average", axis=-1)
    np.testing.assert_array_equal(ranks_from_scores(scores), expected)
    np.testing.assert_array_equal(ranks_from_scores(scores[2]), expected[2])
