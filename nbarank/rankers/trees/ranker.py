"""Gradient-boosted trees and a random forest on the team features.

Each ranker holds two regressions: one on the rank target (number of teams minus rank), one on
the margins of the games still to come, rows weighted by how many games the mean is over.

What their spread means:

- XGBoost: members fitted with random weights of whole seasons (the Bayesian bootstrap of Rubin,
  1981, over seasons). Score = mean, spread = standard deviation over members: how far the answer
  depends on which seasons were seen. Rows of one season are near copies, so weighting rows would
  make the spread far too small.
- Forest: standard deviation over the trees, the usual tree variance. It contains the noise of a
  single tree and is therefore larger.

Both keep to directions: a score never falls when an input listed as increasing rises. Inputs that
hardly change within a season (last season's rating) otherwise serve as the name of a team, by which
its outcome is learnt by heart.

Early stopping holds out whole seasons, the newest ones, and afterwards fits on all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor

from nbarank.core.errors import RankerError
from nbarank.core.seeds import generator
from nbarank.core.tables import atomic_path
from nbarank.rankers.training.contract import Ranker, RankerInputs, TrainingData
from nbarank.rankers.trees.params import ForestParams, XgbParams
from nbarank.rankers.trees.skops_file import read_skops, write_skops

Floats = NDArray[np.float64]
TASKS = ("rank", "margin")
SEARCH_SHARE = 4
"""The depth of a forest is searched with a quarter of its trees."""


class _TreeRanker(Ranker):
    """What both share: the two regressions and their rows."""

    def __init__(self, threads: int, directions: Mapping[str, int] | None) -> None:
        super().__init__()
        self.threads = threads
        self.directions = dict(directions or {})
        self.sizes: dict[str, int] = {}

    def _constraints(self) -> list[int]:
        """Return 1, -1 or 0 for every feature.

        Raises
        ------
        RankerError
            If a column with a direction is not a feature.
        """
        columns = self.team_columns or ()
        unknown = sorted(set(self.directions) - set(columns))
        if unknown:
            raise RankerError(
                f"{self.name} has a direction for {', '.join(unknown)}, which is not a feature.",
                where="directions",
                allowed=", ".join(columns),
                next_command="edit trees.columns in params.yaml",
            )
        return [self.directions.get(column, 0) for column in columns]

    def _fit(self, data: TrainingData, seed: int) -> None:
        columns = list(self.team_columns or ())
        if not columns:
            raise RankerError(
                f"{self.name} was given no features.",
                where="inputs.teams",
                allowed="at least one numeric column beside season, as_of and team_id",
            )
        features = data.inputs.teams[columns].to_numpy(dtype=np.float64)
        seasons = data.targets["season"].to_numpy()
        for task in TASKS:
            target = data.targets[f"{task}_target"].to_numpy(dtype=np.float64)
            weights = np.ones(len(target))
            if task == "margin":
                weights = data.targets["margin_games"].to_numpy(dtype=np.float64)
            rows = np.isfinite(target) & (weights > 0)
            if not rows.any():
                raise RankerError(
                    f"{self.name}: no row of the training seasons has a {task}_target.",
                    where="targets",
                    allowed="as-of dates before the end of a season",
                    next_command="dvc repro outcomes",
                )
            weights = weights[rows] / weights[rows].mean()
            self._fit_task(task, features[rows], target[rows], weights, seasons[rows], seed)

    def _predict(self, inputs: RankerInputs) -> pd.DataFrame:
        features = inputs.teams[list(self.team_columns or ())].to_numpy(dtype=np.float64)
        columns: dict[str, Floats] = {}
        for task in TASKS:
            members = self._predict_members(task, features)
            columns[f"{task}_score"] = members.mean(axis=0)
            columns[f"{task}_score_sd"] = members.std(axis=0)
        return pd.DataFrame(columns)

    def _fit_task(
        self, task: str, features: Floats, target: Floats, weights: Floats, seasons: Any, seed: int
    ) -> None:
        raise NotImplementedError

    def _predict_members(self, task: str, features: Floats) -> Floats:
        """Return [members, rows]."""
        raise NotImplementedError


class XgbRanker(_TreeRanker):
    """XGBoost, several members a task.

    Parameters
    ----------
    params
        Section `model_b`.
    threads
        Threads of the fit; the model does not depend on it.
    directions
        1 or -1 by column: the score never falls, or never rises, with that column.
    """

    name: ClassVar[str] = "xgb"

    def __init__(
        self, params: XgbParams, threads: int = 1, directions: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(threads, directions)
        self.params = params
        self.members: dict[str, list[xgboost.Booster]] = {}

    def settings(self) -> dict[str, Any]:
        """Return the parameters as plain data."""
        return {
            "params": self.params.model_dump(mode="json"),
            "threads": self.threads,
            "directions": self.directions,
        }

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Build an unfitted ranker from `settings`."""
        params = XgbParams.model_validate(settings["params"], strict=False)
        return cls(params, settings["threads"], settings["directions"])

    def _fit_task(
        self, task: str, features: Floats, target: Floats, weights: Floats, seasons: Any, seed: int
    ) -> None:
        self.sizes[task] = self._number_of_trees(task, features, target, weights, seasons, seed)
        names, season_of_row = np.unique(seasons, return_inverse=True)
        self.members[task] = []
        for member in range(self.params.bags):
            random = generator(seed, self.name, task, member)
            of_season = random.dirichlet(np.ones(len(names))) * len(names)
            if self.params.bags == 1:
                of_season = np.ones(len(names))
            matrix = xgboost.DMatrix(features, target, weight=weights * of_season[season_of_row])
            self.members[task].append(
                xgboost.train(self._booster_params(random), matrix, self.sizes[task])
            )

    def _number_of_trees(
        self, task: str, features: Floats, target: Floats, weights: Floats, seasons: Any, seed: int
    ) -> int:
        """Return `n_estimators`, or fewer where the held-out seasons got no better."""
        kept = _kept_rows(seasons, self.params.early_stopping_seasons)
        if self.params.early_stopping_rounds == 0 or kept.all():
            return self.params.n_estimators
        booster = xgboost.train(
            self._booster_params(generator(seed, self.name, task, "early stopping")),
            xgboost.DMatrix(features[kept], target[kept], weight=weights[kept]),
            self.params.n_estimators,
            evals=[(xgboost.DMatrix(features[~kept], target[~kept], weight=weights[~kept]), "out")],
            early_stopping_rounds=self.params.early_stopping_rounds,
            verbose_eval=False,
        )
        return int(booster.best_iteration) + 1

    def _booster_params(self, random: np.random.Generator) -> dict[str, Any]:
        return {
            "objective": "reg:squarederror",
            "tree_method": "hist",
            "max_depth": self.params.max_depth,
            "learning_rate": self.params.learning_rate,
            "subsample": self.params.subsample,
            "colsample_bytree": self.params.colsample_bytree,
            "min_child_weight": self.params.min_child_weight,
            "reg_lambda": self.params.reg_lambda,
            "reg_alpha": self.params.reg_alpha,
            "monotone_constraints": tuple(self._constraints()),
            "seed": int(random.integers(2**31)),
            "nthread": self.threads,
        }

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
                        next_command="dvc repro   (or dvc pull, where a remote holds it)",
                    ) from error
                self.members[task].append(booster)
            self.sizes[task] = self.members[task][0].num_boosted_rounds()


