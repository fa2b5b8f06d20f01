"""Does it beat the standings? The answer as rows and as sentences, no kinder than the intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

TARGETS = {
    "final_rank": "the final standings",
    "playoff_outcome": "the playoff result",
}
BETTER, WORSE, UNCLEAR = "better", "worse", "no clear difference"


@dataclass(frozen=True)
class Comparison:
    """The ensemble beside the standings to date, for one target at one checkpoint.

    `low` and `high` are missing (NaN) where there is one season only.
    """

    target: str
    checkpoint: int
    ensemble: float
    standings: float
    difference: float
    low: float
    high: float
    seasons: int

    @property
    def verdict(self) -> str:
        """Return what the interval allows to say."""
        if self.low > 0:
            return BETTER
        return WORSE if self.high < 0 else UNCLEAR


def comparisons(intervals: pd.DataFrame) -> list[Comparison]:
    """Return Spearman of ensemble and standings, in the order of targets and checkpoints.

    Parameters
    ----------
    intervals
        metrics/intervals.csv.
    """
    rows = intervals[
        (intervals["ranker"] == "ensemble")
        & (intervals["baseline"] == "standings")
        & (intervals["metric"] == "spearman")
        & (intervals["checkpoint"].astype(str) != "mean")
    ]
    found = [
        Comparison(
            target=str(row["target"]),
            checkpoint=int(row["checkpoint"]),
            ensemble=float(row["first"]),
            standings=float(row["second"]),
            difference=float(row["difference"]),
            low=float(row["low"]),
            high=float(row["high"]),
            seasons=int(row["seasons"]),
        )
        for row in rows.to_dict("records")
        if row["target"] in TARGETS
    ]
    order = list(TARGETS)
    return sorted(found, key=lambda one: (order.index(one.target), one.checkpoint))


def sentences(found: Sequence[Comparison], coverage: float) -> list[str]:
    """Return one sentence a target."""
    told = []
    for target, name in TARGETS.items():
        rows = [one for one in found if one.target == target]
        if not rows:
            continue
        by_verdict = {
            verdict: [one.checkpoint for one in rows if one.verdict == verdict]
            for verdict in (BETTER, WORSE, UNCLEAR)
        }
        parts = []
        if by_verdict[BETTER]:
            parts.append(f"at {_percents(by_verdict[BETTER])} of the season it beats the standings")
        if by_verdict[WORSE]:
            parts.append(f"at {_percents(by_verdict[WORSE])} the standings beat it")
        if by_verdict[UNCLEAR]:
            parts.append(f"at {_percents(by_verdict[UNCLEAR])} there is no clear difference")
        seasons = max(one.seasons for one in rows)
        told.append(
            f"For {name}: {'; '.join(parts)} (Spearman over {seasons} test "
            f"season{'s' if seasons != 1 else ''}, {coverage:.0%} intervals)."
        )
    return told


def _percents(checkpoints: Sequence[int]) -> str:
    words = [f"{checkpoint} %" for checkpoint in checkpoints]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
