"""SHAP values of the tree models: contribution of each feature to a team's score, exactly additive.

Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
Nature Machine Intelligence 2 (2020). Path-dependent TreeSHAP: an unknown feature is averaged over
the training rows of each branch. Correlated features (Elo, point difference, wins) share the credit
in a way that depends on the trees; only the sum is certain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import RankerError
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.trees.tree_ranker import TreeRanker, without_targets
from nbarank.schemas.columns import KEY

Floats = NDArray[np.float64]
ADDITIVITY = 1e-2
"""Allowed gap to the score in points or places: XGBoost sums in single precision."""


def tree_shap(
    ranker: TreeRanker[Any], inputs: RankerInputs, score: str
) -> tuple[pd.DataFrame, float]:
    """Explain a fitted tree model's scores of teams.

    Parameters
    ----------
    ranker
        Fitted; out of fold: the model of the fold that scores these rows.
    inputs
        As for `predict`.
    score
        'margin' or 'rank'.

    Returns
    -------
    pandas.DataFrame
        In the layout of explain/shap: one row per team, date and feature, mean over members.
    float
        Largest gap between base plus values and the score of `predict`.

    Raises
    ------
    RankerError
        If that gap is above `ADDITIVITY`.
    """
    columns = list(ranker.team_columns or ())
    scores = ranker.predict(inputs)
    teams = inputs.teams.sort_values(KEY, kind="stable").reset_index(drop=True)
    features = teams[columns].to_numpy(dtype=np.float64)
    values, base = _values(ranker, features, score)
    predicted = scores[f"{score}_score"].to_numpy(dtype=np.float64)
    gap = float(np.abs(base + values.sum(axis=1) - predicted).max(initial=0.0))
    if gap > ADDITIVITY:
        raise RankerError(
            f"SHAP values of {ranker.name} miss its scores by up to {gap:.3g}.",
            where=f"{score}_score of {len(teams)} teams",
            allowed=f"a gap of at most {ADDITIVITY}",
            next_command="compare the version of xgboost with requirements/lock-*.txt",
        )
    rows = teams[KEY].loc[np.repeat(np.arange(len(teams)), len(columns))]
    frame = rows.reset_index(drop=True).assign(
        model=ranker.name,
        score=score,
        feature=np.tile(np.array(columns, dtype=object), len(teams)),
        value=features.ravel(),
        shap=values.ravel(),
        base=base,
    )
    return frame, gap


def _values(ranker: TreeRanker[Any], features: Floats, score: str) -> tuple[Floats, float]:
    """Return values [teams, features] and the base, averaged over the model's members."""
    matrix = without_targets(features)
    parts = [member.predict(matrix, pred_contribs=True) for member in ranker.members[score]]
    mean = np.mean(np.array(parts, dtype=np.float64), axis=0)  # the base is in the last column
    return mean[:, :-1], float(mean[0, -1])
