"""metrics/scorecard.md: the scorecard on one page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbarank.core.markdown import markdown_table
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
    "line_logloss": "Log-loss of the games with a closing line",
    "rank_rps": "Ranked probability score of the final place",
    "conference_rps": "Ranked probability score of the place in the conference",
    "rounds_brier": "Brier score of the playoff rounds",
    "rounds_logloss": "Log-loss of the playoff rounds",
    "wins_crps": "CRPS of final wins, in games",
    "wins_coverage": "Share of final wins in the 80 % interval",
    "wins_width": "Width of the 80 % interval, in games",
    "wins_rmse": "Error of projected wins (RMSE)",
    "wins_mae": "Error of projected wins (MAE)",
}
PROBABILITIES = (
    "game_logloss",
    "game_brier",
    "line_logloss",
    "title_logloss",
    "title_brier",
    "champion_rank",
    "playoffs_auc",
    "upset_auc",
)
FULL_TABLES = ("spearman", "rank_mae")
WINS = ("wins_rmse", "wins_mae")
SKILLED = (
    "wins_crps",
    "rank_rps",
    "conference_rps",
    "rounds_brier",
    "rounds_logloss",
    "title_logloss",
    "game_brier",
    "game_logloss",
)
"""Proper scores of the ensemble with a climatology."""
WIN_INTERVALS = ("wins_coverage", "wins_width")
TWO_DECIMALS = ("rank_mae", "rank_rmse", "champion_rank", *WINS)
DIFFERENCES = ("spearman", "kendall", "ndcg4", "ndcg16", "rank_mae", "rank_rmse", "field_spearman")
RANKER = "ensemble"
"""The ranker compared with the baselines."""
SKILL_NOTE = (
    "Score of the ensemble, lower is better, and in brackets its skill: the share of the "
    "climatology's score that it saves (1: perfect, 0: no better than base rates)."
)
CALIBRATION_NOTE = (
    "Validation seasons; rounds at all checkpoints. ECE: mean distance of predicted and observed "
    "frequency. Platt: a logistic curve of home wins on strength, of the blend (stack) or of each "
    "model, on the games of the Monte Carlo; `calibration.method` selects one. Brier score "
    "= reliability - resolution + uncertainty."
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
    game_tests: pd.DataFrame,
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
    calibration, game_tests
        Tables from `nbarank.evaluation.reliability.calibration` and from `game_tests`.
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
        f"{1 - coverage:.2g}, adjusted (Holm; docs/metrics.md)."
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
    parts += ["", "## Distributions and probabilities", "", SKILL_NOTE, ""]
    parts += _skill_table(of_validation)
    parts += ["", "## Games and events"]
    for metric in PROBABILITIES:
        parts += ["", *_means_table(of_validation, metric)] if metric in present else []
    parts += ["", "Log-loss of single games, the ensemble minus another ranker on the same games "]
    parts[-1] += "(Diebold-Mariano; p-values adjusted by Holm); below zero favours the ensemble."
    parts += ["", *_game_tests_table(game_tests)]
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
    rows = rows.assign(certain=rows["p_adjusted"] < 1 - coverage)
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


def _skill_table(rows: pd.DataFrame) -> list[str]:
    """Return the ensemble's scores with skill, and its intervals of wins; a column a checkpoint."""
    means = rows.groupby(["ranker", "metric", "checkpoint"])["value"].mean()
    columns = sorted(rows["checkpoint"].unique())
    lines = []
    for metric in (*SKILLED, *WIN_INTERVALS):
        cells = []
        for column in columns:
            value = means.get((RANKER, metric, column), math.nan)
            base = means.get(("climatology", metric, column), math.nan)
            skill = "" if metric in WIN_INTERVALS else f" ({1 - value / base:.2f})"
            cells.append("" if math.isnan(value) else f"{value:.3f}{skill}")
        lines.append([METRIC_NAMES[metric], *cells])
    return markdown_table(["", *(f"{column} %" for column in columns)], lines)


def _game_tests_table(game_tests: pd.DataFrame) -> list[str]:
    columns = ["ensemble minus", "games", "difference", "statistic", "p (Holm)"]
    return markdown_table(
        columns,
        [
            [str(row.baseline), str(row.games), f"{row.difference:+.4f}", f"{row.statistic:+.1f}",
             f"{row.p_holm:.3f}"]
            for row in game_tests.itertuples()
        ],
    )  # fmt: skip


def _calibration_table(calibration: pd.DataFrame) -> list[str]:
    scores = ("brier", "log_loss", "ece", "reliability", "resolution", "uncertainty")
    return markdown_table(
        ["", "events", "Brier", "log-loss", "ECE", *scores[3:]],
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
