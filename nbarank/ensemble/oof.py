"""Out-of-fold scores: every season scored by a model that was trained without it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import pandas as pd

from nbarank.ensemble.folds import Fold
from nbarank.rankers.contract import Ranker, RankerInputs, TrainingData

log = logging.getLogger(__name__)


def out_of_fold(
    make_ranker: Callable[[], Ranker],
    folds: Sequence[Fold],
    inputs: RankerInputs,
    training: TrainingData,
    seed: int,
    on_fitted: Callable[[Fold, Ranker], None] | None = None,
) -> pd.DataFrame:
    """Train one model a fold and score the fold's seasons with it.

    Parameters
    ----------
    make_ranker
        Returns a fresh, unfitted ranker.
    folds
        From `nbarank.ensemble.folds`.
    inputs
        All described teams; a fold is predicted on the rows of `fold.score` alone.
    training
        Rows to learn from (may be fewer dates than `inputs` has); a fold learns from the rows of
        `fold.train` alone.
    seed
        The same for every fold: a fold's model depends on its training seasons, not on its place.
    on_fitted
        Called after each fit, for curves and diagnostics.

    Returns
    -------
    pandas.DataFrame
        In the layout of table oof/<model>: one row a team as of a date, sorted by key.
    """
    scores = []
    for fold in folds:
        log.info("training on %s to %s", fold.train[0], fold.train[-1])
        ranker = make_ranker().fit(training.restrict(frozenset(fold.train)), seed)
        scores.append(ranker.predict(inputs.restrict(frozenset(fold.score))))
        if on_fitted is not None:
            on_fitted(fold, ranker)
    return pd.concat(scores, ignore_index=True).sort_values(
        ["season", "as_of", "team_id"], kind="stable", ignore_index=True
    )
