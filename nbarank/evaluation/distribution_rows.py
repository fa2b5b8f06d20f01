"""Scorecard rows of forecast distributions: wins, final places, rounds; next to base rates."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from nbarank.evaluation.distribution_metrics import (
    Floats,
    Whole,
    central_width,
    pit_bounds,
    ranked_probability,
    share_between,
)
from nbarank.evaluation.probability_metrics import brier, log_loss
from nbarank.evaluation.reliability import SERIES_TO_WIN
from nbarank.evaluation.scorecard import LIST_KEY, tidy

INTERVAL = 0.8
"""Share of the central interval of wins that is scored."""
PIT_BINS = 10
CLIMATOLOGY = "climatology"
"""Ranker that forecasts the frequencies of earlier seasons, or equal chances, on every day."""


def distribution_rows(
    forecast: pd.DataFrame, outcomes: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Score the distributions of the Monte Carlo and of `CLIMATOLOGY`, means over teams.

    Parameters
    ----------
    forecast
        Table forecast/teams.
    outcomes
        Table league/outcomes; seasons before a scored one make its climatology of wins.
    days
        From `checkpoint_days`, of the scored seasons.

    Returns
    -------
    pandas.DataFrame
        Tidy rows: target 'wins' (wins_crps, wins_coverage, wins_width), target 'final_rank'
        (rank_rps, conference_rps: 0 to 1), target 'rounds' (rounds_brier, rounds_logloss: means
        over the five rounds).
    """
    rows = forecast_with_outcomes(forecast, outcomes, days)
    wins, final = _matrix(rows, "wins_p"), rows["final_wins"].to_numpy(np.int64)
    teams = rows.groupby(LIST_KEY)["team_id"].transform("size").to_numpy(np.int64)
    members = [*LIST_KEY, "conference"]
    inside = rows.groupby(members)["team_id"].transform("size").to_numpy(np.int64)
    places = [
        ("rank", _matrix(rows, "final_rank_p"), rows["final_rank_true"], teams),
        ("conference", _matrix(rows, "conference_rank_p"), rows["conference_rank"], inside),
    ]
    reached = rows["rounds_won"].where(rows["made_playoffs"], -1).to_numpy(np.int64)
    happened = reached[:, None] >= np.array(list(SERIES_TO_WIN.values()))
    chances = rows[list(SERIES_TO_WIN)].to_numpy(float)
    base = pd.DataFrame(happened).groupby(rows["season"].to_numpy()).transform("mean").to_numpy()
    usual = _usual_wins(outcomes, rows)
    parts = []
    for ranker, of_wins, of_rounds in (("ensemble", wins, chances), (CLIMATOLOGY, usual, base)):
        own = ranker == "ensemble"
        low, high = pit_bounds(of_wins, final)
        tail = (1.0 - INTERVAL) / 2
        scored = {
            "wins": {
                "wins_crps": ranked_probability(of_wins, final),
                "wins_coverage": share_between(low, high, tail, 1.0 - tail),
                "wins_width": central_width(of_wins, INTERVAL),
            },
            "final_rank": {
                f"{name}_rps": ranked_probability(
                    share if own else _uniform(share.shape, size), true.to_numpy(np.int64) - 1
                )
                / (size - 1)
                for name, share, true, size in places
            },
            "rounds": {
                "rounds_brier": brier(of_rounds, happened).mean(axis=1),
                "rounds_logloss": log_loss(of_rounds, happened).mean(axis=1),
            },
        }
        for target, values in scored.items():
            keys = rows[LIST_KEY].assign(target=target, ranker=ranker)
            means = keys.assign(**values).groupby(LIST_KEY)[list(values)].mean()
            columns = {name: means[name].to_numpy(float) for name in values}
            parts.append(tidy(means.index.to_frame(index=False), columns))
    return pd.concat(parts, ignore_index=True)


def forecast_with_outcomes(
    forecast: pd.DataFrame, outcomes: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return forecast/teams on `days` with what happened, and columns of a scorecard list."""
    names = ["season", "team_id", "conference", "conference_rank", "made_playoffs", "rounds_won"]
    ends = outcomes[names].assign(
        final_wins=outcomes["wins"], final_rank_true=outcomes["final_rank"]
    )
    rows = days.merge(forecast, on=["season", "as_of"]).merge(ends, on=["season", "team_id"])
    return rows.assign(target="wins", ranker="ensemble")


def pit_histogram(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the PIT of final wins from `forecast_with_outcomes`: checkpoint, low, high, share."""
    bounds = pit_bounds(_matrix(rows, "wins_p"), rows["final_wins"].to_numpy(np.int64))
    edges = np.arange(PIT_BINS + 1) / PIT_BINS
    parts = [
        rows[["checkpoint"]].assign(low=low, high=high, share=share_between(*bounds, low, high))
        for low, high in pairwise(edges)
    ]
    keys = ["checkpoint", "low", "high"]
    return pd.concat(parts).groupby(keys)["share"].mean().reset_index()


def _matrix(rows: pd.DataFrame, prefix: str) -> Floats:
    columns = [name for name in map(str, rows.columns) if name.startswith(prefix)]
    return rows[columns].to_numpy(float)


def _uniform(shape: tuple[int, ...], sizes: Whole) -> Floats:
    """Return [n, values] equal chances of the first `sizes` values."""
    return np.where(np.arange(shape[1]) < sizes[:, None], 1.0 / sizes[:, None], 0.0)


def _usual_wins(outcomes: pd.DataFrame, rows: pd.DataFrame) -> Floats:
    """Return [n, wins] the distribution of shares of wins in earlier seasons, in games."""
    width = _matrix(rows, "wins_p").shape[1]
    games = outcomes["wins"] + outcomes["losses"]
    share, season = (outcomes["wins"] / games).to_numpy(), outcomes["season"].to_numpy(str)
    played = games.groupby([outcomes["season"], outcomes["team_id"]]).sum()
    own = played.loc[pd.MultiIndex.from_frame(rows[["season", "team_id"]])].to_numpy(np.int64)
    found = np.zeros((len(rows), width))
    labels = rows["season"].to_numpy(str)
    for label, n in sorted(set(zip(labels, own.tolist(), strict=True))):
        place = (labels == label) & (own == n)
        earlier = share[season < label]
        wins = np.floor(earlier * n + 0.5).astype(np.int64)
        found[place] = np.bincount(wins, minlength=width) / len(earlier)
    return found
