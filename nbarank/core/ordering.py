"""The one place where scores (higher = stronger) become ranks (1 = best), and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


def ranks_from_scores(scores: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Return ranks along an axis, 1 for the highest score, ties averaged.

    Parameters
    ----------
    scores
        Any shape; higher = stronger.
    """
    return np.asarray(rankdata(-np.asarray(scores), method="average", axis=axis))


def scores_from_ranks(ranks: NDArray[np.float64], n_teams: int) -> NDArray[np.float64]:
    """Return n_teams - rank: the last team 0, the first n_teams - 1 (higher = stronger)."""
    return n_teams - np.asarray(ranks, dtype=np.float64)