class ForestRanker(_TreeRanker):
    """Random forest, one a task.

    Parameters
    ----------
    params
        Section `model_c`.
    threads
        Threads of the fit; prediction always takes one, because sums over trees by several
        threads differ in the last bits from run to run.
    directions
        1 or -1 by column: the score never falls, or never rises, with that column.
    """

    name: ClassVar[str] = "rf"

    def __init__(
        self, params: ForestParams, threads: int = 1, directions: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(threads, directions)
        self.params = params
        self.forests: dict[str, RandomForestRegressor] = {}

    def settings(self) -> dict[str, Any]:
        """Return the parameters as plain data."""
        return {
            "params": self.params.model_dump(mode="json"),
            "threads": self.threads,
            "directions": self.directions,
        }

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Build an unfitted ranker from `settings`."""
        params = ForestParams.model_validate(settings["params"], strict=False)
        return cls(params, settings["threads"], settings["directions"])

    def _fit_task(
        self, task: str, features: Floats, target: Floats, weights: Floats, seasons: Any, seed: int
    ) -> None:
        if self.directions and np.isnan(features).any():
            raise RankerError(
                f"{self.name} cannot keep to directions where feature values are missing.",
                where="inputs.teams",
                allowed="finite features, or trees.monotone: false",
                next_command="dvc repro team_features roster_features",
            )
        state = int(generator(seed, self.name, task).integers(2**31))
        self.sizes[task] = self._depth(features, target, weights, seasons, state)
        self.forests[task] = self._forest(self.params.n_estimators, self.sizes[task], state).fit(
            features, target, sample_weight=weights
        )

    def _depth(
        self, features: Floats, target: Floats, weights: Floats, seasons: Any, state: int
    ) -> int:
        """Return `max_depth`, or less where the held-out seasons got no better with depth."""
        kept = _kept_rows(seasons, self.params.early_stopping_seasons)
        if self.params.early_stopping_rounds == 0 or kept.all():
            return self.params.max_depth
        trees = max(1, self.params.n_estimators // SEARCH_SHARE)

        def error(depth: int) -> float:
            forest = self._forest(trees, depth, state)
            forest.fit(features[kept], target[kept], sample_weight=weights[kept])
            miss = forest.set_params(n_jobs=1).predict(features[~kept]) - target[~kept]
            return float(np.average(miss**2, weights=weights[~kept]))

        return _first_not_bettered(error, self.params.max_depth, self.params.early_stopping_rounds)

    def _forest(self, trees: int, depth: int, state: int) -> RandomForestRegressor:
        return RandomForestRegressor(
            n_estimators=trees,
            max_depth=depth,
            min_samples_leaf=self.params.min_samples_leaf,
            max_features=self.params.max_features,
            monotonic_cst=self._constraints(),
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


def _kept_rows(seasons: Any, held_out: int) -> NDArray[np.bool_]:
    """Return the rows left when the newest seasons are held out; all where none would be left."""
    names = np.unique(seasons)
    if len(names) <= held_out:
        return np.ones(len(seasons), dtype=bool)
    return ~np.isin(seasons, names[-held_out:])


def _first_not_bettered(error: Callable[[int], float], most: int, patience: int) -> int:
    """Return the size of least error, searched upwards until `patience` sizes gave nothing."""
    best, best_error = 1, np.inf
    for size in range(1, most + 1):
        current = error(size)
        if current < best_error:
            best, best_error = size, current
        elif size - best >= patience:
            break
    return best
