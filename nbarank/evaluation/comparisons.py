"""Differences between rankers or experiments, paired by season, with intervals.

For `nbarank compare A B` and metrics/intervals.csv. A difference is taken within a season,
checkpoint, target and measure, on the same teams, and then averaged over seasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.errors import EvaluationError, did_you_mean
from nbarank.core.season_intervals import holm, season_intervals
from nbarank.evaluation.scorecard import COLUMNS

PLACE = ["checkpoint", "target", "metric"]
SHARED = ["season", *PLACE]
HEADLINE = (
    ("final_rank", "spearman"),
    ("playoff_outcome", "spearman"),
    ("wins", "wins_rmse"),
    ("wins", "wins_crps"),
    ("title", "title_logloss"),
    ("games", "game_logloss"),
)
"""Target and measure of the comparisons that page and commands judge: one family of tests."""
MEAN = "mean"
"""Value of `checkpoint` for the mean over the checkpoints of a season."""


def read_scorecard(path: Path) -> pd.DataFrame:
    """Read a tidy scorecard.

    Raises
    ------
    EvaluationError
        If the file or a column is missing, or a value is not finite.
    """
    if not path.is_file():
        raise EvaluationError(
            "There is no scorecard yet.", where=str(path), next_command="dvc repro"
        )
    try:
        frame = pd.read_csv(path, dtype={"season": str, "target": str, "ranker": str})
    except (OSError, ValueError) as error:
        raise EvaluationError(
            f"The scorecard cannot be read: {error}",
            where=str(path),
            allowed="metrics/scorecard.csv of a finished run",
            next_command="dvc repro evaluate",
        ) from error
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing or not np.isfinite(frame.get("value", pd.Series(dtype=float))).all():
        raise EvaluationError(
            "This is not a scorecard: "
            + (f"{', '.join(missing)} is missing." if missing else "a value is not finite."),
            where=str(path),
            allowed=f"the columns {', '.join(COLUMNS)}",
            next_command="dvc repro evaluate",
        )
    return frame[COLUMNS]


def rows_of(scorecard: pd.DataFrame, ranker: str) -> pd.DataFrame:
    """Return one ranker's rows of a scorecard.

    Raises
    ------
    EvaluationError
        If there are none.
    """
    rows = scorecard[scorecard["ranker"] == ranker]
    if rows.empty:
        raise EvaluationError(
            f"The scorecard has no ranker '{ranker}'"
            f"{did_you_mean(ranker, scorecard['ranker'].unique())}",
            where="metrics/scorecard.csv",
            allowed=", ".join(scorecard["ranker"].unique()),
            next_command="nbarank compare ensemble standings",
        )
    return rows.drop(columns="ranker")


def paired_differences(
    first: pd.DataFrame, second: pd.DataFrame, coverage: float, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return first minus second for every checkpoint, target and measure, with intervals.

    Parameters
    ----------
    first, second
        From `rows_of`; `first` may have rows of several rankers (`by`).
    coverage
        As in `season_intervals`.
    by
        Columns of `first` that tell its rankers apart, each compared with `second`.

    Returns
    -------
    pandas.DataFrame
        `by`, checkpoint (per cent as text, or 'mean' over the checkpoints of a season), target,
        metric, first, second (means over the seasons both have), difference, low, high, p,
        p_adjusted, share_positive, seasons. `low`, `high` and both p-values are missing for a
        single season. Where lower is better a negative difference favours `first`. `p_adjusted`
        (Holm) is adjusted for all checkpoints of the measures in `HEADLINE`, that of another
        measure for its own checkpoints; missing for the mean over checkpoints.

    Raises
    ------
    EvaluationError
        If the two have no season, checkpoint, target and measure in common.
    """
    both = first.merge(second, on=SHARED, suffixes=("_first", "_second"))
    if both.empty:
        raise EvaluationError(
            "The two scorecards have nothing in common to compare.",
            where=f"seasons {sorted(first['season'].unique())} and "
            f"{sorted(second['season'].unique())}",
            allowed="at least one season, checkpoint, target and measure in both",
        )
    place = [*by, *PLACE]
    both["checkpoint"] = both["checkpoint"].astype(str)
    overall = both.groupby(["season", *by, "target", "metric"], as_index=False)[
        ["value_first", "value_second"]
    ].mean()
    both = pd.concat([both, overall.assign(checkpoint=MEAN)], ignore_index=True)
    both["difference"] = both["value_first"] - both["value_second"]
    wide = both.pivot(index="season", columns=place, values="difference").sort_index(axis=1)
    found = season_intervals(wide.to_numpy(dtype=np.float64), coverage)
    result = wide.columns.to_frame(index=False).assign(
        difference=found.mean,
        low=found.low,
        high=found.high,
        p=found.p,
        share_positive=found.share_positive,
        seasons=found.seasons,
    )
    headline = pd.MultiIndex.from_frame(result[["target", "metric"]]).isin(HEADLINE)
    family = result["metric"].mask(headline, "headline")
    single = result["p"].where(result["checkpoint"] != MEAN)
    result["p_adjusted"] = single.groupby([*(result[name] for name in by), family]).transform(
        lambda p: holm(p.to_numpy())
    )
    means = both.groupby(place)[["value_first", "value_second"]].mean()
    means.columns = pd.Index(["first", "second"])
    columns = [*place, "first", "second", "difference", "low", "high", "p", "p_adjusted"]
    columns += ["share_positive", "seasons"]
    return result.merge(means.reset_index(), on=place)[columns]


def intervals_against(scorecard: pd.DataFrame, baseline: str, coverage: float) -> pd.DataFrame:
    """Compare every ranker with one baseline.

    Returns
    -------
    pandas.DataFrame
        ranker, baseline, then the columns of `paired_differences`.
    """
    others = scorecard[scorecard["ranker"] != baseline]
    found = paired_differences(others, rows_of(scorecard, baseline), coverage, ["ranker"])
    found.insert(1, "baseline", baseline)
    # In the order of the scorecard.
    names = pd.Index(scorecard["ranker"].unique())
    return found.sort_values("ranker", key=names.get_indexer, kind="stable", ignore_index=True)
