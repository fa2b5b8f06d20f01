"""Which teams will be in the playoffs, learnt directly: XGBoost, yes or no as of a date.

A check on the Monte Carlo, which says the same without having learnt it: seasons are walked
forward, each scored by trees of the seasons before it. How many trees is decided on the newest of
those (the validation season), and all of them teach the model that is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

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
        From `nbarank.rankers.training.folds`: seasons to learn from, seasons to score.
    params
        Section `playoff_classifier`.
    directions
        1 or -1 by column: the probability never falls, or never rises, with that column.
    seed
        `repro.seed`.
    threads
        Threads of the fit; the model does not depend on it.

    Returns
    -------
    pandas.DataFrame
        In the layout of table playoffs/classifier: season, as_of, team_id, probability, trees,
        validation_season (empty where a fold has a single season, which decides nothing).
    """
    constraints = tuple(directions.get(column, 0) for column in params.columns)
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
        settings = _settings(params, constraints, seed, fold, threads)
        trees, validation = _number_of_trees(learn, fold, params, settings)
        booster = xgboost.train(settings, _matrix(learn, params, labelled=True), trees)
        rows = teams[teams["season"].isin(fold.score)]
        chance = np.asarray(booster.predict(_matrix(rows, params)), dtype=np.float64)
        scored.append(
            rows[KEY].assign(probability=chance, trees=trees, validation_season=validation)
        )
    return pd.concat(scored, ignore_index=True)


def _settings(
    params: PlayoffClassifierParams,
    constraints: tuple[int, ...],
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
        "monotone_constraints": constraints,
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
