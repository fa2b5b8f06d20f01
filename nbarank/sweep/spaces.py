"""Search spaces as data: `sweeps/NAME.yaml`, typed, checked before anything runs.

A space says how to search (`method`), what for (`objective`), over which keys of params.yaml
(`space`), with which values held (`fixed`), how many trials, and from which seed.
"""

from __future__ import annotations

import difflib
import itertools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from optuna import distributions
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nbarank.core.errors import SweepError
from nbarank.core.sections import read_yaml
from nbarank.core.seeds import generator
from nbarank.dvc.param_values import flattened, value_at
from nbarank.sweep.objectives import objective_named

SPACES = Path("sweeps")
TARGET_KEY = "training.listmle_target"
Scalar = bool | int | float | str


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class IntDimension(_Model):
    """Whole numbers from low to high, both included."""

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

    def distribution(self) -> distributions.BaseDistribution:
        """Return what Optuna samples from."""
        return distributions.IntDistribution(self.low, self.high, log=self.log, step=self.step)

    def points(self) -> list[Any]:
        """Return every value, for a grid."""
        return list(range(self.low, self.high + 1, self.step))

    def holds(self, value: Any) -> bool:
        """Tell whether a value lies in the dimension."""
        return type(value) is int and value in range(self.low, self.high + 1, self.step)


class FloatDimension(_Model):
    """Numbers from low to high; `step` makes it a ladder, `log` spreads it over magnitudes."""

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

    def distribution(self) -> distributions.BaseDistribution:
        """Return what Optuna samples from."""
        return distributions.FloatDistribution(self.low, self.high, log=self.log, step=self.step)

    def points(self) -> list[Any]:
        """Return every value, for a grid; a float without a step has none."""
        if self.step is None:
            raise ValueError("a grid over a float needs a step")
        count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
        return [round(self.low + number * self.step, 12) for number in range(count)]

    def holds(self, value: Any) -> bool:
        """Tell whether a value lies in the dimension."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        if self.step is not None:
            return any(math.isclose(value, point) for point in self.points())
        return self.low <= value <= self.high


class ChoiceDimension(_Model):
    """One of a few single values, without order."""

    type: Literal["categorical"]
    choices: list[Scalar | None] = Field(min_length=1)

    def distribution(self) -> distributions.BaseDistribution:
        """Return what Optuna samples from."""
        return distributions.CategoricalDistribution(self.choices)

    def points(self) -> list[Any]:
        """Return every value, for a grid."""
        return list(self.choices)

    def holds(self, value: Any) -> bool:
        """Tell whether a value is among the choices."""
        return any(type(value) is type(choice) and value == choice for choice in self.choices)


class ListsDimension(_Model):
    """One of a few lists, such as the windows [10, 30]. Optuna sees each as its JSON text."""

    type: Literal["lists"]
    choices: list[list[Scalar]] = Field(min_length=1)

    def distribution(self) -> distributions.BaseDistribution:
        """Return what Optuna samples from."""
        return distributions.CategoricalDistribution(self.points())

    def points(self) -> list[Any]:
        """Return every list as JSON text, for a grid."""
        return [json.dumps(choice) for choice in self.choices]

    def holds(self, value: Any) -> bool:
        """Tell whether a list (not its text) is among the choices."""
        return isinstance(value, list | tuple) and list(value) in self.choices


Dimension = Annotated[
    IntDimension | FloatDimension | ChoiceDimension | ListsDimension, Field(discriminator="type")
]


class SamplerSpec(_Model):
    """Optuna's sampler; written down because its defaults change between versions."""

    name: Literal["tpe", "random", "cmaes"] = "tpe"
    startup_trials: int = Field(default=8, ge=1, description="Random trials before the model.")
    multivariate: bool = True
    constant_liar: bool = Field(default=True, description="Keep apart trials that run together.")


class HalvingSpec(_Model):
    """Successive halving: every trial starts cheap, the best of each rung go on."""

    reduction: int = Field(default=3, ge=2, le=10, description="One in so many goes on.")
    rungs: list[dict[str, Any]] = Field(
        min_length=1,
        description="Values that make a rung cheap (fewer lists, epochs or validation seasons), cheapest "
        "first. The full run follows the last rung by itself.",
    )


