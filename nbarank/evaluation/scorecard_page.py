"""metrics/scorecard.md: the scorecard on one page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbarank.core.markdown import markdown_table
from nbarank.core.season_intervals import holm
from nbarank.evaluation.comparisons import MEAN
from nbarank.evaluation.rank_metrics import lower_is_better
from nbarank.evaluation.scorecard import RANKERS, places
from nbarank.evaluation.summary import DEEPSET_FIGURES

TARGET_NAMES = {"playoff_outcome": "Playoff outcome", "final_rank": "Final standings"}
METRIC_NAMES = {
    "spearman": "Spearman",
    "kendall": "Kendall tau",
    "ndcg4": "NDCG@4",
    "ndcg16": "NDCG@16",
    "rank_mae": "Rank error (MAE)",
    "rank_rmse": "Rank error (RMSE)",
    "field_spearman": "Spearman among playoff teams",
    "game_brier": "Brier score of the games up to the next checkpoint",
    "game_logloss": "Log-loss of the games up to the next checkpoint",
    "title_logloss": "Log-loss of the champion",
    "title_brier": "Brier score of the title odds",
    "champion_rank": "Rank of the champion by title odds",
    "playoffs_auc": "ROC-AUC of making the playoffs",
    "upset_auc": "ROC-AUC of upsets in the first round",
    "truth_spearman": "Spearman with true strength",
    "wins_rmse": "Error of projected wins (RMSE)",
    "wins_mae": "Error of projected wins (MAE)",
}
PROBABILITIES = (
    "game_logloss",
    "game_brier",
    "title_logloss",
    "title_brier",
    "champion_rank",
    "playoffs_auc",
    "upset_auc",
)
FULL_TABLES = ("spearman", "rank_mae")
WINS = ("wins_rmse", "wins_mae")
TWO_DECIMALS = ("rank_mae", "rank_rmse", "champion_rank", *WINS)
DIFFERENCES = ("spearman", "kendall", "ndcg4", "ndcg16", "rank_mae", "rank_rmse", "field_spearman")
RANKER = "ensemble"
"""The ranker compared with the baselines."""
CALIBRATION_NOTE = (
    "Validation seasons; rounds at all checkpoints. ECE is the mean distance between predicted and "
    "observed frequency over bins. The Platt variants and the Monte Carlo are scored on the same "
    "games; `calibration.method` selects the variant that makes the strengths."
)
HEALTH_NOTE = (
    "One row a fold, named by the season it scores. Loss relative to that of equal scores (log n! "
    "for ListMLE): 1 means nothing learned. Spearman on the held-out part of the fold's training "
    "seasons. Entropy relative to equal weights: 1 means uniform attention. docs/deepset.md "
    "explains the verdicts."
)


def scorecard_page(
    scorecard: pd.DataFrame,
    intervals: pd.DataFrame,
    seasons: Mapping[str, Sequence[str]],
    coverage: float,
    calibration: pd.DataFrame,
    folds: Sequence[Mapping[str, Any]],
) -> str:
    """Return the scorecard as Markdown.

    Parameters
    ----------
    scorecard
        Tidy rows.
    intervals, coverage
        From `intervals_against`, of the validation seasons, and their coverage.
    seasons
        From `scored_seasons`.
    calibration
        Table from `nbarank.evaluation.reliability.calibration`.
    folds
        From `read_diagnostics`.
    """
    of_validation = scorecard[scorecard["season"].isin(list(seasons["validation"]))]
    parts = [
        "# Scorecard",
        "",
        f"Means over {_span(seasons['validation'])}; columns: share of the regular season played "
        "at the time of the ranking. Best in bold. docs/metrics.md explains every figure.",
    ]
    baseline = intervals["baseline"].iloc[0]
    first = intervals[intervals["baseline"] == baseline]
    note = (
        f"The {RANKER} minus the {baseline}, with {100 * coverage:g} % intervals over seasons; "
        "bold where the ranker is better with a p-value below "
        f"{1 - coverage:.2g}, adjusted for all cells of the table (Holm)."
    )
    for target, title in TARGET_NAMES.items():
        rows = of_validation[of_validation["target"] == target]
        parts += ["", f"## {title}"]
        for metric in FULL_TABLES:
            parts += ["", *_means_table(rows, metric)]
        parts += ["", note, "", *_differences(first, target, DIFFERENCES, "metric", coverage)]
        parts += ["", *_differences(intervals, target, ["spearman"], "baseline", coverage)]
    present = set(of_validation["metric"])
    parts += ["", "## Projected wins"]
    for metric in WINS:
        parts += ["", *_means_table(of_validation, metric)]
    parts += ["", *_differences(intervals, "wins", WINS[:1], "baseline", coverage)]
    parts += ["", "## Probabilities"]
    for metric in PROBABILITIES:
        parts += ["", *_means_table(of_validation, metric)] if metric in present else []
    parts += ["", "## Calibration", "", CALIBRATION_NOTE, "", *_calibration_table(calibration)]
    if "truth_spearman" in present:
        parts += ["", "## True strength", "", "Strength of the simulated teams on each day.", ""]
        parts += _means_table(of_validation, "truth_spearman")
        parts += [""]
        parts += _differences(intervals, "true_strength", ["truth_spearman"], "baseline", coverage)
    parts += ["", "## Health of the Deep Set", "", HEALTH_NOTE, "", *_health_table(folds)]
    if len(seasons["test"]):
        rows = scorecard[scorecard["season"].isin(list(seasons["test"]))]
        parts += ["", f"## Test: {_span(seasons['test'])}", "", "Never read by a sweep."]
        for target, title in TARGET_NAMES.items():
            of_target = rows[rows["target"] == target]
            parts += ["", f"{title}.", "", *_means_table(of_target, "spearman")]
    return "\n".join(parts) + "\n"


def _span(seasons: Sequence[str]) -> str:
    if len(seasons) == 1:
        return f"season {seasons[0]}"
    return f"{len(seasons)} seasons, {min(seasons)} to {max(seasons)}"


def _means_table(rows: pd.DataFrame, metric: str) -> list[str]:
    """Return one measure: a row a ranker, a column a checkpoint, best in bold."""
    rows = rows[rows["metric"] == metric]
    means = rows.groupby(["ranker", "checkpoint"])["value"].mean().unstack("checkpoint")
    order = sorted(means.index, key=lambda name: (places(pd.Series([name]), RANKERS)[0], name))
    digits = 2 if metric in TWO_DECIMALS else 3
    shown = means.loc[order].round(digits).rename(columns=str)
    lower = lower_is_better(metric)
    best = shown.min() if lower else shown.max()
    heading = f"{METRIC_NAMES[metric]}, {'lower' if lower else 'higher'} is better"

    def cell(value: float, column: str) -> str:
        return "" if math.isnan(value) else _bold(f"{value:.{digits}f}", value == best[column])

    return markdown_table(
        [heading, *(f"{column} %" for column in shown.columns)],
        [
            [str(name), *(cell(value, str(column)) for column, value in row.items())]
            for name, row in shown.iterrows()
        ],
    )


def _bold(text: str, bold: bool) -> str:
    return f"**{text}**" if bold else text


def _differences(
    intervals: pd.DataFrame, target: str, metrics: Sequence[str], by: str, coverage: float
) -> list[str]:
    """Return the differences of `RANKER`: a row a metric or baseline, a column a checkpoint."""
    rows = intervals[(intervals["target"] == target) & (intervals["ranker"] == RANKER)]
    rows = rows[(rows["checkpoint"] != MEAN) & rows["metric"].isin(metrics)]
    rows = rows.assign(certain=holm(rows["p"]) < 1 - coverage)
    columns = sorted(rows["checkpoint"].unique(), key=float)
    order, heading = metrics, ""
    if by == "baseline":
        order, heading = list(rows[by].unique()), f"{METRIC_NAMES[metrics[0]]}: {RANKER} minus"
    cells = {(row[by], row["checkpoint"]): _difference(row) for _, row in rows.iterrows()}
    return markdown_table(
        [heading, *(f"{column} %" for column in columns)],
        [
            [METRIC_NAMES.get(name, name), *(cells.get((name, at), "") for at in columns)]
            for name in order
            if name in set(rows[by])
        ],
    )


def _difference(row: pd.Series) -> str:
    digits = 2 if row["metric"] in TWO_DECIMALS else 3
    text = f"{row['difference']:+.{digits}f}"
    if math.isnan(row["low"]):
        return text
    better = (row["difference"] < 0) == lower_is_better(row["metric"])
    interval = f"[{row['low']:+.{digits}f}, {row['high']:+.{digits}f}]"
    return f"{_bold(text, bool(row['certain'] and better))} {interval}"


def _calibration_table(calibration: pd.DataFrame) -> list[str]:
    scores = ("brier", "log_loss", "ece")
    return markdown_table(
        ["", "events", "Brier", "log-loss", "ECE"],
        [
            [str(row["what"]), str(row["events"]), *(f"{row[name]:.4f}" for name in scores)]
            for row in calibration.to_dict("records")
        ],
    )


def _health_table(folds: Sequence[Mapping[str, Any]]) -> list[str]:
    columns = ["fold", "verdict", "relative loss", "Spearman, best epoch", "last epoch"]
    columns += ["attention entropy", "minutes entropy", "fallback share"]
    return markdown_table(
        columns,
        [
            [
                str(fold["fold"]),
                str(fold["verdict"]),
                *(f"{fold[name]:.3f}" if name in fold else "" for name in DEEPSET_FIGURES),
            ]
            for fold in folds
        ],
        align="ll" + "r" * len(DEEPSET_FIGURES),
    )
