"""Scores of probabilities: Brier score (1950) and log-loss of games, title and events."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import EvaluationError

Floats = NDArray[np.float64]
SMALLEST = 1e-6
"""Minimum distance from 0 and 1 in the log-loss: events that no simulation saw are possible."""


def checked(probability: Floats, what: str) -> Floats:
    """Return probabilities as float64.

    Raises
    ------
    EvaluationError
        If a value is missing or outside 0 to 1.
    """
    values = np.asarray(probability, dtype=np.float64)
    wrong = ~((values >= 0.0) & (values <= 1.0))
    if wrong.any():
        raise EvaluationError(
            f"{int(wrong.sum())} value(s) of {what} are not probabilities.",
            where=f"first: {values[wrong].ravel()[0]!r}",
            allowed="numbers from 0 to 1",
        )
    return values


def brier(probability: Floats, happened: NDArray[np.bool_]) -> Floats:
    """Return the squared error of each probability; 0 is perfect, 0.25 a coin."""
    return np.asarray((checked(probability, "probability") - happened) ** 2)


def log_loss(probability: Floats, happened: NDArray[np.bool_]) -> Floats:
    """Return minus the natural log of the probability of what happened; 0.693 is a coin."""
    given = np.clip(checked(probability, "probability"), SMALLEST, 1.0 - SMALLEST)
    return np.asarray(-np.log(np.where(happened, given, 1.0 - given)))


def event_scores(
    odds: pd.DataFrame, keys: list[str], probability: str, happened: str, name: str
) -> pd.DataFrame:
    """Return mean Brier score and log-loss of one event a row, for example a home win.

    Parameters
    ----------
    odds
        One row an event: the key columns and those named by `probability` and `happened`.
    keys
        Columns that make a group, for example season, checkpoint and ranker.
    probability, happened
        Names of columns.
    name
        Of the event.

    Returns
    -------
    pandas.DataFrame
        keys, {name}_brier, {name}_logloss; one row a group.
    """
    given = odds[probability].to_numpy(dtype=float)
    came = odds[happened].to_numpy(dtype=bool)
    rows = odds[keys].assign(
        **{f"{name}_brier": brier(given, came), f"{name}_logloss": log_loss(given, came)}
    )
    return rows.groupby(keys).mean().reset_index()


def title_scores(odds: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return scores of title odds, one row a list of teams.

    Parameters
    ----------
    odds
        One row a team: the key columns, `title_probability` (sums to one in each list) and
        `champion`.
    keys
        Columns that make a list: season, checkpoint, ranker.

    Returns
    -------
    pandas.DataFrame
        keys, title_logloss (minus log of the champion's probability), title_brier (sum over teams
        of squared errors; 0 to 2), champion_rank (rank of the champion by title odds, ties
        averaged).

    Raises
    ------
    EvaluationError
        If a list does not have exactly one champion, or its odds do not sum to one.
    """
    rows = odds[keys].assign(
        probability=checked(odds["title_probability"].to_numpy(), "title_probability"),
        champion=odds["champion"].to_numpy(dtype=bool),
    )
    groups = rows.groupby(keys)
    champions, total = groups["champion"].sum(), groups["probability"].sum()
    wrong = (champions != 1) | ((total - 1).abs() > 1e-6)
    if wrong.any():
        raise EvaluationError(
            f"{int(wrong.sum())} list(s) of title odds do not add up to one, or do not have "
            "exactly one champion.",
            where=f"first: {wrong[wrong].index[0]}",
            allowed="odds of all teams of a season that has ended",
            next_command="dvc repro forecast outcomes",
        )
    rows = rows.assign(
        champion_rank=groups["probability"].rank(ascending=False, method="average"),
        title_brier=brier(rows["probability"].to_numpy(), rows["champion"].to_numpy()),
        title_logloss=log_loss(rows["probability"].to_numpy(), rows["champion"].to_numpy()),
    )
    of_champion = rows[rows["champion"]].set_index(keys)[["title_logloss", "champion_rank"]]
    return of_champion.join(rows.groupby(keys)["title_brier"].sum()).reset_index()
