"""Objectives of a sweep: figures of metrics/summary.json over the validation seasons.

Test seasons are scored by `evaluate` only: a sweep that could see them would tune on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nbarank.core.errors import SweepError, did_you_mean, nearest
from nbarank.dvc.outputs import SUMMARY_FILE


@dataclass(frozen=True)
class Objective:
    """One figure to improve: a key in metrics/summary.json.

    `metric` and `target` are its rows in metrics/scorecard.csv, for the interval over seasons.
    """

    name: str
    direction: Literal["maximize", "minimize"]
    metric: str
    target: str
    meaning: str

    @property
    def sign(self) -> int:
        """Return 1 where higher is better, -1 where lower is."""
        return 1 if self.direction == "maximize" else -1

    def __str__(self) -> str:
        """Return for example 'rank_rmse (root mean square error of ranks), lower is better'."""
        return f"{self.name} ({self.meaning}), {'higher' if self.sign > 0 else 'lower'} is better"


OBJECTIVES: dict[str, Objective] = {
    aim.name: aim
    for aim in (
        Objective("spearman", "maximize", "spearman", "final_rank", "rank correlation, standings"),
        Objective("ndcg4", "maximize", "ndcg4", "playoff_outcome", "best four on top"),
        Objective("ndcg16", "maximize", "ndcg16", "playoff_outcome", "16 playoff teams on top"),
        Objective("ndcg20", "maximize", "ndcg20", "playoff_outcome", "best twenty on top"),
        Objective("playoff_spearman", "maximize", "spearman", "playoff_outcome", "playoff ranks"),
        Objective("rank_rmse", "minimize", "rank_rmse", "final_rank", "RMSE of ranks"),
        Objective("title_logloss", "minimize", "title_logloss", "title", "log-loss of champions"),
        Objective("game_brier", "minimize", "game_brier", "games", "Brier score of games"),
        Objective("game_logloss", "minimize", "game_logloss", "games", "log-loss of games"),
        Objective("wins_crps", "minimize", "wins_crps", "wins", "CRPS of final wins, in games"),
        Objective("rank_rps", "minimize", "rank_rps", "final_rank", "ranked probability score"),
        Objective("rounds_logloss", "minimize", "rounds_logloss", "rounds", "log-loss of rounds"),
    )
}


def objective_named(name: str) -> Objective:
    """Return an objective by name; a SweepError if it is unknown, or names the test seasons."""
    if name in OBJECTIVES:
        return OBJECTIVES[name]
    of_test = name.lower().startswith("test")
    close = [*nearest(name, OBJECTIVES, 1), "spearman"][0]
    raise SweepError(
        f"'{name}' is scored on test seasons, and a sweep must not see them."
        if of_test
        else f"'{name}' is not an objective{did_you_mean(name, OBJECTIVES)}",
        where="--objective",
        allowed=", ".join(OBJECTIVES),
        option=("--objective", close),
    )


def objective_values(summary: Mapping[str, Any]) -> dict[str, float]:
    """Return every known objective found in the content of metrics/summary.json."""
    figures = summary.get("objectives", summary)
    return {
        name: float(figures[name])
        for name in OBJECTIVES
        if isinstance(figures, Mapping) and isinstance(figures.get(name), int | float)
    }


def objective_value(summary: Mapping[str, Any], objective: Objective) -> float:
    """Return the value of one objective; a SweepError if the summary has no finite value of it."""
    values = objective_values(summary)
    if not math.isfinite(values.get(objective.name, math.nan)):
        raise SweepError(
            f"{SUMMARY_FILE} has no finite '{objective.name}'.",
            where=SUMMARY_FILE,
            allowed=", ".join(values) or "a summary with objectives",
            next_command="dvc repro scorecard",
        )
    return values[objective.name]
