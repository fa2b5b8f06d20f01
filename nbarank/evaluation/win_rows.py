"""Scorecard rows of projected wins: error of every team's final number of wins."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.evaluation.rankings import record_shares
from nbarank.evaluation.scorecard import LIST_KEY, tidy
from nbarank.schemas.columns import KEY

TARGET = "wins"


def win_rows(
    forecast: pd.DataFrame,
    scores: pd.DataFrame,
    ratings: pd.DataFrame,
    outcomes: pd.DataFrame,
    days: pd.DataFrame,
) -> pd.DataFrame:
    """Score projected wins at every checkpoint: the ensemble's, and those of other rankers.

    The ensemble's are the means of the Monte Carlo. Another ranker projects wins to date plus the
    remaining games times a share linear in its score, fitted on the same checkpoint of earlier
    seasons. record_elo and record_shrunk are projections themselves.

    Parameters
    ----------
    forecast, ratings, outcomes
        Tables forecast/teams, features/ratings and league/outcomes.
    scores
        From `strength_scores`, of the seasons to score and earlier ones.
    days
        From `checkpoint_days`, all ended seasons.

    Returns
    -------
    pandas.DataFrame
        Tidy rows of target 'wins' for the seasons of `forecast`: wins_mae and wins_rmse, in games.
    """
    ended = outcomes[["season", "team_id"]].assign(
        final=outcomes["wins"], games=outcomes["wins"] + outcomes["losses"]
    )
    grid = days.merge(ratings[[*KEY, "games_played", "wins"]], on=["season", "as_of"])
    grid = grid.merge(ended, on=["season", "team_id"])
    rows = grid.merge(scores[scores["ranker"] != "ensemble"], on=KEY)
    left = rows["games"] - rows["games_played"]
    rows["projected"] = rows["wins"] + left * _share_of_rest(rows, left)
    own = grid.merge(forecast[[*KEY, "projected_wins"]], on=KEY).assign(ranker="ensemble")
    own = own.rename(columns={"projected_wins": "projected"})
    for shares in record_shares(ratings, outcomes):
        records = grid.merge(shares, on=KEY)
        rows = pd.concat([rows, records.assign(projected=records["score"] * records["games"])])
    both = pd.concat([own, rows[rows["season"].isin(set(forecast["season"]))]])
    both = both.assign(target=TARGET, error=(both["projected"] - both["final"]).abs())
    both["square"] = both["error"] ** 2
    means = both.groupby(LIST_KEY)[["error", "square"]].mean()
    return tidy(
        means.index.to_frame(index=False),
        {
            "wins_mae": means["error"].to_numpy(),
            "wins_rmse": np.sqrt(means["square"].to_numpy()),
        },
    )


def _share_of_rest(rows: pd.DataFrame, left: pd.Series[float]) -> pd.Series[float]:
    """Return the expected share of wins in the remaining games, by a line of earlier seasons."""
    x, y = rows["score"], ((rows["final"] - rows["wins"]) / left.where(left > 0)).fillna(0.5)
    groups = ["ranker", "checkpoint", "season"]
    terms = rows[groups].assign(n=1.0, x=x, y=y, xx=x * x, xy=x * y)
    of_season = terms.groupby(groups).sum()
    past = of_season.groupby(groups[:2]).cumsum() - of_season
    means = past.div(past["n"].where(past["n"] > 0), axis=0)
    variance = means["xx"] - means["x"] ** 2
    # Equal scores (standings before the first game) have a variance of rounding error only.
    sloped = variance > 1e-9 * means["xx"]
    slope = ((means["xy"] - means["x"] * means["y"]) / variance.where(sloped)).fillna(0.0)
    line = pd.DataFrame({"slope": slope, "level": means["y"] - slope * means["x"]})
    own = rows[groups].join(line, on=groups)
    return (own["level"] + own["slope"] * x).clip(0.0, 1.0)
