"""Objectives of a sweep: figures of metrics/summary.json over the validation seasons.

Test seasons are scored by `evaluate` only: a sweep that could see them would tune on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nbarank.core.errors import SweepError
from nbarank.dvc.outputs import SUMMARY_FILE


@dataclass(frozen=True)
class Objective:
    """One figure to improve.

    Parameters
    ----------
    name
        On the command line, and the key in metrics/summary.json.
    metric, target
        Its rows in metrics/scorecard.csv, for the interval over seasons.
    meaning
        Short description for reports.
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


OBJECTIVES: dict[str, Objective] = {
    name: Objective(name, direction, metric, target, meaning)  # type: ignore[arg-type]
    for name, direction, metric, target, meaning in (
        ("spearman", "maximize", "spearman", "final_rank", "rank correlation, final standings"),
        ("ndcg4", "maximize", "ndcg4", "playoff_outcome", "are the best four on top"),
        ("ndcg16", "maximize", "ndcg16", "playoff_outcome", "are the 16 playoff teams on top"),
        ("ndcg20", "maximize", "ndcg20", "playoff_outcome", "are the best twenty on top"),
        (
            "playoff_spearman",
            "maximize",
            "spearman",
            "playoff_outcome",
            "rank correlation, playoff outcome",
        ),
        ("rank_rmse", "minimize", "rank_rmse", "final_rank", "root mean square error of ranks"),
        ("title_logloss", "minimize", "title_logloss", "title", "log-loss of the champion"),
        ("game_brier", "minimize", "game_brier", "games", "Brier score of single games"),
        ("game_logloss", "minimize", "game_logloss", "games", "log-loss of single games"),
        ("wins_crps", "minimize", "wins_crps", "wins", "CRPS of final wins, in games"),
        ("rank_rps", "minimize", "rank_rps", "final_rank", "ranked probability score of places"),
        ("rounds_logloss", "minimize", "rounds_logloss", "rounds", "log-loss of playoff rounds"),
    )
}


def objective_named(name: str) -> Objective:
    """Return an objective by name.

    Raises
    ------
    SweepError
        If it is not known, or names the test seasons.
    """
    if name in OBJECTIVES:
        return OBJECTIVES[name]
    of_test = name.lower().startswith("test")
    raise SweepError(
        f"'{name}' is scored on test seasons, and a sweep must not see them."
        if of_test
        else f"'{name}' is not an objective.",
        where="--objective",
        allowed=", ".join(OBJECTIVES),
        next_command="nbarank sweep run SPACE --objective spearman"
        + "   (`dvc repro evaluate` scores the test seasons, once, with the tuned values)"
        * of_test,
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
    """Return the value of one objective.

    Raises
    ------
    SweepError
        If the summary has no finite value of it.
    """
    values = objective_values(summary)
    if not math.isfinite(values.get(objective.name, math.nan)):
        raise SweepError(
            f"{SUMMARY_FILE} has no finite '{objective.name}'.",
            where=SUMMARY_FILE,
            allowed=", ".join(values) or "a summary with objectives",
            next_command="dvc repro evaluate",
        )
    return values[objective.name]
