"""Optuna's sampler and pruner for a search space."""

from __future__ import annotations

import optuna

from nbarank.sweep.spaces import Space


def rung_step(space: Space, rung: int) -> int:
    """Return the step under which a rung is reported: 1, r, r*r, ... as the pruner counts."""
    assert space.halving is not None
    return int(space.halving.reduction**rung)


def pruner_of(space: Space) -> optuna.pruners.BasePruner:
    """Return the pruner: successive halving, or none."""
    if space.halving is None:
        return optuna.pruners.NopPruner()
    return optuna.pruners.SuccessiveHalvingPruner(
        min_resource=1, reduction_factor=space.halving.reduction
    )


def sampler_of(space: Space, number: int) -> optuna.samplers.BaseSampler:
    """Return the sampler for one trial, seeded by its number.

    A sampler with one seed for the whole study would draw the same values again after a restart
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
