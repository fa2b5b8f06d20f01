"""Model B: gradient-boosted trees (XGBoost).

Members are fitted with random weights of whole seasons (the Bayesian bootstrap of Rubin, 1981).
Score: their mean; SD: their standard deviation, the dependence on the seasons seen. Rows of one
season are near copies, so weighting rows would make the SD far too small.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import xgboost

from nbarank.core.errors import RankerError
from nbarank.core.seeds import generator
from nbarank.core.tables import atomic_path
from nbarank.rankers.trees.params import XgbParams
from nbarank.rankers.trees.tree_ranker import TASKS, Floats, TaskRows, TreeRanker


def _matrix(rows: TaskRows) -> xgboost.DMatrix:
    return xgboost.DMatrix(rows.features, rows.target, weight=rows.weights)


class XgbRanker(TreeRanker[XgbParams]):
    """XGBoost with several members per regression."""

    name: ClassVar[str] = "xgb"
    params_class = XgbParams

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members: dict[str, list[xgboost.Booster]] = {}

    def _fit_task(self, task: str, rows: TaskRows, seed: int) -> None:
        self.sizes[task] = self._number_of_trees(task, rows, seed)
        names, season_of_row = np.unique(rows.seasons, return_inverse=True)
        self.members[task] = []
        for member in range(self.params.bags):
            random = generator(seed, self.name, task, member)
            of_season = random.dirichlet(np.ones(len(names))) * len(names)
            if self.params.bags == 1:
                of_season = np.ones(len(names))
            weighted = replace(rows, weights=rows.weights * of_season[season_of_row])
            self.members[task].append(
                xgboost.train(self._booster_params(random), _matrix(weighted), self.sizes[task])
            )

    def _number_of_trees(self, task: str, rows: TaskRows, seed: int) -> int:
        """Return `n_estimators`, or fewer if more do not improve the held-out seasons."""
        kept = rows.before_newest(self.params.early_stopping_seasons)
        if self.params.early_stopping_rounds == 0 or kept.all():
            return self.params.n_estimators
        booster = xgboost.train(
            self._booster_params(generator(seed, self.name, task, "early stopping")),
            _matrix(rows.pick(kept)),
            self.params.n_estimators,
            evals=[(_matrix(rows.pick(~kept)), "out")],
            early_stopping_rounds=self.params.early_stopping_rounds,
            verbose_eval=False,
        )
        return int(booster.best_iteration) + 1

    def _booster_params(self, random: np.random.Generator) -> dict[str, Any]:
        return {
            "objective": "reg:squarederror",
            "tree_method": "hist",
            **self.params.model_dump(
                exclude={
                    "n_estimators", "bags", "early_stopping_rounds", "early_stopping_seasons"
                }
            ),
            "monotone_constraints": self.constraints(),
            "seed": int(random.integers(2**31)),
            "nthread": self.threads,
        }  # fmt: skip

    def _predict_members(self, task: str, features: Floats) -> Floats:
        matrix = xgboost.DMatrix(features, nthread=1)
        return np.stack([np.asarray(m.predict(matrix), dtype=float) for m in self.members[task]])

    def _save(self, folder: Path) -> None:
        for task, members in self.members.items():
            for number, booster in enumerate(members):
                with atomic_path(folder / f"{task}_{number}.ubj") as path:
                    path.write_bytes(booster.save_raw("ubj"))

    def _load(self, folder: Path) -> None:
        for task in TASKS:
            self.members[task] = []
            for number in range(self.params.bags):
                path = folder / f"{task}_{number}.ubj"
                try:
                    booster = xgboost.Booster(model_file=bytearray(path.read_bytes()))
                except (OSError, xgboost.core.XGBoostError) as error:
                    raise RankerError(
                        f"A member of the saved {self.name} cannot be read: {error}",
                        where=str(path),
                        next_command="dvc repro   (or dvc pull, if a remote has it)",
                    ) from error
                self.members[task].append(booster)
            self.sizes[task] = self.members[task][0].num_boosted_rounds()
