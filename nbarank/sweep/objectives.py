"""What a sweep may aim at: the figures of metrics/summary.json that validation seasons alone make.

A test season is scored by `evaluate` and by nothing else. A sweep that could see it would tune
on it, so asking for it is an error here, before anything runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nbarank.core.errors import SweepError
from nbarank.core.params import expanded, seasons_of_role_test
from nbarank.dvc.outputs import SUMMARY_FILE


@dataclass(frozen=True)
class Objective:
    """One figure to improve.

    Parameters
    ----------
    name
        Its name on the command line and its key in metrics/summary.json.
    direction
        Which way is better.
    metric, target
        Its rows in metrics/scorecard.csv, from which the interval over seasons is made.
    meaning
        One sentence for the reader of a report.
    """

    name: str
    direction: Literal["maximize", "minimize"]
    metric: str
    target: str
    meaning: str

    @property
    def sign(self) -> int:
        """Return 1 where more is better, -1 where less is."""
        return 1 if self.direction == "maximize" else -1


OBJECTIVES: dict[str, Objective] = {
    objective.name: objective
    for objective in (
        Objective(
            "spearman",
            "maximize",
            "spearman",
            "final_rank",
            "rank correlation with the final standings",
        ),
        Objective("ndcg4", "maximize", "ndcg4", "playoff_outcome", "are the best four on top"),
        Objective(
            "ndcg16",
            "maximize",
            "ndcg16",
            "playoff_outcome",
            "are the sixteen playoff teams on top",
        ),
        Objective("ndcg20", "maximize", "ndcg20", "playoff_outcome", "are the best twenty on top"),
        Objective(
            "playoff_spearman",
            "maximize",
            "spearman",
            "playoff_outcome",
            "rank correlation with the playoff outcome",
        ),
        Objective(
            "rank_rmse", "minimize", "rank_rmse", "final_rank", "places by which a rank is off"
        ),
        Objective(
            "title_logloss", "minimize", "title_logloss", "title", "surprise at the champion"
        ),
        Objective(
            "game_brier", "minimize", "game_brier", "games", "squared error of single games' odds"
        ),
    )
}


def objective_named(name: str) -> Objective:
    """Return an objective by name.

    Raises
    ------
    SweepError
        If it is not known, or names the test seasons.
    """
    if name.lower().startswith("test"):
        raise SweepError(
            f"'{name}' is scored on test seasons, and a sweep must not see them.",
            where="--objective",
            allowed=", ".join(OBJECTIVES),
            next_command="nbarank sweep run SPACE --objective spearman   (`dvc repro evaluate` "
            "scores the test seasons, once, when the parameters are locked)",
        )
    if name not in OBJECTIVES:
        raise SweepError(
            f"'{name}' is not an objective.",
            where="--objective",
            allowed=", ".join(OBJECTIVES),
            next_command="nbarank sweep run SPACE --objective spearman",
        )
    return OBJECTIVES[name]


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
        If the summary does not hold it, or holds something that is not finite.
    """
    values = objective_values(summary)
    if objective.name not in values or not math.isfinite(values[objective.name]):
        raise SweepError(
            f"{SUMMARY_FILE} holds no finite '{objective.name}'.",
            where=SUMMARY_FILE,
            allowed=", ".join(values) or "none of the objectives is there",
            next_command="dvc repro evaluate",
        )
    return values[objective.name]


def refuse_test_seasons(values: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    """Refuse swept or fixed values that would turn a test season into a scored one.

    Parameters
    ----------
    values
        Every dotted key that a trial may set, with the values it may take.
    params
        Content of params.yaml; `seasons.test` lists the seasons that must stay unseen.

    Raises
    ------
    SweepError
        If a key touches the test seasons, or a value names one of its seasons.
    """
    test = set(seasons_of_role_test(params))
    for key, value in values.items():
        named = test & set(_leaves(value))
        if key == "seasons.test" or named:
            raise SweepError(
                f"'{key}' would let the sweep see test seasons"
                f"{': ' + ', '.join(sorted(named)) if named else ''}.",
                where=key,
                allowed="seasons whose role is train or validation",
                next_command="take the test seasons out of the space, the profile or --set",
            )


def _leaves(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    found = expanded(value) if isinstance(value, str) else value
    return list(found) if isinstance(found, tuple) else [str(value)]
