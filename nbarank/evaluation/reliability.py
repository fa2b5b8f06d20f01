"""Calibration of probabilities: reliability diagrams, expected calibration error, their events.

Bins of equal width (Naeini, Cooper & Hauskrecht, 2015); the Brier score's decomposition needs no
bins (CORP: Dimitriadis, Gneiting & Jordan, 2021). Every kind of probability is scored on
out-of-fold forecasts of the same seasons, the Platt variants and the Monte Carlo on the same games.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.probability_metrics import Floats, brier, checked, log_loss
from nbarank.schemas.columns import KEY

Events = tuple[Floats, NDArray[np.bool_]]
"""Probabilities and what happened, [events] each."""
MONTE_CARLO_GAMES = "games, Monte Carlo"
SERIES_TO_WIN = {"playoffs": 0, "second_round": 1, "conference_final": 2, "final": 3, "title": 4}
"""Columns of forecast/teams and the number of series that a team must have won for each."""


def game_events(calibrated: pd.DataFrame, forecast: pd.DataFrame) -> dict[str, Events]:
    """Return probabilities of home wins by each method, on the games that all of them have.

    Parameters
    ----------
    calibrated
        Rows of ensemble/games to score.
    forecast
        Games predicted by the ensemble: game_id, home_win_probability.
    """
    both = calibrated.merge(forecast[["game_id", "home_win_probability"]], on="game_id")
    columns = {
        "games, Platt on the stack": "stacked",
        "games, Platt per model": "per_model",
        MONTE_CARLO_GAMES: "home_win_probability",
    }
    return {name: _events(both, column, both["home_won"]) for name, column in columns.items()}


def team_events(
    forecast: pd.DataFrame, classified: pd.DataFrame, outcomes: pd.DataFrame
) -> dict[str, Events]:
    """Return probabilities of each round, and the classifier's of the playoffs, on the same rows.

    Parameters
    ----------
    forecast
        Rows of forecast/teams to score.
    classified, outcomes
        Tables playoffs/classifier and league/outcomes.
    """
    ends = outcomes[["season", "team_id", "made_playoffs", "rounds_won"]]
    rows = forecast.merge(ends, on=["season", "team_id"])
    reached = rows["rounds_won"].where(rows["made_playoffs"], -1)
    events = {
        f"teams, {name.replace('_', ' ')}": _events(rows, name, reached >= won)
        for name, won in SERIES_TO_WIN.items()
    }
    rows = rows[[*KEY, "made_playoffs"]].merge(classified)
    return events | {
        "teams, playoffs by classifier": _events(rows, "probability", rows["made_playoffs"])
    }


def _events(rows: pd.DataFrame, column: str, happened: pd.Series[bool]) -> Events:
    return rows[column].to_numpy(dtype=float), happened.to_numpy(dtype=bool)


def calibration(events: Mapping[str, Events], bins: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score kinds of probabilities.

    Returns
    -------
    table, diagram
        One row a kind: what, events, brier, log_loss, ece (expected calibration error), and the
        parts of `decomposition`. One row a kind and non-empty bin: what, bin, low, high, count,
        predicted, observed.

    Raises
    ------
    EvaluationError
        If there is no kind, or a kind has no event.
    """
    if not events:
        raise EvaluationError("No probabilities to score.", allowed="at least one kind")
    rows, diagrams = [], []
    for what, (probability, happened) in events.items():
        diagram, error = reliability(probability, happened, bins)
        diagram.insert(0, "what", what)
        diagrams.append(diagram)
        rows.append(
            {
                "what": what,
                "events": len(probability),
                "brier": float(brier(probability, happened).mean()),
                "log_loss": float(log_loss(probability, happened).mean()),
                "ece": error,
                **decomposition(probability, happened),
            }
        )
    return pd.DataFrame(rows), pd.concat(diagrams, ignore_index=True)


def decomposition(probability: Floats, happened: NDArray[np.bool_]) -> dict[str, float]:
    """Return reliability (0 is best), resolution (higher is better), uncertainty of a Brier score.

    Brier = reliability - resolution + uncertainty. The isotonic regression of what happened on the
    probabilities is the best recalibration; uncertainty is the Brier score of the base rate.
    """
    came = happened.astype(np.float64)
    fitted = IsotonicRegression(y_min=0.0, y_max=1.0).fit_transform(probability, came)
    recalibrated = float(((fitted - came) ** 2).mean())
    uncertainty = float(came.mean() * (1.0 - came.mean()))
    return {
        "reliability": float(brier(probability, happened).mean()) - recalibrated,
        "resolution": uncertainty - recalibrated,
        "uncertainty": uncertainty,
    }


def reliability(
    probability: Floats, happened: NDArray[np.bool_], bins: int
) -> tuple[pd.DataFrame, float]:
    """Return the reliability diagram and the expected calibration error.

    Returns
    -------
    pandas.DataFrame
        bin, low, high, count, predicted (mean probability), observed (share that happened) of the
        non-empty bins.
    float
        Mean of |predicted - observed| over bins, weighted by count.

    Raises
    ------
    EvaluationError
        If there is no event.
    """
    if len(probability) == 0:
        raise EvaluationError("No event to score probabilities on.", allowed="at least one event")
    values = checked(probability, "probability")
    place = np.minimum((values * bins).astype(int), bins - 1)
    rows = pd.DataFrame({"bin": place, "predicted": values, "observed": happened.astype(float)})
    groups = rows.groupby("bin")
    diagram = groups.mean().assign(count=groups.size()).reset_index()
    diagram["low"], diagram["high"] = diagram["bin"] / bins, (diagram["bin"] + 1) / bins
    gap = (diagram["predicted"] - diagram["observed"]).abs()
    ece = float((gap * diagram["count"]).sum() / len(values))
    return diagram[["bin", "low", "high", "count", "predicted", "observed"]], ece
