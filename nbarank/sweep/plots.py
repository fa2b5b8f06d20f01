"""Figures of a sweep: its history, a slice per parameter, what mattered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial, TrialState

from nbarank.sweep.objectives import Objective

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#8c8c8c"
COLUMNS = 3


def plot_history(trials: Sequence[FrozenTrial], objective: Objective, path: Path) -> None:
    """Draw every trial's value in order, the best so far, and where trials failed."""
    done = _complete(trials)
    figure, axes = _figure(1, 7.0, 3.6)
    numbers = [trial.number for trial in done]
    values = np.array([trial.value for trial in done], dtype=np.float64)
    best = (np.maximum if objective.sign > 0 else np.minimum).accumulate(values)
    axes[0].plot(numbers, values, "o", color=BLUE, markersize=4, label="trial")
    axes[0].step(numbers, best, where="post", color=ORANGE, label="best so far")
    failed = [trial.number for trial in trials if trial.state is TrialState.FAIL]
    if failed and len(values):
        worst = values.min() if objective.sign > 0 else values.max()
        axes[0].plot(failed, [worst] * len(failed), "x", color=GREY, label="failed")
    axes[0].set_xlabel("trial")
    axes[0].set_ylabel(objective.name)
    axes[0].legend(frameon=False, fontsize=8)
    _save(figure, path)


def plot_slices(trials: Sequence[FrozenTrial], objective: Objective, path: Path) -> None:
    """Draw the objective against each parameter, later trials darker."""
    done = _complete(trials)
    keys = list(done[0].params) if done else []
    rows = max(1, -(-len(keys) // COLUMNS))
    figure, axes = _figure(max(len(keys), 1), 3.2 * min(COLUMNS, max(len(keys), 1)), 2.8 * rows)
    for axis, key in zip(axes, keys, strict=False):
        chosen = [trial.params[key] for trial in done]
        values = [trial.value for trial in done]
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in chosen)
        labels = sorted({_label(value) for value in chosen})
        places = chosen if numeric else [labels.index(_label(value)) for value in chosen]
        order = [trial.number for trial in done]
        axis.scatter(places, values, c=order, cmap="Blues", edgecolors=BLUE, s=18)
        if not numeric:
            axis.set_xticks(range(len(labels)), labels, fontsize=7)
        elif getattr(done[0].distributions[key], "log", False):
            axis.set_xscale("log")
        axis.set_xlabel(key, fontsize=8)
        axis.set_ylabel(objective.name, fontsize=8)
    _save(figure, path)


def plot_importances(importances: Mapping[str, float], path: Path) -> None:
    """Draw the share of the objective's variance that each parameter explains."""
    figure, axes = _figure(1, 6.0, 0.6 + 0.4 * len(importances))
    keys = list(importances)[::-1]
    axes[0].barh(keys, [importances[key] for key in keys], color=BLUE)
    axes[0].set_xlabel("importance (fANOVA)")
    _save(figure, path)


def _complete(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    return [t for t in trials if t.state is TrialState.COMPLETE and t.value is not None]


def _label(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _figure(count: int, width: float, height: float) -> tuple[Figure, list[Any]]:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    columns = min(count, COLUMNS)
    rows = -(-count // columns)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    for axis in axes[count:]:
        axis.set_visible(False)
    return figure, list(axes)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120, metadata={"Software": None})
