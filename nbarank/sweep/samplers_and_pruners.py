"""Optuna's sampler and pruner for a search space."""

from __future__ import annotations

import optuna

from nbarank.sweep.spaces import Space


def pruner_of(space: Space) -> optuna.pruners.BasePruner:
    """Return the pruner: of halving its rungs, otherwise as the space says."""
    spec = space.pruner
    if space.halving is not None:
        return optuna.pruners.SuccessiveHalvingPruner(
            min_resource=1, reduction_factor=space.halving.reduction
        )
    if spec.name == "median":
        return optuna.pruners.MedianPruner(spec.startup_trials, spec.min_seasons)
    if spec.name == "hyperband":
        return optuna.pruners.HyperbandPruner(min_resource=spec.min_seasons)
    return optuna.pruners.NopPruner()


def sampler_of(space: Space, number: int) -> optuna.samplers.BaseSampler:
    """Return the sampler for one trial, seeded by its number.

    A sampler with one seed for the whole study would draw the same values again after a restart
    and in every process that joins.
    """
    seed, first = space.trial_seed(number), space.startup_trials
    if space.method in ("random", "grid"):
        return optuna.samplers.RandomSampler(seed)
    return optuna.samplers.TPESampler(
        seed=seed, n_startup_trials=first, multivariate=True, constant_liar=True
    )
