"""metrics/scorecard.md: what a person reads in a minute."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbarank.evaluation.calibration import calibration_text
from nbarank.evaluation.metrics import lower_is_better
from nbarank.evaluation.model_health import health_text
from nbarank.evaluation.scorecard import RANKERS, places

TARGET_NAMES = {
    "playoff_outcome": "How the playoffs ended",
    "final_rank": "How the regular season ended",
}
METRIC_NAMES = {
    "spearman": "Spearman",
    "kendall": "Kendall tau",
    "ndcg4": "NDCG@4",
    "ndcg16": "NDCG@16",
    "rank_mae": "Places off (MAE)",
    "rank_rmse": "Places off (RMSE)",
    "field_spearman": "Spearman inside the playoff field",
    "game_brier": "Brier score of the games to come",
    "game_logloss": "Log-loss of the games to come",
    "title_logloss": "Log-loss of the champion",
    "title_brier": "Brier score of the title odds",
    "champion_rank": "Place of the champion by title odds",
    "playoffs_brier": "Brier score of making the playoffs",
    "playoffs_auc": "ROC-AUC of making the playoffs",
    "upset_auc": "ROC-AUC of upsets in the first round",
    "upset_brier": "Brier score of upsets in the first round",
    "truth_spearman": "Spearman with true strength",
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
DIFFERENCES = ("spearman", "kendall", "ndcg4", "ndcg16", "rank_mae", "rank_rmse", "field_spearman")


def scorecard_text(
    scorecard: pd.DataFrame,
    intervals: pd.DataFrame,
    validation: Sequence[str],
    test: Sequence[str],
    *,
    ranker: str = "ensemble",
    coverage: float = 0.95,
    calibration: pd.DataFrame | None = None,
    health: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the scorecard as Markdown.

    Parameters
    ----------
    scorecard
        Tidy rows.
    intervals
        From `intervals_against` over the validation seasons.
    validation, test
        Seasons that were scored, by role.
    ranker
        Whose differences to the baseline are shown.
    coverage
        Of the intervals.
    calibration
        Table from `nbarank.evaluation.calibration`; None leaves the section out.
    health
        From `nbarank.evaluation.model_health`; empty leaves the section out.
    """
    of_validation = scorecard[scorecard["season"].isin(list(validation))]
    parts = [
        "# Scorecard",
        "",
        f"Means over {_span(validation)}; columns: share of the regular season played when the ranking "
        "was made. Best in bold. Every figure is explained in docs/metrics.md.",
    ]
    for target, title in TARGET_NAMES.items():
        rows = of_validation[of_validation["target"] == target]
        parts += ["", f"## {title}"]
        for metric in FULL_TABLES:
            parts += ["", *_means_table(rows[rows["metric"] == metric], metric)]
        parts += _difference_table(intervals, target, ranker, coverage)
        parts += _lead_table(intervals, target, ranker, "spearman")
    parts += _probabilities(of_validation)
    if calibration is not None:
        parts += calibration_text(calibration)
    parts += _against_truth(of_validation, intervals, ranker)
    if health:
        parts += health_text(health)
    if len(test):
        rows = scorecard[scorecard["season"].isin(list(test))]
        parts += ["", f"## Test: {_span(test)}", "", "Never seen by a sweep."]
        for target, title in TARGET_NAMES.items():
            of_target = rows[(rows["target"] == target) & (rows["metric"] == "spearman")]
            parts += ["", f"{title}.", "", *_means_table(of_target, "spearman")]
    return "\n".join(parts) + "\n"


def _span(seasons: Sequence[str]) -> str:
    if len(seasons) == 1:
        return f"season {seasons[0]}"
    return f"{len(seasons)} seasons, {min(seasons)} to {max(seasons)}"


