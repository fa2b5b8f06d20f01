"""Whether a run is worse than another on the same box scores, measure by measure.

    python -m benchmarks.before_after --before RUN --after RUN

RUN is a repository with `metrics/scorecard.csv`, for example clones of two revisions after
`dvc repro` on the same files. Printed: the headline measures, after minus before, paired over the
seasons that both scored; then how many measures moved beyond their 95 % interval, and which are
worse. The intervals are not corrected for their number: one in forty is worse by chance.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from nbarank.cli.comparison_screen import comparison_text
from nbarank.evaluation.comparisons import MEAN, paired_differences, read_scorecard, rows_of
from nbarank.evaluation.rank_metrics import lower_is_better

SCORECARD = Path("metrics", "scorecard.csv")


def main() -> None:
    """Print the differences."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--before", type=Path, required=True)
    arguments.add_argument("--after", type=Path, required=True)
    arguments.add_argument("--ranker", default="ensemble")
    chosen = arguments.parse_args()
    before, after = (
        rows_of(read_scorecard(run / SCORECARD), chosen.ranker)
        for run in (chosen.before, chosen.after)
    )
    found = paired_differences(after, before, 0.95)
    seasons = sorted(set(before["season"]) & set(after["season"]))
    title = f"{chosen.ranker}, after minus before, {seasons[0]} to {seasons[-1]}"
    print(comparison_text(found, title, 0.95))
    found = found[found["checkpoint"] != MEAN]
    lower = found["metric"].map(lower_is_better).to_numpy()
    beyond = ((found["low"] > 0) | (found["high"] < 0)).to_numpy()
    worse = beyond & (lower == (found["difference"] > 0).to_numpy())
    print(f"\n{len(found)} measures: {np.sum(beyond & ~worse)} better, {worse.sum()} worse")
    columns = ["target", "metric", "checkpoint", "first", "second", "difference", "low", "high"]
    if worse.any():
        table = found[worse].sort_values(columns[:3])[columns]
        names = {"first": "after", "second": "before"}
        print(table.rename(columns=names).to_string(index=False, float_format="{:.4f}".format))


if __name__ == "__main__":
    main()