class Space(_Model):
    """A sweep as written in sweeps/NAME.yaml."""

    name: str
    description: str = Field(min_length=1)
    method: Literal["optuna", "grid", "random", "halving"]
    objective: str = "spearman"
    listmle_target: Literal["final_rank", "playoff_outcome"] | None = None
    n_trials: int | None = Field(default=None, ge=1)
    seed: int = Field(default=42, ge=0)
    start_from_locked: bool = Field(
        default=True, description="Trial 0 of optuna and halving is the locked configuration."
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

    def distributions(self) -> dict[str, distributions.BaseDistribution]:
        """Return what Optuna samples from, by key."""
        return {key: dimension.distribution() for key, dimension in self.space.items()}

    def decoded(self, suggested: Mapping[str, Any]) -> dict[str, Any]:
        """Return suggested values as params.yaml takes them: lists as lists."""
        return {
            key: json.loads(value) if isinstance(self.space[key], ListsDimension) else value
            for key, value in suggested.items()
        }

    def encoded(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return values of params.yaml as Optuna takes them; None if one is outside the space."""
        encoded: dict[str, Any] = {}
        for key, dimension in self.space.items():
            if not dimension.holds(values.get(key)):
                return None
            value = values[key]
            encoded[key] = (
                json.dumps(list(value)) if isinstance(dimension, ListsDimension) else value
            )
        return encoded

    def grid(self) -> list[dict[str, Any]]:
        """Return every point of the grid, in an order shuffled by the seed.

        Shuffled, so that a grid cut short is a fair sample of the whole.
        """
        keys = list(self.space)
        product = list(itertools.product(*(self.space[key].points() for key in keys)))
        order = generator(self.seed, "sweep", self.name, "grid").permutation(len(product))
        return [dict(zip(keys, product[place], strict=True)) for place in order]

    def trials_wanted(self, asked: int | None) -> int:
        """Return how many trials a sweep makes; a grid never makes more than it has points."""
        if self.method == "grid":
            size = math.prod(len(dimension.points()) for dimension in self.space.values())
            return min(size, asked or self.n_trials or size)
        return asked or self.n_trials or 1

    def trial_seed(self, number: int) -> int:
        """Return the seed of the sampler for one trial, so that a resumed sweep draws anew."""
        drawn: np.integer[Any] = generator(self.seed, "sweep", self.name, number).integers(2**31)
        return int(drawn)


def load_space(name: str, folder: Path = SPACES) -> Space:
    """Read a search space by name (or by the path of its file).

    Raises
    ------
    SweepError
        If there is no such file, or a key of it is not allowed.
    """
    path = Path(name) if name.endswith(".yaml") else folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(found.stem for found in folder.glob("*.yaml"))
        close = difflib.get_close_matches(path.stem, known, n=1)
        raise SweepError(
            f"There is no search space '{name}'"
            + (f"; did you mean '{close[0]}'?" if close else "."),
            where=str(path),
            allowed=", ".join(known) or f"none in {folder}",
            next_command=f"nbarank sweep run {close[0] if close else 'SPACE'}",
        )
    return parse_space({"name": path.stem, **read_yaml(path)}, str(path))


def parse_space(content: Mapping[str, Any], source: str) -> Space:
    """Validate the content of a space.

    Raises
    ------
    SweepError
        Naming every key that is wrong.
    """
    try:
        space = Space.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise SweepError(
            f"{source} is not a search space.",
            where=faults,
            allowed="see docs/sweeps.md, 'A search space'",
            next_command=f"edit {source}",
        ) from error
    objective_named(space.objective)
    return space


def refuse_unknown_keys(values: Mapping[str, list[Any]], params: Mapping[str, Any]) -> None:
    """Check every key a trial may set, and the type of each value, against params.yaml.

    DVC takes any type and adds unknown keys silently, so a slip would be a sweep over nothing.

    Parameters
    ----------
    values
        Values that a trial may set, by dotted key.
    params
        Content of params.yaml.

    Raises
    ------
    SweepError
        For a key that is not in params.yaml (naming the nearest), or a value of another kind.
    """
    known = flattened(params)
    for key, candidates in values.items():
        try:
            locked = value_at(params, key)
        except KeyError:
            close = difflib.get_close_matches(key, known, n=3)
            raise SweepError(
                f"'{key}' is not a key of params.yaml.",
                where=key,
                allowed=", ".join(close) or "the keys of params.yaml",
                next_command="edit the search space",
            ) from None
        for candidate in candidates:
            if not _same_kind(candidate, locked):
                raise SweepError(
                    f"'{key}' is {type(locked).__name__} {locked!r} in params.yaml, and the sweep "
                    f"would make it {type(candidate).__name__} {candidate!r}.",
                    where=key,
                    allowed=f"values of type {type(locked).__name__}",
                    next_command="edit the search space",
                )


def extremes(space: Space) -> dict[str, list[Any]]:
    """Return, by key, the values at the edges of a space: what its trials may set at most."""
    found: dict[str, list[Any]] = {key: [value] for key, value in space.fixed.items()}
    for key, dimension in space.space.items():
        if isinstance(dimension, IntDimension | FloatDimension):
            found[key] = [dimension.low, dimension.high]
        else:
            found[key] = list(dimension.choices)
    for rung in space.halving.rungs if space.halving else ():
        for key, value in rung.items():
            found.setdefault(key, []).append(value)
    return found


def _same_kind(candidate: Any, locked: Any) -> bool:
    if locked is None or candidate is None:
        return True
    if isinstance(locked, bool) or isinstance(candidate, bool):
        return isinstance(locked, bool) and isinstance(candidate, bool)
    if isinstance(locked, float):
        return isinstance(candidate, int | float)
    if isinstance(locked, list | tuple):
        return isinstance(candidate, list | tuple)
    return isinstance(candidate, type(locked))
