"""What a study is started with, what a claimed trial is, and how Optuna is set up for both."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Any

import optuna

from nbarank.sweep.spaces import Space

MAX_ATTEMPTS = 4
"""Runs of one trial before it is told failed: what dies each time would never end."""


@dataclass(frozen=True)
class Record:
    """What a study was started with; those who join later must want the same.

    Parameters
    ----------
    base
        Commit that all trials hang off.
    space
        The search space as data.
    objective
        Name of the objective.
    fixed
        Parameters held in all trials, by dotted key (from the space, the profile, the target).
    profile
        Name of the profile, or None.
    """

    base: str
    space: dict[str, Any]
    objective: str
    fixed: dict[str, Any]
    profile: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, with the versions that made it."""
        return {
            "base": self.base,
            "space": self.space,
            "objective": self.objective,
            "fixed": self.fixed,
            "profile": self.profile,
            "optuna": optuna.__version__,
            "python": platform.python_version(),
        }


@dataclass(frozen=True)
class Claim:
    """A trial that this process may run.

    Parameters
    ----------
    number
        The trial's number in the study.
    values
        Parameters of the trial, as params.yaml takes them.
    attempt
        1 for the first run, more after kills.
    reported
        Values of the rungs already run (halving), by step.
    """

    number: int
    values: dict[str, Any]
    attempt: int
    reported: dict[int, float]


def essence(value: Any) -> Any:
    """Return a space without its wording and its number of trials, which may change."""
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if key not in ("description", "n_trials")}


def rung_step(space: Space, rung: int) -> int:
    """Return the step under which a rung is reported: 1, r, r*r, ... as the pruner counts."""
    assert space.halving is not None
    return int(space.halving.reduction**rung)


def pruner_of(space: Space) -> optuna.pruners.BasePruner:
    """Return what decides whether a rung was too weak: only halving stops trials early."""
    if space.halving is None:
        return optuna.pruners.NopPruner()
    return optuna.pruners.SuccessiveHalvingPruner(
        min_resource=1, reduction_factor=space.halving.reduction
    )


def sampler_of(space: Space, number: int) -> optuna.samplers.BaseSampler:
    """Return the sampler for one trial, seeded by its number.

    A sampler with one seed for the whole study would draw the same values again after a restart,
    and in every process that joins.
    """
    seed, spec = space.trial_seed(number), space.sampler
    if space.method in ("random", "grid") or spec.name == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    if spec.name == "cmaes":
        return optuna.samplers.CmaEsSampler(seed=seed, n_startup_trials=spec.startup_trials)
    return optuna.samplers.TPESampler(
        seed=seed,
        n_startup_trials=spec.startup_trials,
        multivariate=spec.multivariate,
        constant_liar=spec.constant_liar,
    )
