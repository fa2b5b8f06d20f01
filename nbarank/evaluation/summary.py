"""Headline figures of a run: metrics/summary.json and metrics/attention.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.scorecard import OPENING

HEADLINES: dict[str, tuple[str, str]] = {
    "spearman": ("final_rank", "spearman"),
    "ndcg4": ("playoff_outcome", "ndcg4"),
    "ndcg16": ("playoff_outcome", "ndcg16"),
    "ndcg20": ("playoff_outcome", "ndcg20"),
    "playoff_spearman": ("playoff_outcome", "spearman"),
    "rank_rmse": ("final_rank", "rank_rmse"),
    "title_logloss": ("title", "title_logloss"),
    "game_brier": ("games", "game_brier"),
    "game_logloss": ("games", "game_logloss"),
    "wins_rmse": ("wins", "wins_rmse"),
    "wins_crps": ("wins", "wins_crps"),
    "rank_rps": ("final_rank", "rank_rps"),
    "rounds_logloss": ("rounds", "rounds_logloss"),
}
"""Figure by target and measure of the scorecard."""
DEEPSET_FIGURES = (
    "relative_loss",
    "spearman_best",
    "spearman_last",
    "attention_entropy",
    "minutes_entropy",
    "fallback_share",
)
"""Figures of data/diagnostics/deepset.json that are reported."""


def headlines(scorecard: pd.DataFrame, ranker: str, seasons: Sequence[str]) -> dict[str, float]:
    """Return one ranker's means over checkpoints and seasons, each season weighted equally."""
    rows = scorecard[(scorecard["ranker"] == ranker) & scorecard["season"].isin(list(seasons))]
    by_season = rows.groupby(["target", "metric", "season"])["value"].mean()
    means = by_season.groupby(["target", "metric"]).mean()
    return {name: float(means[place]) for name, place in HEADLINES.items() if place in means.index}


def summary_text(scorecard: pd.DataFrame, seasons: Mapping[str, Sequence[str]]) -> str:
    """Return metrics/summary.json: the ensemble's figures, six decimals.

    Its groups are objectives (means over validation seasons; the only ones a sweep reads),
    opening (the same before the first game), lead_over_standings (the same minus the standings'
    figures, from the first game on) and test (means over test seasons; empty before one is
    played).

    Parameters
    ----------
    scorecard
        Tidy rows.
    seasons
        Season labels by role: 'validation' and 'test'.

    Raises
    ------
    EvaluationError
        If a figure is not finite.
    """
    opening = scorecard["checkpoint"] == OPENING
    mine = headlines(scorecard[~opening], "ensemble", seasons["validation"])
    theirs = headlines(scorecard[~opening], "standings", seasons["validation"])
    content = {
        "objectives": headlines(scorecard, "ensemble", seasons["validation"]),
        "opening": headlines(scorecard[opening], "ensemble", seasons["validation"]),
        "lead_over_standings": {name: mine[name] - theirs[name] for name in mine if name in theirs},
        "test": headlines(scorecard, "ensemble", seasons["test"]),
    }
    for group, figures in content.items():
        for name, value in figures.items():
            if not math.isfinite(value):
                raise EvaluationError(
                    f"The figure {group}.{name} is not finite.",
                    where="metrics/summary.json",
                    allowed="finite numbers",
                    next_command="look for its season in metrics/scorecard.csv",
                )
            figures[name] = round(value, 6)
    return json.dumps(content, indent=2) + "\n"


def read_diagnostics(path: Path) -> list[dict[str, Any]]:
    """Read data/diagnostics/deepset.json: one row a fold, `fold` and `verdict` as text.

    Raises
    ------
    EvaluationError
        If the file is missing or is not a list of folds.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationError(
            f"The Deep Set's diagnostics cannot be read: {error}",
            where=str(path),
            next_command="dvc repro oof_deepset",
        ) from error
    if not isinstance(rows, list) or not all("fold" in row and "verdict" in row for row in rows):
        raise EvaluationError(
            "The Deep Set's diagnostics have no folds.",
            where=str(path),
            allowed="a list of objects with fold and verdict",
            next_command="dvc repro oof_deepset",
        )
    return rows


def attention_text(folds: Sequence[Mapping[str, Any]]) -> str:
    """Return metrics/attention.json: figures of every fold, number of healthy folds."""
    content: dict[str, Any] = {
        "folds": len(folds),
        "healthy": sum(fold["verdict"] == "healthy" for fold in folds),
        "fold": {
            fold["fold"]: {
                name: round(float(fold[name]), 6) for name in DEEPSET_FIGURES if name in fold
            }
            for fold in folds
        },
    }
    return json.dumps(content, indent=1) + "\n"
