"""How good probabilities are: of single games, of the title, of making the playoffs.

Brier (1950) score and log-loss; expected calibration error and reliability diagrams over bins of
equal width (Naeini, Cooper & Hauskrecht, 2015).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import EvaluationError

Floats = NDArray[np.float64]
SMALLEST = 1e-6
"""Probabilities are kept this far from 0 and 1 in the log-loss: a Monte Carlo that never saw an
event in ten thousand seasons has not shown it to be impossible."""


def checked(probability: Floats, what: str) -> Floats:
    """Return probabilities, refused by name where one is missing or outside 0 to 1.

    Raises
    ------
    EvaluationError
        If a value is not a probability.
    """
    values = np.asarray(probability, dtype=np.float64)
    wrong = ~((values >= 0.0) & (values <= 1.0))
    if wrong.any():
        raise EvaluationError(
            f"{int(wrong.sum())} value(s) of {what} are no probabilities.",
            where=f"first: {values[wrong].ravel()[0]!r}",
            allowed="numbers from 0 to 1",
        )
    return values


def brier(probability: Floats, happened: NDArray[np.bool_]) -> Floats:
    """Return the squared error of each probability; 0 is perfect, 0.25 a coin."""
    return np.asarray((checked(probability, "probability") - happened) ** 2)


def log_loss(probability: Floats, happened: NDArray[np.bool_]) -> Floats:
    """Return minus the natural log of the probability given to what happened; 0.693 is a coin."""
    given = np.clip(checked(probability, "probability"), SMALLEST, 1.0 - SMALLEST)
    return np.asarray(-np.log(np.where(happened, given, 1.0 - given)))


def game_scores(games: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return mean scores of predicted games by group.

    Parameters
    ----------
    games
        One row a predicted game: the key columns, `home_win_probability` and `home_won`.
    keys
        Columns that make a group, for example season, checkpoint and ranker.

    Returns
    -------
    pandas.DataFrame
        keys, game_brier, game_logloss, games; one row a group.
    """
    probability = games["home_win_probability"].to_numpy(dtype=float)
    won = games["home_won"].to_numpy(dtype=bool)
    rows = games[keys].assign(
        game_brier=brier(probability, won), game_logloss=log_loss(probability, won), games=1.0
    )
    groups = rows.groupby(keys)
    scores = groups[["game_brier", "game_logloss"]].mean()
    return scores.assign(games=groups["games"].sum()).reset_index()


def title_scores(odds: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return how well the champion was foreseen, one row a list of teams.

    Parameters
    ----------
    odds
        One row a team: the key columns, `title_probability` (they add up to one in each list) and
        `champion`.
    keys
        Columns that make a list: season, checkpoint, ranker.

    Returns
    -------
    pandas.DataFrame
        keys, title_logloss (minus log of the champion's probability), title_brier (sum over teams
        of squared errors; 0 to 2), champion_rank (place of the champion by title odds, ties
        averaged).

    Raises
    ------
    EvaluationError
        If a list has not exactly one champion, or its odds do not add up to one.
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
            f"{int(wrong.sum())} list(s) of title odds do not add up to one, or have not exactly "
            "one champion.",
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


def event_scores(
    odds: pd.DataFrame, keys: list[str], probability: str, happened: str, name: str
) -> pd.DataFrame:
    """Return Brier score and log-loss of one event a team, for example making the playoffs.

    Returns
    -------
    pandas.DataFrame
        keys, {name}_brier, {name}_logloss: means over teams.
    """
    given = odds[probability].to_numpy(dtype=float)
    came = odds[happened].to_numpy(dtype=bool)
    rows = odds[keys].assign(
        **{f"{name}_brier": brier(given, came), f"{name}_logloss": log_loss(given, came)}
    )
    return rows.groupby(keys).mean().reset_index()


def reliability(
    probability: Floats, happened: NDArray[np.bool_], bins: int
) -> tuple[pd.DataFrame, float]:
    """Return the reliability diagram and the expected calibration error.

    Parameters
    ----------
    probability, happened
        [events].
    bins
        Number of bins of equal width.

    Returns
    -------
    pandas.DataFrame
        bin, low, high, count, predicted (mean probability), observed (share that happened); bins
        that hold nothing are left out.
    float
        Mean of |predicted - observed| over bins, weighted by count.

    Raises
    ------
    EvaluationError
        If there is no event.
    """
    if len(probability) == 0:
        raise EvaluationError("No event to judge probabilities by.", allowed="at least one event")
    values = checked(probability, "probability")
    place = np.minimum((values * bins).astype(int), bins - 1)
    rows = pd.DataFrame({"bin": place, "predicted": values, "observed": happened.astype(float)})
    groups = rows.groupby("bin")
    diagram = groups.mean().assign(count=groups.size()).reset_index()
    diagram["low"], diagram["high"] = diagram["bin"] / bins, (diagram["bin"] + 1) / bins
    gap = (diagram["predicted"] - diagram["observed"]).abs()
    ece = float((gap * diagram["count"]).sum() / len(values))
    return diagram[["bin", "low", "high", "count", "predicted", "observed"]], ece
