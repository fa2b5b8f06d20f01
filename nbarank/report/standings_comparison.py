"""The ensemble next to the standings and its probabilities, as rows of the page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from nbarank.report.names import ODDS_METRICS, TARGET_NAMES

BETTER, WORSE, UNCLEAR = "better", "worse", "no clear difference"


@dataclass(frozen=True)
class Comparison:
    """Spearman of ensemble and standings to date, for one target at one checkpoint.

    `low` and `high` bound the difference; they are NaN if there is one season only. `verdict` is
    better or worse where `nbarank compare` has a star: p_adjusted < 1 - coverage.
    """

    target: str
    checkpoint: int
    ensemble: float
    standings: float
    difference: float
    low: float
    high: float
    seasons: int
    verdict: str


def comparisons(intervals: pd.DataFrame, coverage: float) -> list[Comparison]:
    """Return the rows of metrics/intervals.csv on the ensemble, by target and checkpoint."""
    rows = intervals[
        (intervals["ranker"] == "ensemble")
        & (intervals["baseline"] == "standings")
        & (intervals["metric"] == "spearman")
        & (intervals["checkpoint"].astype(str) != "mean")
    ]
    rows = rows.rename(columns={"first": "ensemble", "second": "standings"})
    judged = np.where(rows["difference"] > 0, BETTER, WORSE)
    rows["verdict"] = np.where(rows["p_adjusted"] < 1 - coverage, judged, UNCLEAR)
    rows = rows.astype({"checkpoint": int})[[field.name for field in fields(Comparison)]]
    order = list(TARGET_NAMES)
    return sorted(
        (Comparison(*row) for row in rows.itertuples(index=False) if row[0] in order),
        key=lambda one: (order.index(one.target), one.checkpoint),
    )


def odds_table(scorecard: pd.DataFrame, seasons: Collection[str]) -> list[dict[str, Any]]:
    """Return means of the probability scores over seasons, a row a metric, as texts.

    Keys `name` and `values`, one a checkpoint of the scorecard in ascending order.
    """
    rows = scorecard[
        scorecard["season"].isin(list(seasons))
        & (scorecard["ranker"] == "ensemble")
        & scorecard["metric"].isin(list(ODDS_METRICS))
    ]
    means = rows.groupby(["metric", "checkpoint"])["value"].mean()
    table = []
    for metric, name in ODDS_METRICS.items():
        values = [means.get((metric, one)) for one in sorted(scorecard["checkpoint"].unique())]
        if any(value is not None for value in values):
            texts = ["" if value is None else f"{value:.3f}" for value in values]
            table.append({"name": name, "values": texts})
    return table
