"""Upsets: whether it was foretold which lower seeds would win their first series."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.evaluation.games import event_scores
from nbarank.evaluation.metrics import roc_auc
from nbarank.evaluation.scorecard import COLUMNS
from nbarank.league.rules import SEEDS

LIST = ["season", "checkpoint", "ranker"]
WHOLE_SEASON = 100
SIDES = ["favourite", "underdog"]


def upset_rows(
    forecast: pd.DataFrame, rankings: pd.DataFrame, outcomes: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return tidy rows of target 'series': the first round, foretold when the season has ended.

    The series that were played are known here and were not yet on that day where a play-in was
    still to come, so a chance is that of the lower seed beside the higher one's: with
    w = second_round / playoffs of each (a series won, given that it is played),
    w_underdog / (w_underdog + w_favourite).

    Parameters
    ----------
    forecast
        Table forecast/teams: the ensemble's chances.
    rankings
        Table evaluation/rankings of the target playoff_outcome: score, higher = stronger. A
        ranker expects an upset the more, the further its underdog stands above the favourite.
    outcomes
        Table league/outcomes: seeds and rounds won.
    days
        Checkpoints of the scored seasons.

    Returns
    -------
    pandas.DataFrame
        upset_auc of every ranker over a season's series (no row where none was an upset),
        upset_brier and upset_logloss of the ensemble. No rows for a league without seeds.
    """
    series = first_series(outcomes)
    last = days[days["checkpoint"] == WHOLE_SEASON]
    series = series.merge(last, on="season")
    if series.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    won = forecast.assign(
        score=forecast["second_round"] / forecast["playoffs"].where(forecast["playoffs"] > 0)
    )
    ours = _with_scores(series, won.assign(ranker="ensemble")).fillna({"underdog_score": 0.0})
    total = ours["underdog_score"] + ours["favourite_score"].fillna(0.0)
    ours["score"] = (ours["underdog_score"] / total.where(total > 0)).fillna(0.5)
    others = rankings[rankings["ranker"] != "ensemble"]
    others = _with_scores(series, others[others["target"] == "playoff_outcome"])
    others["score"] = others["underdog_score"] - others["favourite_score"]
    both = pd.concat([ours, others], ignore_index=True)
    wide = both.assign(number=both.groupby(LIST).cumcount()).pivot(
        index=LIST, columns="number", values=["score", "upset"]
    )
    scores, upset = wide["score"].to_numpy(dtype=float), wide["upset"].to_numpy() == 1
    area = wide.index.to_frame(index=False).assign(
        metric="upset_auc", value=roc_auc(scores, upset, np.isfinite(scores))
    )
    judged = event_scores(ours, LIST, "score", "upset", "upset").melt(LIST, var_name="metric")
    rows = pd.concat([area, judged]).dropna(subset="value").assign(target="series")
    return rows[list(COLUMNS)].reset_index(drop=True)


def first_series(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the first round: season, favourite, underdog (team ids), upset (the latter won).

    Seeds s and 9 - s of a conference meet. A conference without eight seeds has no first round.
    """
    seeded = outcomes[outcomes["seed"] > 0]
    seeded = seeded.assign(
        pair=np.minimum(seeded["seed"], SEEDS + 1 - seeded["seed"]),
        side=np.where(seeded["seed"] <= SEEDS // 2, *SIDES),
    )
    wide = seeded.pivot(
        index=["season", "conference", "pair"], columns="side", values=["team_id", "rounds_won"]
    )
    wide = wide.reindex(columns=pd.MultiIndex.from_product([["team_id", "rounds_won"], SIDES]))
    wide = wide.dropna()
    return pd.DataFrame(
        {
            "season": wide.index.get_level_values("season"),
            **{side: wide["team_id", side].to_numpy(dtype="int64") for side in SIDES},
            "upset": (wide["rounds_won", "underdog"] > 0).to_numpy(),
        }
    )


def _with_scores(series: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    """Return series with `favourite_score` and `underdog_score`, once for each ranker."""
    for side in SIDES:
        columns = scored[["season", "as_of", "ranker", "team_id", "score"]].rename(
            columns={"team_id": side, "score": f"{side}_score"}
        )
        keys = [name for name in columns if name in series]
        series = series.merge(columns, on=keys)
    return series
