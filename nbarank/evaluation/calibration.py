"""Do probabilities mean what they say? Games, rounds and the title, by one table and one diagram.

Every kind of probability is judged on out-of-fold forecasts of the same seasons, the two Platt
variants and the Monte Carlo on the very same games.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.games import brier, log_loss, reliability

Events = tuple[NDArray[np.float64], NDArray[np.bool_]]
ROUNDS = {
    "playoffs": 0,
    "second_round": 1,
    "conference_final": 2,
    "final": 3,
    "title": 4,
}
"""Columns of forecast/teams and how many series a team must have won for each."""


def game_events(calibrated: pd.DataFrame, forecast: pd.DataFrame) -> dict[str, Events]:
    """Return the chances of home wins by each way of making them, on the games all of them know.

    Parameters
    ----------
    calibrated
        Table ensemble/games, of the seasons to judge.
    forecast
        Predicted games of the ensemble: game_id, home_win_probability.
    """
    both = calibrated.merge(forecast[["game_id", "home_win_probability"]], on="game_id")
    won = both["home_won"].to_numpy(dtype=bool)
    return {
        "games, Platt on the stack": (both["stacked"].to_numpy(dtype=float), won),
        "games, Platt per model": (both["per_model"].to_numpy(dtype=float), won),
        "games, Monte Carlo": (both["home_win_probability"].to_numpy(dtype=float), won),
    }


def round_events(forecast: pd.DataFrame, outcomes: pd.DataFrame) -> dict[str, Events]:
    """Return the chances of reaching each round, one event a team and date.

    Parameters
    ----------
    forecast
        Table forecast/teams, of the seasons and dates to judge.
    outcomes
        Table league/outcomes.
    """
    rows = forecast.merge(
        outcomes[["season", "team_id", "made_playoffs", "rounds_won"]], on=["season", "team_id"]
    )
    reached = rows["rounds_won"].where(rows["made_playoffs"], -1).to_numpy()
    return {
        f"teams, {name.replace('_', ' ')}": (rows[name].to_numpy(dtype=float), reached >= won)
        for name, won in ROUNDS.items()
    }


def calibration(events: Mapping[str, Events], bins: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge kinds of probabilities.

    Parameters
    ----------
    events
        Name to probabilities and what happened, [events] each.
    bins
        Bins of equal width of the reliability diagram.

    Returns
    -------
    table, diagram
        One row a kind: what, events, brier, log_loss, ece (expected calibration error). One row a
        kind and bin that holds something: what, bin, low, high, count, predicted, observed.

    Raises
    ------
    EvaluationError
        If a kind has no event.
    """
    if not events:
        raise EvaluationError("No probabilities to judge.", allowed="at least one kind")
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
            }
        )
    return pd.DataFrame(rows), pd.concat(diagrams, ignore_index=True)


def calibration_text(table: pd.DataFrame) -> list[str]:
    """Return the table as Markdown lines with a heading."""
    lines = [
        "",
        "## Do the probabilities mean what they say?",
        "",
        "Validation seasons; rounds at all checkpoints. ECE is the mean distance between what was said "
        "and what happened, over bins. The two Platt variants and the Monte Carlo on the same "
        "games; `calibration.method` chooses the variant that makes the strengths.",
        "",
        "| | events | Brier | log-loss | ECE |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in table.itertuples():
        lines.append(
            f"| {row.what} | {row.events} | {row.brier:.4f} | {row.log_loss:.4f} | {row.ece:.4f} |"
        )
    return lines