def _means_table(rows: pd.DataFrame, metric: str) -> list[str]:
    """Return one measure: a row a ranker, a column a checkpoint, best in bold."""
    means = rows.groupby(["ranker", "checkpoint"])["value"].mean().unstack("checkpoint")
    order = sorted(means.index, key=lambda name: (places(pd.Series([name]), RANKERS)[0], name))
    means = means.loc[order]
    means.columns = pd.Index([str(column) for column in means.columns])
    less = lower_is_better(metric)
    digits = 2 if metric in ("rank_mae", "rank_rmse", "champion_rank") else 3
    shown = means.round(digits)
    best = shown.min() if less else shown.max()
    lines = [
        f"| {METRIC_NAMES[metric]}, {'less' if less else 'more'} is better | "
        + " | ".join(f"{column} %" for column in shown.columns)
        + " |",
        "|---|" + "---:|" * len(shown.columns),
    ]
    for name, row in shown.iterrows():
        cells = [
            "" if math.isnan(value) else _bold(f"{value:.{digits}f}", value == best[str(column)])
            for column, value in row.items()
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _bold(text: str, bold: bool) -> str:
    return f"**{text}**" if bold else text


def _difference_table(
    intervals: pd.DataFrame, target: str, ranker: str, coverage: float
) -> list[str]:
    """Return the differences of one ranker to the baseline with their intervals."""
    rows = _of(intervals, target, ranker, DIFFERENCES)
    if rows.empty:
        return []
    baseline = rows["baseline"].iloc[0]
    rows = rows[rows["baseline"] == baseline]
    columns = sorted(rows["checkpoint"].unique(), key=float)
    cells = rows.set_index(["metric", "checkpoint"])
    lines = [
        "",
        f"The {ranker} minus the {baseline}, with {100 * coverage:g} % intervals over seasons; "
        "bold where the interval lies on the better side of zero.",
        "",
        "| | " + " | ".join(f"{column} %" for column in columns) + " |",
        "|---|" + "---:|" * len(columns),
    ]
    for metric in DIFFERENCES:
        if metric not in cells.index:
            continue
        texts = [_difference(cells.loc[(metric, column)], metric) for column in columns]
        lines.append(f"| {METRIC_NAMES[metric]} | " + " | ".join(texts) + " |")
    return lines


def _of(intervals: pd.DataFrame, target: str, ranker: str, metrics: Sequence[str]) -> pd.DataFrame:
    rows = intervals[(intervals["target"] == target) & (intervals["ranker"] == ranker)]
    return rows[(rows["checkpoint"] != "mean") & rows["metric"].isin(metrics)]


def _lead_table(intervals: pd.DataFrame, target: str, ranker: str, metric: str) -> list[str]:
    """Return the lead of one ranker over every baseline there are intervals for."""
    rows = _of(intervals, target, ranker, [metric])
    if rows.empty:
        return []
    columns = sorted(rows["checkpoint"].unique(), key=float)
    cells = rows.set_index(["baseline", "checkpoint"])
    lines = [
        "",
        f"| {METRIC_NAMES[metric]}: {ranker} minus | "
        + " | ".join(f"{column} %" for column in columns)
        + " |",
        "|---|" + "---:|" * len(columns),
    ]
    for baseline in rows["baseline"].unique():
        texts = [_difference(cells.loc[(baseline, column)], metric) for column in columns]
        lines.append(f"| {baseline} | " + " | ".join(texts) + " |")
    return lines


def _difference(row: pd.Series, metric: str) -> str:
    digits = 2 if metric.startswith("rank_") else 3
    text = f"{row['difference']:+.{digits}f}"
    if math.isnan(row["low"]):
        return text
    better = row["high"] < 0 if lower_is_better(metric) else row["low"] > 0
    text = _bold(text, bool(better))
    return f"{text} [{row['low']:+.{digits}f}, {row['high']:+.{digits}f}]"


def _probabilities(rows: pd.DataFrame) -> list[str]:
    """Return the scores of games and odds that there are."""
    parts: list[str] = []
    for metric in PROBABILITIES:
        found = rows[rows["metric"] == metric]
        if len(found):
            parts += ["", *_means_table(found, metric)]
    return ["", "## How good the probabilities are", *parts] if parts else []


def _against_truth(rows: pd.DataFrame, intervals: pd.DataFrame, ranker: str) -> list[str]:
    found = rows[rows["metric"] == "truth_spearman"]
    if found.empty:
        return []
    return [
        "",
        "## Against the truth",
        "",
        "The simulated league knows how strong its teams are on every day.",
        "",
        *_means_table(found, "truth_spearman"),
        *_lead_table(intervals, "true_strength", ranker, "truth_spearman"),
    ]
