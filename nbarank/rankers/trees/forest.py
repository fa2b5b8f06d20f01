"""Model C: random forest (Breiman, 2001), grown by XGBoost.

A group is one booster of many unshrunken trees side by side, each on a random 63 % of the rows,
about as many as a bootstrap draws, with a random choice of features at each split.

Score: mean over the groups; SD: their standard deviation times the square root of the trees in a
group, about that of a single tree. It contains the noise of a tree, so it is larger than Model B's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import xgboost

from nbarank.core.rounding import rounded_number
from nbarank.core.seeds import generator
from nbarank.rankers.trees.params import ForestParams
from nbarank.rankers.trees.tree_ranker import TaskRows, TreeRanker, matrix_of

GROUPS = 8
SEARCH_SHARE = 4
"""The depth is searched with a quarter of the trees."""


class ForestRanker(TreeRanker[ForestParams]):
    """Random forest, one per regression; its `sizes` are depths."""

    name: ClassVar[str] = "rf"
    params_class = ForestParams

    @property
    def member_count(self) -> int:
        """Number of groups."""
        return min(GROUPS, self.params.n_estimators)

    @property
    def sd_factor(self) -> float:
        """Square root of the trees in a group."""
        return float(np.sqrt(self._trees(self.params.n_estimators)))

    def _trees(self, total: int) -> int:
        return max(1, total // self.member_count)

    def _fit_members(self, task: str, rows: TaskRows, seed: int) -> list[xgboost.Booster]:
        depth = self._depth(task, rows, seed)
        self.sizes[task] = depth
        return self._groups(task, rows, seed, self.params.n_estimators, depth)

    def _depth(self, task: str, rows: TaskRows, seed: int) -> int:
        """Return `max_depth`, or less if more depth does not improve the held-out seasons."""
        kept = rows.before_newest(self.params.early_stopping_seasons)
        if self.params.early_stopping_rounds == 0 or kept.all():
            return self.params.max_depth
        trees = self.params.n_estimators // SEARCH_SHARE
        older, newest = rows.pick(kept), rows.pick(~kept)

        def error(depth: int) -> float:
            groups = self._groups(task, older, seed, trees, depth)
            predicted = np.mean([group.predict(matrix_of(newest)) for group in groups], axis=0)
            miss = predicted - newest.target
            return rounded_number(np.average(miss**2, weights=newest.weights))

        return best_size(error, self.params.max_depth, self.params.early_stopping_rounds)

    def _groups(
        self, task: str, rows: TaskRows, seed: int, trees: int, depth: int
    ) -> list[xgboost.Booster]:
        settings: dict[str, Any] = {
            **self.booster_params(),
            "max_depth": depth,
            "learning_rate": 1.0,
            "num_parallel_tree": self._trees(trees),
            "subsample": 0.63,
            "colsample_bynode": self.params.max_features,
            "min_child_weight": self.params.min_samples_leaf,
            "reg_lambda": 0.0,
            "base_score": rounded_number(np.average(rows.target, weights=rows.weights)),
        }

        def fitted(group: int) -> xgboost.Booster:
            random = generator(seed, self.name, task, group)
            own = {**settings, "seed": int(random.integers(2**31))}
            return xgboost.train(own, matrix_of(rows), 1)

        return self.side_by_side(fitted)


def best_size(error: Callable[[int], float], largest: int, patience: int) -> int:
    """Return the size with the smallest error; stop after `patience` sizes without improvement."""
    best, best_error = 1, np.inf
    for size in range(1, largest + 1):
        current = error(size)
        if current < best_error:
            best, best_error = size, current
        elif size - best >= patience:
            break
    return best
