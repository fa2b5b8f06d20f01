"""Model B: gradient-boosted trees (XGBoost).

Members are fitted with random weights of whole seasons (the Bayesian bootstrap of Rubin, 1981).
Score: their mean; SD: their standard deviation, the dependence on the seasons seen. Rows of one
season are near copies, so weighting rows would make the SD far too small.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import xgboost

from nbarank.core.rounding import rounded
from nbarank.core.seeds import generator
from nbarank.rankers.trees.params import XgbParams
from nbarank.rankers.trees.tree_ranker import TaskRows, TreeRanker, matrix_of


class XgbRanker(TreeRanker[XgbParams]):
    """XGBoost with several members per regression; its `sizes` are numbers of trees."""

    name: ClassVar[str] = "xgb"
    params_class = XgbParams

    @property
    def member_count(self) -> int:
        """Number of members."""
        return self.params.bags

    def _fit_members(self, task: str, rows: TaskRows, seed: int) -> list[xgboost.Booster]:
        trees = self._number_of_trees(task, rows, seed)
        self.sizes[task] = trees
        names, season_of_row = np.unique(rows.seasons, return_inverse=True)

        def fitted(member: int) -> xgboost.Booster:
            random = generator(seed, self.name, task, member)
            of_season = rounded(random.dirichlet(np.ones(len(names))) * len(names))
            if self.params.bags == 1:
                of_season = np.ones(len(names))
            weighted = replace(rows, weights=rounded(rows.weights * of_season[season_of_row]))
            return xgboost.train(self._member_params(random), matrix_of(weighted), trees)

        return self.side_by_side(fitted)

    def _number_of_trees(self, task: str, rows: TaskRows, seed: int) -> int:
        """Return `n_estimators`, or fewer if more do not improve the held-out seasons."""
        kept = rows.before_newest(self.params.early_stopping_seasons)
        if self.params.early_stopping_rounds == 0 or kept.all():
            return self.params.n_estimators
        booster = xgboost.train(
            self._member_params(generator(seed, self.name, task, "early stopping")),
            matrix_of(rows.pick(kept)),
            self.params.n_estimators,
            evals=[(matrix_of(rows.pick(~kept)), "out")],
            early_stopping_rounds=self.params.early_stopping_rounds,
            verbose_eval=False,
        )
        return int(booster.best_iteration) + 1

    def _member_params(self, random: np.random.Generator) -> dict[str, Any]:
        own = {"n_estimators", "bags", "early_stopping_rounds", "early_stopping_seasons"}
        return {
            **self.booster_params(),
            **self.params.model_dump(exclude=own),
            "seed": int(random.integers(2**31)),
        }
