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
from typing import Annotated, Any, Literal, TypeVar

import optuna
from optuna.distributions import FloatDistribution, IntDistribution
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nbarank.core.errors import SweepError, did_you_mean, nearest
from nbarank.core.sections import read_yaml
from nbarank.core.seeds import generator
from nbarank.dvc.param_values import flattened
from nbarank.sweep.objectives import objective_named

FIRST_SWEEP = "nbarank sweep run baseline"
"""Command of a sweep for a first look."""
TARGET_KEY = "training.listmle_target"
Scalar = bool | int | float | str
Target = Literal["final_rank", "playoff_outcome"]


class SweepModel(BaseModel):
    """Part of a file in sweeps/: frozen, strictly typed, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


ModelT = TypeVar("ModelT", bound=SweepModel)


class NumberDimension(SweepModel):
    """Integers or numbers from low to high, both included, in steps or on a log scale."""

    type: Literal["int", "float"]
    low: int | float
    high: int | float
    step: int | float | None = None
    log: bool = False

    @model_validator(mode="after")
    def _valid(self) -> NumberDimension:
        values = (self.low, self.high, self.step or 1)
        if not all(map(math.isfinite, values)) or (self.step is not None and self.step <= 0):
            raise ValueError("low, high and step must be finite, step above 0")
        if self.type == "int":
            if any(type(value) is not int for value in values):
                raise ValueError("low, high and step of an int are integers")
            IntDistribution(self.low, self.high, self.log, self.step or 1)  # type: ignore[arg-type]
        else:
            FloatDistribution(self.low, self.high, self.log, self.step)
        return self

    def suggest(self, trial: optuna.Trial, key: str) -> Any:
        """Draw a value."""
        if self.type == "float":
            return trial.suggest_float(key, self.low, self.high, step=self.step, log=self.log)
        low, high, step = int(self.low), int(self.high), int(self.step or 1)
        return trial.suggest_int(key, low, high, step=step, log=self.log)

    def points(self) -> list[Any]:
        """Return every value, for a grid; a float without a step has none."""
        step = self.step or (1 if self.type == "int" else None)
        if step is None:
            raise ValueError("a grid over a float needs a step")
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        return [round(self.low + number * step, 12) for number in range(count)]

    def contains(self, value: Any) -> bool:
        """Return whether a value is in the dimension."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.type == "float" and self.step is None:
            return self.low <= value <= self.high
        return any(math.isclose(value, point) for point in self.points())

    def __str__(self) -> str:
        """Return for example '100 to 400, step 25'."""
        step = f", step {self.step}" if self.step else ""
        return f"{self.low} to {self.high}{step}{', log scale' if self.log else ''}"


class ChoiceDimension(SweepModel):
    """One of a few values, or (`lists`) one of a few lists, which Optuna has as JSON texts."""

    type: Literal["categorical", "lists"]
    choices: list[Scalar | list[Scalar] | None] = Field(min_length=1)

    @model_validator(mode="after")
    def _valid(self) -> ChoiceDimension:
        if any(isinstance(choice, list) != (self.type == "lists") for choice in self.choices):
            raise ValueError("choices are lists in a dimension of type lists, and in no other")
        return self

    def suggest(self, trial: optuna.Trial, key: str) -> Any:
        """Draw a value."""
        return trial.suggest_categorical(key, self.points())

    def points(self) -> list[Any]:
        """Return every value as Optuna has it, for a grid."""
        return [json.dumps(c) if isinstance(c, list) else c for c in self.choices]

    def contains(self, value: Any) -> bool:
        """Return whether a value is among the choices, with the same type."""
        return any(type(value) is type(choice) and value == choice for choice in self.choices)

    def __str__(self) -> str:
        """Return for example '[10] or [10, 30]'."""
        return " or ".join(map(str, self.choices))


Dimension = Annotated[NumberDimension | ChoiceDimension, Field(discriminator="type")]


