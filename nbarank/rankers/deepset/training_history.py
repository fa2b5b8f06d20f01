"""Training history of several folds: curves over epochs, and one summary row per fold."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from nbarank.core.rounding import rounded
from nbarank.rankers.deepset.health import RAW_ATTENTION_COLUMNS
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.deepset.training_loop import EPOCH_DECIMALS

log = logging.getLogger(__name__)
BY_FOLD = ("relative_loss", "spearman", "attention_entropy")
OVER_FOLDS = [
    "loss",
    "relative_loss",
    "spearman",
    *RAW_ATTENTION_COLUMNS,
    "fallback_share",
    "gradient_encoder",
    "gradient_attention",
    "variance_z",
    "variance_scores",
]


def curve_steps(rankers: Mapping[str, DeepSetRanker]) -> list[dict[str, float]]:
    """Return the metrics of each epoch, from fitted rankers by the name of their fold.

    `BY_FOLD` as 'FOLD/METRIC' and the mean over folds of `OVER_FOLDS` as 'mean/METRIC', of a fold's
    probe or, without one, of its final fit. Spearman is on held-out lists in a probe, otherwise on
    some of the fold's own. Values that are not finite are logged and left out.
    """
    tables: dict[str, pd.DataFrame] = {}
    for label, ranker in rankers.items():
        history = ranker.history
        phase = "probe" if (history["phase"] == "probe").any() else "final"
        rows = history[(history["phase"] == phase) & (history["member"] == 0)]
        tables[label] = rows.set_index("epoch")
    epochs = sorted(set().union(*(table.index for table in tables.values())))
    steps = []
    for epoch in epochs:
        here = {label: table.loc[epoch] for label, table in tables.items() if epoch in table.index}
        step = {
            f"{label}/{name}": float(row[name])
            for label, row in here.items()
            for name in BY_FOLD
            if name in row
        }
        mean = pd.DataFrame(here).T.reindex(columns=OVER_FOLDS).astype(float).mean()
        means = rounded(mean.to_numpy(), EPOCH_DECIMALS).tolist()
        step |= {f"mean/{name}": mean for name, mean in zip(OVER_FOLDS, means, strict=True)}
        invalid = [name for name, value in step.items() if not math.isfinite(value)]
        if invalid:
            log.warning("epoch %d: not finite, left out of the curves: %s", epoch, invalid)
        steps.append({name: value for name, value in step.items() if math.isfinite(value)})
    return steps


def fold_row(label: str, ranker: DeepSetRanker) -> dict[str, Any]:
    """Return one fold's verdict, last numbers of the final fit, and Spearman of the probe."""
    history = ranker.history
    last = history[history["phase"] == "final"].iloc[-1]
    probe = history.loc[history["phase"] == "probe", "spearman"]
    row: dict[str, Any] = {
        "fold": label,
        "verdict": ", ".join(ranker.verdict),
        "stopped": ranker.stopped,
        "epochs": int(last["epoch"]),
    }
    for name in ("relative_loss", "attention_entropy", "minutes_entropy", "fallback_share"):
        row[name] = float(last[name])
    if len(probe):
        row["spearman_first"] = float(probe.iloc[0])
        row["spearman_best"] = float(probe.max())
        row["spearman_last"] = float(probe.iloc[-1])
    return row
