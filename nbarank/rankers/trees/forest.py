"""Model C: random forest.

Score: mean over the trees; SD: their standard deviation. It contains the noise of a single tree,
so it is larger than Model B's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from nbarank.core.errors import RankerError
from nbarank.core.seeds import generator
from nbarank.rankers.trees.params import ForestParams
from nbarank.rankers.trees.skops_file import read_skops, write_skops
from nbarank.rankers.trees.tree_ranker import TASKS, Floats, TaskRows, TreeRanker

SEARCH_SHARE = 4
"""The depth is searched with a quarter of the trees."""


class ForestRanker(TreeRanker[ForestParams]):
    """Random forest, one per regression.

    It predicts with one thread: sums over trees by several threads differ in the last bits.
    """

    name: ClassVar[str] = "rf"
    params_class = ForestParams

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.forests: dict[str, RandomForestRegressor] = {}

    def _fit_task(self, task: str, rows: TaskRows, seed: int) -> None:
        if self.directions and np.isnan(rows.features).any():
            raise RankerError(
                f"{self.name} cannot keep directions if feature values are missing.",
                where="inputs.teams",
                allowed="finite features, or trees.monotone: false",
                next_command="dvc repro team_features roster_features",
            )
        state = int(generator(seed, self.name, task).integers(2**31))
        self.sizes[task] = self._depth(rows, state)
        forest = self._forest(self.params.n_estimators, self.sizes[task], state)
        self.forests[task] = forest.fit(rows.features, rows.target, sample_weight=rows.weights)

    def _depth(self, rows: TaskRows, state: int) -> int:
        """Return `max_depth`, or less if more depth does not improve the held-out seasons."""
        kept = rows.before_newest(self.params.early_stopping_seasons)
        if self.params.early_stopping_rounds == 0 or kept.all():
            return self.params.max_depth
        trees = max(1, self.params.n_estimators // SEARCH_SHARE)
        older, newest = rows.pick(kept), rows.pick(~kept)

        def error(depth: int) -> float:
            forest = self._forest(trees, depth, state)
            forest.fit(older.features, older.target, sample_weight=older.weights)
            miss = forest.set_params(n_jobs=1).predict(newest.features) - newest.target
            return float(np.average(miss**2, weights=newest.weights))

        return best_size(error, self.params.max_depth, self.params.early_stopping_rounds)

    def _forest(self, trees: int, depth: int, state: int) -> RandomForestRegressor:
        return RandomForestRegressor(
            n_estimators=trees,
            max_depth=depth,
            min_samples_leaf=self.params.min_samples_leaf,
            max_features=self.params.max_features,
            monotonic_cst=list(self.constraints()),
            random_state=state,
            n_jobs=self.threads,
        )

    def _predict_members(self, task: str, features: Floats) -> Floats:
        narrow = features.astype(np.float32)
        return np.stack([tree.predict(narrow) for tree in self.forests[task].estimators_])

    def _save(self, folder: Path) -> None:
        for task, forest in self.forests.items():
            write_skops(forest, folder / f"{task}.skops")

    def _load(self, folder: Path) -> None:
        for task in TASKS:
            self.forests[task] = read_skops(folder / f"{task}.skops")
            self.sizes[task] = int(self.forests[task].max_depth)


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
