"""Is an experiment better than the locked configuration? Paired by season, with an interval.

Both are scored on the same teams, dates and seasons, so their figures are subtracted season by
season, and whole seasons are resampled: what happens inside one season hangs together. Test
seasons are left out: a sweep must not see them, not even in its report.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbarank.core.errors import SweepError
from nbarank.core.seeds import generator
from nbarank.dvc.outputs import SCORECARD_FILE
from nbarank.sweep.objectives import Objective

RANKER = "ensemble"
SAMPLES = 10_000
COVERAGE = 0.95


@dataclass(frozen=True)
class Gain:
    """What is gained over another configuration; above zero is better, whatever the objective.

    Parameters
    ----------
    mean
        Mean over seasons of the difference, in the objective's unit.
    low, high
        Season-clustered bootstrap interval; NaN with fewer than two seasons.
    seasons
        How many seasons were paired.
    """

    mean: float
    low: float
    high: float
    seasons: int

    @property
    def beyond_noise(self) -> bool:
        """Tell whether the whole interval lies above zero."""
        return bool(self.low > 0)

    def __str__(self) -> str:
        """Return for example '+0.0123 [+0.0030, +0.0216] over 8 seasons'."""
        known = np.isfinite(self.low)
        interval = f"[{self.low:+.4f}, {self.high:+.4f}]" if known else "[no interval]"
        return f"{self.mean:+.4f} {interval} over {self.seasons} seasons"


def season_figures(
    scorecard: pd.DataFrame, objective: Objective, test: Collection[str]
) -> pd.DataFrame:
    """Return the objective's figures: one row a season, one column a checkpoint.

    Parameters
    ----------
    scorecard
        Tidy rows: season, checkpoint, target, ranker, metric, value.
    test
        Seasons that are left out.

    Raises
    ------
    SweepError
        If the scorecard has no such rows.
    """
    rows = scorecard[
        (scorecard["metric"] == objective.metric)
        & (scorecard["target"] == objective.target)
        & (scorecard["ranker"] == RANKER)
        & ~scorecard["season"].isin(list(test))
    ]
    if rows.empty:
        raise SweepError(
            f"The scorecard has no rows for '{objective.name}'.",
            where=SCORECARD_FILE,
            allowed=f"ranker {RANKER}, target {objective.target}, metric {objective.metric}",
            next_command="dvc repro evaluate",
        )
    return rows.pivot_table(index="season", columns="checkpoint", values="value")


def gain_over(
    candidate: pd.DataFrame,
    locked: pd.DataFrame,
    objective: Objective,
    test: Collection[str],
    checkpoint: float | None = None,
) -> Gain:
    """Return what a candidate's scorecard gains over the locked one.

    Parameters
    ----------
    candidate, locked
        Tidy scorecards; seasons in both are paired.
    checkpoint
        One checkpoint, or the mean over all of a season.

    Raises
    ------
    SweepError
        If they have no season in common.
    """
    ours = season_figures(candidate, objective, test)
    theirs = season_figures(locked, objective, test)
    difference = (objective.sign * (ours - theirs)).dropna(how="all")
    by_season = (
        difference.mean(axis=1) if checkpoint is None else difference[checkpoint].dropna()
    ).to_numpy(dtype=np.float64)
    if not len(by_season):
        raise SweepError(
            "The two experiments have no season in common.",
            where=SCORECARD_FILE,
            allowed="scorecards of the same seasons (the same profile)",
            next_command="nbarank leaderboard",
        )
    return interval_of(by_season)


def interval_of(by_season: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Gain:
    """Return mean and percentile interval of differences, one a season."""
    count = len(by_season)
    low = high = float("nan")
    if count >= 2:
        random = generator(0, "sweep", "compare")
        means = by_season[random.integers(count, size=(SAMPLES, count))].mean(axis=1)
        tail = (1 - COVERAGE) / 2
        low, high = (float(bound) for bound in np.quantile(means, [tail, 1 - tail]))
    return Gain(float(by_season.mean()), low, high, count)


def gains_by_checkpoint(
    candidate: pd.DataFrame, locked: pd.DataFrame, objective: Objective, test: Collection[str]
) -> dict[float, Gain]:
    """Return the gain at every checkpoint that both have."""
    ours = season_figures(candidate, objective, test).columns
    theirs = season_figures(locked, objective, test).columns
    return {
        float(point): gain_over(candidate, locked, objective, test, float(point))
        for point in ours.intersection(theirs).to_numpy(dtype=np.float64)
    }
