"""Gain of an experiment over the tuned values: paired by season, with an interval.

Both are scored on the same teams, dates and seasons, so their figures are subtracted season by
season; a season is one observation because its games are not independent. Test seasons are
excluded: a sweep must not see them, not even in its report.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.errors import SweepError
from nbarank.core.params import seasons_of_role_test
from nbarank.core.season_intervals import season_intervals
from nbarank.dvc.git import experiment_ref, ref_exists
from nbarank.dvc.outputs import SCORECARD_FILE, read_params, read_scorecard
from nbarank.sweep.objectives import Objective

REFERENCE = "locked"
"""Ending of the name of a study's run of the tuned values."""
RANKER = "ensemble"
COVERAGE = 0.95


@dataclass(frozen=True)
class Gain:
    """Gain over another configuration; above zero is better, for every objective.

    Mean over paired seasons in the objective's unit, with the 95 % t interval over seasons, which
    is NaN with fewer than two.
    """

    mean: float
    low: float
    high: float
    seasons: int

    @property
    def beyond_noise(self) -> bool:
        """Return whether the whole interval is above zero."""
        return bool(self.low > 0)

    def __str__(self) -> str:
        """Return for example '+0.0123 [+0.0030, +0.0216] over 8 seasons'."""
        known = np.isfinite(self.low)
        interval = f"[{self.low:+.4f}, {self.high:+.4f}]" if known else "[no interval]"
        return f"{self.mean:+.4f} {interval} over {self.seasons} seasons"


def gains_over_tuned(
    root: Path, name: str, base: str, objective: Objective, *, has_reference: bool
) -> tuple[pd.DataFrame, str]:
    """Return the gains of an experiment as `season_gains`, and the revision compared with."""
    against = tuned_revision(root, name, base, has_reference=has_reference)
    revisions = (experiment_ref(base, name), against)
    ours, theirs = (read_scorecard(root, revision) for revision in revisions)
    test = seasons_of_role_test(read_params(root, base))
    return season_gains(ours, theirs, objective, test), against


def tuned_revision(root: Path, name: str, base: str, *, has_reference: bool) -> str:
    """Return the revision of the tuned values to compare an experiment with.

    Inside a study it is the study's own run of it, under the same profile and fixed values;
    without one, the experiment's commit `base`. A SweepError if the study's database records such
    a run (`has_reference`) and this clone does not have it.
    """
    reference = f"{name.rsplit('-', 1)[0]}-{REFERENCE}"
    ref = experiment_ref(base, reference)
    if ref_exists(root, ref):
        return ref
    if has_reference:
        raise SweepError(
            f"The study's run of the tuned values, {reference}, is missing.",
            where=ref,
            allowed=f"clones that have the experiment {reference}",
            next_command="run the sweep's command again, which makes it in this clone",
        )
    return base


def season_gains(
    candidate: pd.DataFrame, tuned: pd.DataFrame, objective: Objective, test: Collection[str]
) -> pd.DataFrame:
    """Return the gains [season, checkpoint] of one scorecard over another, without test seasons.

    A scorecard has the `value` of each season, checkpoint, target, ranker and metric. A SweepError
    if one has no rows of the objective, or they have no season in common.
    """
    ours, theirs = (_season_figures(scorecard, objective, test) for scorecard in (candidate, tuned))
    gains = (objective.sign * (ours - theirs)).dropna(how="all").dropna(how="all", axis=1)
    if gains.empty:
        raise SweepError(
            "The two experiments have no season in common.",
            where=SCORECARD_FILE,
            allowed="scorecards of the same seasons (the same profile)",
            next_command="nbarank leaderboard",
        )
    return gains


def _season_figures(
    scorecard: pd.DataFrame, objective: Objective, test: Collection[str]
) -> pd.DataFrame:
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


def gain_of(gains: pd.DataFrame | pd.Series) -> Gain:
    """Return mean and interval of gains by season; the mean of a season's checkpoints counts."""
    by_season = gains.mean(axis=1) if isinstance(gains, pd.DataFrame) else gains.dropna()
    values = by_season.to_numpy(dtype=np.float64)
    found = season_intervals(values[:, None], COVERAGE)
    return Gain(float(found.mean[0]), float(found.low[0]), float(found.high[0]), len(values))
