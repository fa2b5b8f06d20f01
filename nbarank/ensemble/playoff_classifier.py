"""Which teams will be in the playoffs, learnt directly: XGBoost, yes or no as of a date.

A check on the Monte Carlo, which says the same without having learnt it: seasons are walked
forward, each scored by trees of the seasons before it. How many trees is decided on the newest of
those (the validation season), and all of them teach the model that is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

from nbarank.ensemble.folds import Fold
from nbarank.ensemble.inputs import KEY
from nbarank.errors import RankerError
from nbarank.params.playoffs import PlayoffClassifierParams
from nbarank.runtime import generator


def classify_playoffs(
    teams: pd.DataFrame,
    outcomes: pd.DataFrame,
    folds: Sequence[Fold],
    params: PlayoffClassifierParams,
    seed: int,
    threads: int = 1,
) -> pd.DataFrame:
    """Return each team's probability of being in the playoffs, out of fold.

    Parameters
    ----------
    teams
        season, as_of, team_id and the columns of `params.columns`; a row sees only games before
        its day.
    outcomes
        Table league/outcomes: made_playoffs of the seasons that have ended.
    folds
        From `nbarank.ensemble.folds`: seasons to learn from, seasons to score.
    params
        Section `playoff_classifier`.
    seed
        `repro.seed`.
    threads
        Threads of the fit; the model does not depend on it.

    Returns
    -------
    pandas.DataFrame
        In the layout of table ensemble/playoffs: season, as_of, team_id, probability, trees,
        validation_season (empty where a fold has a single season, which decides nothing).
    """
    directions = _directions(params)
    known = teams.merge(
        outcomes[["season", "team_id", "made_playoffs"]], on=["season", "team_id"], how="inner"
    )
    scored = []
    for fold in folds:
        learn = known[known["season"].isin(fold.train)]
        if learn.empty or learn["made_playoffs"].nunique() < 2:
            raise RankerError(
                "The playoff classifier has nothing to learn from.",
                where=f"seasons {', '.join(fold.train)}",
                allowed="seasons that have ended, with teams in the playoffs and out of them",
                next_command="dvc repro outcomes",
            )
        settings = _settings(params, directions, seed, fold, threads)
        trees, validation = _number_of_trees(learn, fold, params, settings)
        booster = xgboost.train(settings, _matrix(learn, params, labelled=True), trees)
        rows = teams[teams["season"].isin(fold.score)]
        chance = np.asarray(booster.predict(_matrix(rows, params)), dtype=np.float64)
        scored.append(
            rows[KEY].assign(probability=chance, trees=trees, validation_season=validation)
        )
    return pd.concat(scored, ignore_index=True)


def _directions(params: PlayoffClassifierParams) -> tuple[int, ...]:
    """Return 1, -1 or 0 for every column.

    Raises
    ------
    RankerError
        If a listed column is not among the inputs, or stands in both lists.
    """
    listed = [*params.increasing, *params.decreasing]
    wrong = sorted({c for c in listed if c not in params.columns or listed.count(c) > 1})
    if wrong:
        raise RankerError(
            f"The playoff classifier is told a direction it cannot keep: {', '.join(wrong)}.",
            where="playoff_classifier.increasing and .decreasing in params.yaml",
            allowed=f"each of {', '.join(params.columns)} at most once",
            next_command="edit params.yaml",
        )
    return tuple(
        1 if c in params.increasing else -1 if c in params.decreasing else 0 for c in params.columns
    )


def _settings(
    params: PlayoffClassifierParams,
    directions: tuple[int, ...],
    seed: int,
    fold: Fold,
    threads: int,
) -> dict[str, Any]:
    random = generator(seed, "playoff classifier", *fold.train)
    return {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
        "max_depth": params.max_depth,
        "learning_rate": params.learning_rate,
        "subsample": params.subsample,
        "min_child_weight": params.min_child_weight,
        "monotone_constraints": directions,
        "seed": int(random.integers(2**31)),
        "nthread": threads,
    }


def _number_of_trees(
    learn: pd.DataFrame,
    fold: Fold,
    params: PlayoffClassifierParams,
    settings: dict[str, Any],
) -> tuple[int, str]:
    """Return how many trees did best on the newest season when the others taught them."""
    newest = max(fold.train)
    of_newest: NDArray[np.bool_] = (learn["season"] == newest).to_numpy()
    if params.early_stopping_rounds == 0 or of_newest.all() or not of_newest.any():
        return params.n_estimators, ""
    booster = xgboost.train(
        settings,
        _matrix(learn[~of_newest], params, labelled=True),
        params.n_estimators,
        evals=[(_matrix(learn[of_newest], params, labelled=True), "validation")],
        early_stopping_rounds=params.early_stopping_rounds,
        verbose_eval=False,
    )
    return int(booster.best_iteration) + 1, newest


def _matrix(
    rows: pd.DataFrame, params: PlayoffClassifierParams, *, labelled: bool = False
) -> xgboost.DMatrix:
    label = rows["made_playoffs"].to_numpy(dtype=float) if labelled else None
    return xgboost.DMatrix(rows[list(params.columns)].to_numpy(dtype=float), label)
