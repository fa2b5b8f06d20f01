"""Conversion of scores (higher = stronger) to ranks (1 = best) and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


def ranks_from_scores(scores: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Return ranks along an axis, 1 for the highest score, ties averaged."""
    return np.asarray(rankdata(-np.asarray(scores), method="average", axis=axis))


def scores_from_ranks(ranks: NDArray[np.float64], n_teams: int) -> NDArray[np.float64]:
    """Return n_teams - rank: 0 for the last team, n_teams - 1 for the first."""
    return n_teams - np.asarray(ranks, dtype=np.float64)
