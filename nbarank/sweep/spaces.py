"""Search spaces as data: `sweeps/NAME.yaml`, typed, checked before anything runs.

A space has a search method, an objective, the searched keys of params.yaml, fixed values, a number
of trials and a random seed.
"""

from __future__ import annotations

import itertools
import json
import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import optuna
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nbarank.core.errors import SweepError, did_you_mean, nearest
from nbarank.core.sections import read_yaml
from nbarank.core.seeds import generator
from nbarank.dvc.param_values import flattened
from nbarank.sweep.objectives import objective_named

SPACES = Path("sweeps")
TARGET_KEY = "training.listmle_target"
Scalar = bool | int | float | str
Target = Literal["final_rank", "playoff_outcome"]


class SweepModel(BaseModel):
    """Part of a file in sweeps/: frozen, strictly typed, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class IntDimension(SweepModel):
    """Integers from low to high, both included."""

    type: Literal["int"]
    low: int
    high: int
    step: int = Field(default=1, ge=1)
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> IntDimension:
        if self.low > self.high:
            raise ValueError("low is above high")
        if self.log and (self.low < 1 or self.step != 1):
            raise ValueError("a log scale needs low >= 1 and step 1")
        return self

    def suggest(self, trial: optuna.Trial, key: str) -> Any:
        """Draw a value."""
        return trial.suggest_int(key, self.low, self.high, step=self.step, log=self.log)

    def points(self) -> list[Any]:
        """Return every value, for a grid."""
        return list(range(self.low, self.high + 1, self.step))

    def contains(self, value: Any) -> bool:
        """Return whether a value is in the dimension."""
        return type(value) is int and value in range(self.low, self.high + 1, self.step)


class FloatDimension(SweepModel):
    """Numbers from low to high, in steps or on a log scale."""

    type: Literal["float"]
    low: float
    high: float
    step: float | None = Field(default=None, gt=0)
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> FloatDimension:
        if not (math.isfinite(self.low) and math.isfinite(self.high)) or self.low > self.high:
            raise ValueError("low and high must be finite, low not above high")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("a log scale needs low > 0 and no step")
        return self

    def suggest(self, trial: optuna.Trial, key: str) -> Any:
        """Draw a value."""
        return trial.suggest_float(key, self.low, self.high, step=self.step, log=self.log)

    def points(self) -> list[Any]:
        """Return every value, for a grid; a float without a step has none."""
        if self.step is None:
            raise ValueError("a grid over a float needs a step")
        count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
        return [round(self.low + number * self.step, 12) for number in range(count)]

    def contains(self, value: Any) -> bool:
        """Return whether a value is in the dimension."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        if self.step is not None:
            return any(math.isclose(value, point) for point in self.points())
        return self.low <= value <= self.high


class ChoiceDimension(SweepModel):
    """One of a few single values, without order."""

    type: Literal["categorical"]
    choices: list[Scalar | None] = Field(min_length=1)

    def suggest(self, trial: optuna.Trial, key: str) -> Any:
        """Draw a value."""
        return trial.suggest_categorical(key, self.points())

    def points(self) -> list[Any]:
        """Return every value, for a grid."""
        return list(self.choices)

    def contains(self, value: Any) -> bool:
        """Return whether a value is among the choices, with the same type."""
        return any(type(value) is type(choice) and value == choice for choice in self.choices)


class ListsDimension(SweepModel):
    """One of a few lists, such as the windows [10, 30]. Optuna sees each as its JSON text."""

    type: Literal["lists"]
    choices: list[list[Scalar]] = Field(min_length=1)

    def suggest(self, trial: optuna.Trial, key: str) -> Any:
        """Draw the JSON text of a list."""
        return trial.suggest_categorical(key, self.points())

    def points(self) -> list[Any]:
        """Return every list as JSON text, for a grid."""
        return [json.dumps(choice) for choice in self.choices]

    def contains(self, value: Any) -> bool:
        """Return whether a list (not its text) is among the choices."""
        return isinstance(value, list | tuple) and list(value) in self.choices


Dimension = Annotated[
    IntDimension | FloatDimension | ChoiceDimension | ListsDimension, Field(discriminator="type")
]


class SamplerSpec(SweepModel):
    """Optuna's sampler; explicit because its defaults change between versions."""

    name: Literal["tpe", "random", "cmaes"] = "tpe"
    startup_trials: int = Field(default=8, ge=1, description="Random trials before the model.")
    multivariate: bool = True
    constant_liar: bool = Field(default=True, description="Separate trials that run together.")


class HalvingSpec(SweepModel):
    """Successive halving: every trial starts cheap, the best of each rung continue."""

    reduction: int = Field(default=3, ge=2, le=10, description="One in N trials continues.")
    rungs: list[dict[str, Any]] = Field(
        min_length=1,
        description="Values that make a rung cheap (fewer lists, epochs or seasons), cheapest "
        "first. The full run follows the last rung.",
    )


