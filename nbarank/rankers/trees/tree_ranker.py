"""What XGBoost and the random forest share: two regressions on the team features.

One regression is on the rank target (number of teams minus rank), one on the mean margin of the
games after the date, with rows weighted by the number of these games.

Both keep declared directions: a score never falls when a feature with direction 1 rises. Features
that hardly change within a season (last season's rating) otherwise identify the team, and the model
memorises its outcome.

Early stopping holds out the newest whole seasons, then fits on all of them.

A model has several members, each an XGBoost booster that is fitted by one thread: sums by several
depend on their number. Members are fitted side by side.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

from nbarank.core.errors import RankerError
from nbarank.core.rounding import rounded
from nbarank.core.sections import Section
from nbarank.core.tables import atomic_path
from nbarank.rankers.training.contract import Ranker, RankerInputs, TrainingData
from nbarank.rankers.training.described_teams import read_described_teams
from nbarank.rankers.training.model_files import reading
from nbarank.rankers.trees.params import TreesParams
from nbarank.schemas.features import directions
from nbarank.schemas.season_split import ENDED

Floats = NDArray[np.float64]
TASKS = ("rank", "margin")
ParamsT = TypeVar("ParamsT", bound=Section)


@dataclass(frozen=True)
class TaskRows:
    """Training rows of one regression: [rows, features], and [rows] for the others.

    `weights` have mean 1; `seasons` are labels.
    """

    features: Floats
    target: Floats
    weights: Floats
    seasons: NDArray[np.object_]

    def pick(self, which: NDArray[np.bool_]) -> TaskRows:
        """Return some of the rows."""
        return TaskRows(
            self.features[which], self.target[which], self.weights[which], self.seasons[which]
        )

    def before_newest(self, held_out: int) -> NDArray[np.bool_]:
        """Return which rows are left without the newest seasons; all if none would be left."""
        names = np.unique(self.seasons)
        if len(names) <= held_out:
            return np.ones(len(self.seasons), dtype=bool)
        return ~np.isin(self.seasons, names[-held_out:])


def matrix_of(rows: TaskRows) -> xgboost.DMatrix:
    """Return training rows as XGBoost reads them."""
    return xgboost.DMatrix(rows.features, rows.target, weight=rows.weights, nthread=1)


def without_targets(features: Floats) -> xgboost.DMatrix:
    """Return rows to predict as XGBoost reads them."""
    return xgboost.DMatrix(features, nthread=1)


class TreeRanker(Ranker, Generic[ParamsT]):
    """Base of Models B and C.

    `directions`: 1 or -1 by column: the score never falls, or never rises, with that column. The
    model does not depend on `threads`, which are those of the fit.
    """

    params_class: ClassVar[type[Section]]

    def __init__(
        self, params: ParamsT, threads: int = 1, directions: Mapping[str, int] | None = None
    ) -> None:
        super().__init__()
        self.params = params
        self.threads = threads
        self.directions = dict(directions or {})
        self.sizes: dict[str, int] = {}
        self.members: dict[str, list[xgboost.Booster]] = {}

    def settings(self) -> dict[str, Any]:
        """Return the parameters as plain data."""
        return {
            "params": self.params.model_dump(mode="json"),
            "directions": self.directions,
        }

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Build an unfitted ranker from `settings`."""
        params: Any = cls.params_class.model_validate(settings["params"], strict=False)
        return cls(params, directions=settings["directions"])

    def constraints(self) -> tuple[int, ...]:
        """Return 1, -1 or 0 for each feature.

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
        return tuple(self.directions.get(column, 0) for column in columns)

    @property
    @abstractmethod
    def member_count(self) -> int:
        """Number of members per regression."""

    @property
    def sd_factor(self) -> float:
        """SD of a score per SD over the members."""
        return 1.0

    def booster_params(self) -> dict[str, Any]:
        """Return what all members share."""
        return {
            "objective": "reg:squarederror",
            "tree_method": "hist",
            "max_bin": 256,
            "monotone_constraints": self.constraints(),
            "nthread": 1,
        }

    def side_by_side(self, fitted: Callable[[int], xgboost.Booster]) -> list[xgboost.Booster]:
        """Return the members that `fitted` returns by number."""
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(fitted, range(self.member_count)))

    def _fit(self, data: TrainingData, seed: int) -> None:
        if not self.team_columns:
            raise RankerError(
                f"{self.name} has no features.",
                where="inputs.teams",
                allowed="at least one numeric column besides season, as_of and team_id",
            )
        features = data.inputs.teams[list(self.team_columns)].to_numpy(dtype=np.float64)
        seasons = data.targets["season"].to_numpy()
        for task in TASKS:
            target = data.targets[f"{task}_target"].to_numpy(dtype=np.float64)
            weights = np.ones(len(target))
            if task == "margin":
                weights = data.targets["margin_games"].to_numpy(dtype=np.float64)
            known = np.isfinite(target) & (weights > 0)
            if not known.any():
                raise RankerError(
                    f"{self.name}: no row of the training seasons has a {task}_target.",
                    where="targets",
                    allowed="as-of dates before the end of a season",
                    next_command="dvc repro ingest",
                )
            weights = rounded(weights / weights[known].mean())
            rows = TaskRows(features, target, weights, seasons).pick(known)
            self.members[task] = self._fit_members(task, rows, seed)

    def _predict(self, inputs: RankerInputs) -> pd.DataFrame:
        features = inputs.teams[list(self.team_columns or ())].to_numpy(dtype=np.float64)
        columns: dict[str, Floats] = {}
        for task in TASKS:
            matrix = without_targets(features)
            members = np.stack([member.predict(matrix) for member in self.members[task]])
            members = members.astype(np.float64)
            columns[f"{task}_score"] = members.mean(axis=0)
            columns[f"{task}_score_sd"] = members.std(axis=0) * self.sd_factor
        return pd.DataFrame(columns)

    @abstractmethod
    def _fit_members(self, task: str, rows: TaskRows, seed: int) -> list[xgboost.Booster]:
        """Fit one regression and set `sizes[task]`."""

    def _save(self, folder: Path) -> None:
        for task, members in self.members.items():
            for number, booster in enumerate(members):
                booster.set_attr(size=str(self.sizes[task]))
                with atomic_path(folder / f"{task}_{number}.ubj") as path:
                    path.write_bytes(booster.save_raw("ubj"))

    def _load(self, folder: Path) -> None:
        for task in TASKS:
            self.members[task] = [
                self._read(folder / f"{task}_{number}.ubj") for number in range(self.member_count)
            ]
            self.sizes[task] = int(self.members[task][0].attr("size") or 0)

    def _read(self, path: Path) -> xgboost.Booster:
        with reading(path, self.name):
            booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(path.read_bytes()))
            found, expected = booster.num_features(), len(self.team_columns or ())
            if found != expected:
                raise ValueError(f"a model of {found} features, not of {expected}")
            return booster


def read_tree_inputs(params: TreesParams) -> tuple[RankerInputs, dict[str, int]]:
    """Return the described teams of ended seasons, and the directions of their columns."""
    inputs = RankerInputs(read_described_teams(ENDED, params.columns))
    return inputs, directions(params.columns) if params.monotone else {}
