"""metrics/summary.json: the few figures that stand for a run, and that a sweep may aim at."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbarank.core.errors import EvaluationError

HEADLINES: dict[str, tuple[str, str]] = {
    "spearman": ("final_rank", "spearman"),
    "ndcg4": ("playoff_outcome", "ndcg4"),
    "ndcg16": ("playoff_outcome", "ndcg16"),
    "ndcg20": ("playoff_outcome", "ndcg20"),
    "playoff_spearman": ("playoff_outcome", "spearman"),
    "rank_rmse": ("final_rank", "rank_rmse"),
    "title_logloss": ("title", "title_logloss"),
    "game_brier": ("games", "game_brier"),
}
"""Figure by target and measure of the scorecard."""


def headlines(scorecard: pd.DataFrame, ranker: str, seasons: Sequence[str]) -> dict[str, float]:
    """Return the means over checkpoints and seasons of one ranker, those that there are.

    Each season weighs the same, and each checkpoint of a season.
    """
    rows = scorecard[(scorecard["ranker"] == ranker) & scorecard["season"].isin(list(seasons))]
    by_season = rows.groupby(["target", "metric", "season"])["value"].mean()
    means = by_season.groupby(["target", "metric"]).mean()
    return {name: float(means[place]) for name, place in HEADLINES.items() if place in means.index}


def summary(
    scorecard: pd.DataFrame, seasons: Mapping[str, Sequence[str]], ranker: str = "ensemble"
) -> dict[str, Any]:
    """Return the content of metrics/summary.json.

    Parameters
    ----------
    scorecard
        Tidy rows.
    seasons
        Season labels by role: 'validation' and 'test'.
    ranker
        Whose figures they are.

    Returns
    -------
    dict
        objectives (means over validation seasons; the only ones a sweep reads), lead (the same minus
        the standings' figures), test (means over test seasons; empty before one is played).
    """
    mine = headlines(scorecard, ranker, seasons["validation"])
    theirs = headlines(scorecard, "standings", seasons["validation"])
    return {
        "objectives": mine,
        "lead_over_standings": {name: mine[name] - theirs[name] for name in mine if name in theirs},
        "test": headlines(scorecard, ranker, seasons["test"]),
    }


def summary_text(content: Mapping[str, Any]) -> str:
    """Return the summary as JSON, six decimals, finite numbers only.

    Raises
    ------
    EvaluationError
        Naming the figure that is not finite.
    """
    rounded: dict[str, dict[str, float]] = {}
    for group, figures in content.items():
        for name, value in figures.items():
            if not math.isfinite(value):
                raise EvaluationError(
                    f"The figure {group}.{name} is not finite.",
                    where="metrics/summary.json",
                    allowed="finite numbers",
                    next_command="look at metrics/scorecard.csv for the season it comes from",
                )
        rounded[group] = {name: round(value, 6) for name, value in figures.items()}
    return json.dumps(rounded, indent=2) + "\n"