class PrunerSpec(SweepModel):
    """Optuna's pruner: it stops a trial by the validation curve that the Deep Set reports."""

    name: Literal["median", "hyperband", "none"] = "none"
    startup_trials: int = Field(default=5, ge=1, description="Trials before median stops any.")
    min_seasons: int = Field(default=2, ge=1, description="Seasons scored before a trial may stop.")


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
    startup_trials: int = Field(default=8, ge=1, description="Random trials before TPE.")
    pruner: PrunerSpec = PrunerSpec()
    halving: HalvingSpec | None = None
    space: dict[str, Dimension] = Field(min_length=1)
    fixed: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Space:
        if (self.method == "halving") != (self.halving is not None):
            raise ValueError("'halving:' belongs to method halving, and to it alone")
        if self.halving is not None and self.pruner.name != "none":
            raise ValueError("'pruner:' does not belong to method halving, which stops trials")
        both = set(self.space) & set(self.fixed)
        if both:
            raise ValueError(f"both swept and fixed: {', '.join(sorted(both))}")
        if self.method == "grid":
            for dimension in self.space.values():
                dimension.points()
        elif self.n_trials is None:
            raise ValueError("n_trials is needed for every method but grid")
        return self

    def overridden(self, objective: str | None, target: str | None, pruner: str | None) -> Space:
        """Return the space with the values that are given; a SweepError if one is not allowed."""
        content = self.model_dump(mode="json")
        content |= {"objective": objective} if objective else {}
        content |= {"listmle_target": target} if target else {}
        content["pruner"] |= {"name": pruner} if pruner else {}
        return parse_space(content, f"{self.name} with the options of the command")

    def suggest(self, trial: optuna.Trial) -> dict[str, Any]:
        """Draw a trial's values, as Optuna stores them."""
        return {key: dimension.suggest(trial, key) for key, dimension in self.space.items()}

    def decoded(self, suggested: Mapping[str, Any]) -> dict[str, Any]:
        """Return suggested values as params.yaml takes them: lists as lists."""
        return {
            key: json.loads(value) if self.space[key].type == "lists" else value
            for key, value in suggested.items()
        }

    def start(self, tuned: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the values of trial 0 as Optuna stores them; None where they are drawn.

        They are the values of params.yaml, `tuned`, unless one is outside the space.
        """
        inside = all(d.contains(tuned.get(key)) for key, d in self.space.items())
        if not inside or self.method not in ("optuna", "halving"):
            return None
        lists = [key for key, dimension in self.space.items() if dimension.type == "lists"]
        return {**tuned, **{key: json.dumps(tuned[key]) for key in lists}}

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
        return int(generator(self.seed, "sweep", self.name, number).integers(2**31))

    def extremes(self) -> dict[str, list[Any]]:
        """Return, by dotted key, the values at the edges of what a trial may set."""
        found: dict[str, list[Any]] = {key: [value] for key, value in flattened(self.fixed).items()}
        for key, dim in self.space.items():
            found[key] = [dim.low, dim.high] if isinstance(dim, NumberDimension) else dim.choices
        for rung in self.halving.rungs if self.halving else ():
            for key, value in flattened(rung).items():
                found.setdefault(key, []).append(value)
        return found


def load_space(name: str, folder: Path = Path("sweeps")) -> Space:
    """Read a search space by name, or by the path of its file.

    A SweepError if there is no such file, or a key of it is not allowed.
    """
    path = Path(name) if name.endswith(".yaml") else folder / f"{name}.yaml"
    require_file(path, f"search space '{name}'", "nbarank sweep run")
    return parse_space({"name": path.stem, **read_yaml(path)}, str(path))


def require_file(path: Path, what: str, command: str) -> None:
    """Raise a SweepError if there is no such YAML file, with the names of those there are."""
    if path.is_file():
        return
    known = sorted(found.stem for found in path.parent.glob("*.yaml"))
    close = nearest(path.stem, known, 1) or known[:1]
    raise SweepError(
        f"There is no {what}{did_you_mean(path.stem, known)}",
        where=str(path),
        allowed=", ".join(known) or f"a file in {path.parent}",
        next_command=f"{command} {shlex.quote(close[0])}" if close else "git checkout -- sweeps",
        instead=(path.stem, close[0]) if close else None,
    )


def parse_space(content: Mapping[str, Any], source: str) -> Space:
    """Return a space from its content, validated; a SweepError names `source` and wrong keys."""
    space = parsed(Space, content, source)
    objective_named(space.objective)
    return space


def parsed(model: type[ModelT], content: Mapping[str, Any], source: str) -> ModelT:
    """Validate the content of a file in sweeps/; a SweepError names `source` and wrong keys."""
    try:
        return model.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SweepError(
            f"{source} is not a {model.__name__.lower()}.",
            where="; ".join(wrong),
            allowed="see docs/sweeps.md",
            next_command=f"correct {source}",
        ) from error
