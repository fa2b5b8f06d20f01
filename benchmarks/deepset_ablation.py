"""Ablation of the Deep Set: walk-forward on the validation and test seasons, with intervals.

    python -m benchmarks.deepset_ablation --data data [--seeds 2] [--only NAME ...]

Every variant is trained on the same folds with the same seeds as the defaults of params.yaml. Its
Spearman at the five checkpoints is averaged over seeds and compared with the default by season
(95 % t interval over seasons; p-values of the variants of one target by Holm). Nothing is chosen
from this table: the defaults were chosen on the training seasons 2011-12 to 2013-14
(`benchmarks.deepset_choice`).
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import torch

from benchmarks.deepset_data import (
    CHECKPOINTS,
    League,
    at_checkpoints,
    command_line,
    dates_by_seed,
    folds,
    load,
    sections,
)
from nbarank.core.season_intervals import holm, season_intervals
from nbarank.schemas.evaluation import TARGETS

COVERAGE = 0.95


def variants() -> dict[str, dict[str, object]]:
    """Return the changes to params.yaml that each variant makes."""
    model, training, _ = sections()
    other = "playoff_outcome" if training.listmle_target == "final_rank" else "final_rank"
    found: dict[str, dict[str, object]] = {
        "default": {},
        "minutes bias 0.3, constant rate": {
            "minutes_bias_weight": 0.3,
            "learning_rate_decay": "none",
        },
        "mean pooling, minutes only": {"pooling": "mean", "minutes_bias_weight": 1.0},
        "mean pooling, equal shares": {"pooling": "mean", "minutes_bias_weight": 0.0},
        "no minutes bias": {"minutes_bias_weight": 0.0},
        "embedding of 256 buckets": {"embedding_buckets": 256},
        f"target {other}": {"listmle_target": other},
        **{
            f"loss {loss}": {"loss": loss}
            for loss in ("listmle", "soft_spearman", "rank_rmse", "pairwise", "margin")
        },
        "no team inputs": {"team_features": []},
        "early stopping, patience 5": {
            "early_stopping_patience": 5,
            "early_stopping_val_frac": 0.2,
        },
        "minutes bias 0.3": {"minutes_bias_weight": 0.3},
        "constant learning rate": {"learning_rate_decay": "none"},
        "all roster statistics": {"roster_features": None},
        "sigma reparam": {"sigma_reparam": True},
        "learned query": {"query": "learned"},
        "league-wide lists": {"lists": "league", "lists_per_batch": 16},
        "five members": {"members": 5},
    }
    same = {**model.model_dump(), **training.model_dump()}
    return {
        name: changes
        for name, changes in found.items()
        if name == "default" or any(same[key] != value for key, value in changes.items())
    }


def spearmans(league: League, changes: dict[str, object], seeds: int) -> dict[str, pd.DataFrame]:
    """Return, by target, [seasons, checkpoints] of Spearman, mean over seeds."""
    found: dict[str, list[pd.DataFrame]] = {target: [] for target in TARGETS}
    for _, dates in dates_by_seed(league, changes, folds(league), seeds):
        for target in TARGETS:
            found[target].append(at_checkpoints(dates, target))
    return {target: sum(parts) / len(parts) for target, parts in found.items()}  # type: ignore[misc]


def row_of(values: pd.DataFrame, default: pd.DataFrame) -> tuple[str, float]:
    """Return cells of one variant and target (means, mean difference) and its p-value."""
    cells = " | ".join(f"{values[checkpoint].mean():.3f}" for checkpoint in CHECKPOINTS)
    difference = (values - default).mean(axis=1).to_numpy()[:, None]
    if np.allclose(difference, 0.0):
        return f"{cells} |", float("nan")
    interval = season_intervals(difference, COVERAGE)
    mean, low, high = (float(part[0]) for part in (interval.mean, interval.low, interval.high))
    return f"{cells} | {mean:+.4f} [{low:+.4f}, {high:+.4f}]", float(interval.p[0])


def main() -> None:
    """Run the variants and print one table a target, in markdown."""
    arguments = command_line(__doc__ or "", variants=True).parse_args()
    torch.set_num_threads(1)
    league = load(arguments.data)
    chosen = {
        name: changes
        for name, changes in variants().items()
        if not arguments.only or name in {"default", *arguments.only}
    }
    default: dict[str, pd.DataFrame] = {}
    rows: dict[str, list[tuple[str, float]]] = {target: [] for target in TARGETS}
    for name, changes in chosen.items():
        start = time.perf_counter()
        values = spearmans(league, changes, arguments.seeds)
        default = default or values
        for target in TARGETS:
            cells, p = row_of(values[target], default[target])
            rows[target].append((f"| {name} | {cells}", p))
            print(target, rows[target][-1], f"{time.perf_counter() - start:.0f} s", flush=True)
    heads = " | ".join(f"{checkpoint:.0%}" for checkpoint in CHECKPOINTS)
    for target in TARGETS:
        print(f"\nSpearman with {target}, seasons {default[target].index[0]} on\n")
        print(f"| variant | {heads} | mean difference to the default | p (Holm) |")
        print("|---|" + "---|" * (len(CHECKPOINTS) + 2))
        adjusted = holm([p for _, p in rows[target]])
        for (cells, _), p in zip(rows[target], adjusted, strict=True):
            print(f"{cells} | {p:.3f} |" if np.isfinite(p) else f"{cells} | |")


if __name__ == "__main__":
    main()
