"""Probability of being in the playoffs, by an XGBoost classifier.

A check on the Monte Carlo, which forecasts the same without being fitted to it. Each season is
scored by trees of the seasons before it. The newest of these (the validation season) decides the
number of trees; the final model is then fitted on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xgboost

from nbarank.core.errors import RankerError
from nbarank.core.seeds import generator
from nbarank.rankers.playoffs.params import PlayoffClassifierParams
from nbarank.rankers.training.folds import Fold
from nbarank.schemas.columns import KEY


def classify_playoffs(
    teams: pd.DataFrame,
    outcomes: pd.DataFrame,
    folds: Sequence[Fold],
    params: PlayoffClassifierParams,
    directions: Mapping[str, int],
    seed: int,
) -> pd.DataFrame:
    """Return each team's out-of-fold probability of being in the playoffs.

    Parameters
    ----------
    teams
        season, as_of, team_id and the columns of `params.columns`; a row sees only games before
        its date.
    outcomes
        Table league/outcomes of ended seasons.
    directions
        1 or -1 by column: the probability never falls, or never rises, with that column.

    Returns
    -------
    pandas.DataFrame
        In the layout of table playoffs/classifier. validation_season is empty if a fold has a
        single training season.
    """
    constraints = tuple(directions.get(column, 0) for column in params.columns)
    known = teams.merge(
        outcomes[["season", "team_id", "made_playoffs"]], on=["season", "team_id"], how="inner"
    )
    scored = []
    for fold in folds:
        rows = known[known["season"].isin(fold.train)]
        if rows.empty or rows["made_playoffs"].nunique() < 2:
            raise RankerError(
                "The playoff classifier has no rows to fit, or only one class.",
                where=f"seasons {', '.join(fold.train)}",
                allowed="ended seasons with teams in the playoffs and out of them",
                next_command="dvc repro ingest",
            )
        random = generator(seed, "playoff classifier", *fold.train)
        settings = {
            "objective": "binary:logistic",
            "eval_metric": "logloss",
            "tree_method": "hist",
            "max_depth": params.max_depth,
            "learning_rate": params.learning_rate,
            "subsample": params.subsample,
            "min_child_weight": params.min_child_weight,
            "monotone_constraints": constraints,
            "seed": int(random.integers(2**31)),
            "nthread": 1,  # a second one waits more than it works: the tables are small
        }
        trees, validation = _number_of_trees(rows, params, settings)
        booster = xgboost.train(settings, _matrix(rows, params, labelled=True), trees)
        to_score = teams[teams["season"].isin(fold.score)]
        probability = np.asarray(booster.predict(_matrix(to_score, params)), dtype=np.float64)
        scored.append(
            to_score[KEY].assign(probability=probability, trees=trees, validation_season=validation)
        )
    return pd.concat(scored, ignore_index=True)


def _number_of_trees(
    rows: pd.DataFrame, params: PlayoffClassifierParams, settings: dict[str, Any]
) -> tuple[int, str]:
    """Return the best number of trees on the newest season, fitted on the others; its label."""
    newest = str(rows["season"].max())
    in_newest = (rows["season"] == newest).to_numpy()
    if params.early_stopping_rounds == 0 or in_newest.all():
        return params.n_estimators, ""
    booster = xgboost.train(
        settings,
        _matrix(rows[~in_newest], params, labelled=True),
        params.n_estimators,
        evals=[(_matrix(rows[in_newest], params, labelled=True), "validation")],
        early_stopping_rounds=params.early_stopping_rounds,
        verbose_eval=False,
    )
    return int(booster.best_iteration) + 1, newest


def _matrix(
    rows: pd.DataFrame, params: PlayoffClassifierParams, *, labelled: bool = False
) -> xgboost.DMatrix:
    label = rows["made_playoffs"].to_numpy(dtype=float) if labelled else None
    return xgboost.DMatrix(rows[list(params.columns)].to_numpy(dtype=float), label)