class Space(SweepModel):
    """A sweep as written in sweeps/NAME.yaml."""

    name: str
    description: str = Field(min_length=1)
    method: Literal["optuna", "grid", "random", "halving"]
    objective: str = "spearman"
    listmle_target: Target | None = None
    n_trials: int | None = Field(default=None, ge=1)
    seed: int = Field(default=42, ge=0)
    start_from_locked: bool = Field(
        default=True, description="Trial 0 of optuna and halving is the tuned values."
    )
    sampler: SamplerSpec = SamplerSpec()
    halving: HalvingSpec | None = None
    space: dict[str, Dimension] = Field(min_length=1)
    fixed: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Space:
        if (self.method == "halving") != (self.halving is not None):
            raise ValueError("'halving:' belongs to method halving, and to it alone")
        both = set(self.space) & set(self.fixed)
        if both:
            raise ValueError(f"both swept and fixed: {', '.join(sorted(both))}")
        if self.method == "grid":
            for dimension in self.space.values():
                dimension.points()
        elif self.n_trials is None:
            raise ValueError("n_trials is needed for every method but grid")
        return self

    def suggest(self, trial: optuna.Trial) -> dict[str, Any]:
        """Draw a trial's values, as Optuna stores them."""
        return {key: dimension.suggest(trial, key) for key, dimension in self.space.items()}

    def decoded(self, suggested: Mapping[str, Any]) -> dict[str, Any]:
        """Return suggested values as params.yaml takes them: lists as lists."""
        return {
            key: json.loads(value) if isinstance(self.space[key], ListsDimension) else value
            for key, value in suggested.items()
        }

    def start(self, tuned: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the values of trial 0, as Optuna stores them; None where they are drawn.

        Parameters
        ----------
        tuned
            Values of params.yaml by dotted key; not used if one is outside the space.
        """
        inside = all(d.contains(tuned.get(key)) for key, d in self.space.items())
        if not inside or not self.start_from_locked or self.method not in ("optuna", "halving"):
            return None
        return {
            key: json.dumps(list(tuned[key])) if isinstance(d, ListsDimension) else tuned[key]
            for key, d in self.space.items()
        }

    def grid(self) -> list[dict[str, Any]]:
        """Return every point of the grid, shuffled by the seed: a part is then a fair sample."""
        keys = list(self.space)
        product = list(itertools.product(*(self.space[key].points() for key in keys)))
        order = generator(self.seed, "sweep", self.name, "grid").permutation(len(product))
        return [dict(zip(keys, product[place], strict=True)) for place in order]

    def total_trials(self, asked: int | None) -> int:
        """Return the number of trials of a sweep; a grid has no more than its points."""
        if self.method == "grid":
            size = math.prod(len(dimension.points()) for dimension in self.space.values())
            return min(size, asked or self.n_trials or size)
        return asked or self.n_trials or 1

    def trial_seed(self, number: int) -> int:
        """Return the seed of the sampler for one trial, so that a resumed sweep repeats none."""
        drawn: np.integer[Any] = generator(self.seed, "sweep", self.name, number).integers(2**31)
        return int(drawn)

    def extremes(self) -> dict[str, list[Any]]:
        """Return, by dotted key, the values at the edges of what a trial may set."""
        found: dict[str, list[Any]] = {key: [value] for key, value in flattened(self.fixed).items()}
        for key, dimension in self.space.items():
            if isinstance(dimension, IntDimension | FloatDimension):
                found[key] = [dimension.low, dimension.high]
            else:
                found[key] = list(dimension.choices)
        for rung in self.halving.rungs if self.halving else ():
            for key, value in flattened(rung).items():
                found.setdefault(key, []).append(value)
        return found


def load_space(name: str, folder: Path = SPACES) -> Space:
    """Read a search space by name, or by the path of its file.

    Raises
    ------
    SweepError
        If there is no such file, or a key of it is not allowed.
    """
    path = Path(name) if name.endswith(".yaml") else folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(found.stem for found in folder.glob("*.yaml"))
        close = nearest(path.stem, known, 1)
        raise SweepError(
            f"There is no search space '{name}'{did_you_mean(path.stem, known)}",
            where=str(path),
            allowed=", ".join(known) or f"a file in {folder}",
            next_command=f"nbarank sweep run {shlex.quote(close[0]) if close else 'SPACE'}",
        )
    return parse_space({"name": path.stem, **read_yaml(path)}, str(path))


def parse_space(content: Mapping[str, Any], source: str) -> Space:
    """Validate the content of a space; `source` names it in messages.

    Raises
    ------
    SweepError
        With every key that is wrong.
    """
    try:
        space = Space.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        raise SweepError(
            f"{source} is not a search space.",
            where=errors_by_key(error),
            allowed="see docs/sweeps.md, 'A search space'",
            next_command=f"edit {source}",
        ) from error
    objective_named(space.objective)
    return space


def errors_by_key(error: ValidationError) -> str:
    """Return 'key.path: message' of every error, separated by semicolons."""
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
