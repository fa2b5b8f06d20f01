"""Tests of differences in the log-loss of single games (Diebold & Mariano, 1995)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtr

from nbarank.core.season_intervals import holm
from nbarank.evaluation.probability_metrics import log_loss

LAGS = 4
"""Snapshots (weeks) over which differences are correlated: a strength that is off stays off."""


def diebold_mariano(difference: pd.Series[float], snapshot: pd.Series[str]) -> tuple[float, float]:
    """Return statistic and two-sided p-value of a mean difference of zero.

    Differences are summed by snapshot, in time order, with a Newey-West variance over `LAGS` and
    the correction of Harvey, Leybourne & Newbold (1997) in its t distribution.
    """
    centred = (difference - difference.mean()).groupby(snapshot.to_numpy()).sum().to_numpy()
    n = len(centred)
    if n < 2:
        return float("nan"), float("nan")
    lags = min(LAGS, n - 1)
    variance = float(centred @ centred)
    for lag in range(1, lags + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1)) * float(centred[lag:] @ centred[:-lag])
    horizon = lags + 1
    small = np.sqrt(max(n + 1 - 2 * horizon + horizon * (horizon - 1) / n, 1.0) / n)
    statistic = small * float(difference.sum()) / np.sqrt(variance) if variance > 0 else np.nan
    return float(statistic), float(2.0 * stdtr(n - 1, -abs(statistic)))


def game_tests(games: pd.DataFrame, ranker: str) -> pd.DataFrame:
    """Compare a ranker's log-loss with every other's on the games that both predict.

    Parameters
    ----------
    games
        game_id, season, as_of, ranker, home_win_probability, home_won.

    Returns
    -------
    pandas.DataFrame
        ranker, baseline, games, difference (below zero favours `ranker`), statistic, p, p_holm
        (adjusted for all rows).
    """
    chance = games["home_win_probability"].to_numpy(float)
    loss = games.assign(loss=log_loss(chance, games["home_won"].to_numpy(bool)))
    wide = loss.pivot(index=["as_of", "game_id"], columns="ranker", values="loss").sort_index()
    rows = []
    for baseline in wide.columns.drop(ranker):
        both = (wide[ranker] - wide[baseline]).dropna()
        snapshots = both.index.get_level_values("as_of").to_series()
        statistic, p = diebold_mariano(both, snapshots)
        rows.append([ranker, baseline, len(both), float(both.mean()), statistic, p])
    columns = ["ranker", "baseline", "games", "difference", "statistic", "p"]
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(p_holm=holm(found["p"]))
