"""Is the ensemble more than the best of its parts? Its lead over the best single model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbarank.errors import EvaluationError
from nbarank.evaluation.metrics import lower_is_better
from nbarank.evaluation.scorecard import TARGETS

PLACE = ["season", "checkpoint", "target", "metric"]
METRICS = ("spearman", "rank_mae")


def ensemble_lift(
    scorecard: pd.DataFrame, models: Sequence[str], ensemble: str = "ensemble"
) -> pd.DataFrame:
    """Return what the ensemble gains on the best single model of each list.

    Parameters
    ----------
    scorecard
        Tidy rows.
    models
        Base models among its rankers.
    ensemble
        Name of the ensemble among its rankers.

    Returns
    -------
    pandas.DataFrame
        season, checkpoint, target, metric, ensemble, best_model, best, lift (above zero: the
        ensemble is better, whichever way the metric runs), steady_model, steady_lift. best_model
        is the best of that very list, known only afterwards: a hard measure. steady_model is the
        one that is best on average over all lists of the target and metric: what one would have
        had to choose beforehand.

    Raises
    ------
    EvaluationError
        If the ensemble or a model has no such rows.
    """
    rows = scorecard[scorecard["target"].isin(TARGETS) & scorecard["metric"].isin(METRICS)]
    wide = rows.pivot(index=PLACE, columns="ranker", values="value")
    missing = [name for name in (ensemble, *models) if name not in wide.columns]
    if missing or not models:
        raise EvaluationError(
            f"No lift without {', '.join(missing) or 'base models'}.",
            allowed=", ".join(wide.columns),
            next_command="dvc repro evaluate",
        )
    metric = wide.index.get_level_values("metric")
    sign = pd.Series([-1.0 if lower_is_better(name) else 1.0 for name in metric], index=wide.index)
    upward = wide.mul(sign, axis=0)
    single = upward[list(models)]
    steady = single.groupby(["target", "metric"]).transform("mean").idxmax(axis=1)
    place = (np.arange(len(single)), single.columns.get_indexer(pd.Index(steady)))
    return pd.DataFrame(
        {
            "ensemble": wide[ensemble],
            "best_model": single.idxmax(axis=1),
            "best": single.max(axis=1) * sign,
            "lift": upward[ensemble] - single.max(axis=1),
            "steady_model": steady,
            "steady_lift": upward[ensemble] - single.to_numpy()[place],
        }
    ).reset_index()
