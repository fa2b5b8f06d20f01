"""Conversion of scores (higher = stronger) to ranks (1 = best) and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def ranks_from_scores(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks along the last axis, 1 for the highest score, ties averaged.

    A missing score makes all ranks of its row missing. scipy.stats is slow to import.
    """
    values = np.asarray(scores, dtype=np.float64)
    own, others = values[..., :, None], values[..., None, :]
    ranks = (others > own).sum(axis=-1) + ((others == own).sum(axis=-1) + 1) / 2
    return np.where(np.isnan(values).any(axis=-1, keepdims=True), np.nan, ranks)


def scores_from_ranks(ranks: NDArray[np.float64], n_teams: int) -> NDArray[np.float64]:
    """Return n_teams - rank: 0 for the last team, n_teams - 1 for the first."""
    return n_teams - np.asarray(ranks, dtype=np.float64)
