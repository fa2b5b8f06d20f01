"""How sure the ensemble may be of a team: agreement of models, their own spreads, restless ranks.

Confidence is told beside a ranking and changes nothing in it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbarank.ensemble.inputs import KEY
from nbarank.errors import RankerError
from nbarank.ordering import ranks_from_scores

DAY = ["season", "as_of"]
CHANGES = 4
"""Changes of rank that volatility looks back on: about a month of weekly dates."""


def ranks_of(scores: pd.DataFrame, column: str) -> pd.Series[float]:
    """Return ranks within each date, 1 for the strongest, ties averaged; index as `scores`."""
    groups = scores.groupby(DAY)[column]
    return groups.transform(lambda values: ranks_from_scores(values.to_numpy(dtype=float)))


def confidence(oof: Mapping[str, pd.DataFrame], strength: pd.DataFrame) -> pd.DataFrame:
    """Return what speaks for and against the place of each team.

    Parameters
    ----------
    oof
        Tables oof/* by model, at least two; rows of `strength` must be in all of them.
    strength
        Table ensemble/strength.

    Returns
    -------
    pandas.DataFrame
        In the layout of table ensemble/confidence, one row a row of `strength`:

        - rank_sd: SD over the models of a team's rank by rank_score (population SD), places;
          0 = all agree;
        - model_sd: the models' own spreads of the margin score (MC dropout, members, trees)
          as root mean square, points. A forest's is that of single trees, hence large;
        - between_sd: SD over the models of their margin scores, each centred within its date,
          points;
        - total_sd: root of model_sd^2 + between_sd^2, the spread of the equal mixture of the
          models (law of total variance), points;
        - rank: place by strength;
        - rank_volatility: places moved a week, up and down alike, over the last `CHANGES` steps
          between dates of the season (a checkpoint may lie between two weekly dates, hence a
          week, not a step); 0 on the season's first date.

        Nothing later than a row's own date is read.

    Raises
    ------
    RankerError
        If there are fewer than two models, or a model has not scored a row of `strength`.
    """
    if len(oof) < 2:
        raise RankerError(
            "Agreement needs two models.",
            where=f"given: {', '.join(oof) or 'none'}",
            allowed="out-of-fold scores of two base models or more",
            next_command="dvc repro oof_deepset oof_xgb oof_rf",
        )
    rows = strength[[*KEY, "strength"]].sort_values(KEY, ignore_index=True)
    ranks, margins, spreads = [], [], []
    for model, scores in oof.items():
        centre = scores.groupby(DAY)["margin_score"].transform("mean")
        mine = scores[KEY].assign(
            rank=ranks_of(scores, "rank_score"),
            margin=scores["margin_score"] - centre,
            spread=scores["margin_score_sd"],
        )
        found = rows[KEY].merge(mine, on=KEY, how="left", validate="one_to_one")
        if found["rank"].isna().any():
            missing = found[found["rank"].isna()]
            raise RankerError(
                f"{model} has not scored {len(missing)} row(s) that have a strength.",
                where=str(missing[KEY].head(3).to_dict("records")),
                allowed="out-of-fold scores of every stacked team and date",
                next_command=f"dvc repro oof_{model}",
            )
        ranks.append(found["rank"].to_numpy(dtype=float))
        margins.append(found["margin"].to_numpy(dtype=float))
        spreads.append(found["spread"].to_numpy(dtype=float))
    within = np.sqrt(np.mean(np.square(spreads), axis=0))
    between = np.std(margins, axis=0)
    rows["rank"] = ranks_of(rows, "strength")
    return rows[KEY].assign(
        rank_sd=np.std(ranks, axis=0),
        model_sd=within,
        between_sd=between,
        total_sd=np.hypot(within, between),
        rank=rows["rank"],
        rank_volatility=_volatility(rows),
    )


def _volatility(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the places moved a week over the latest dates; rows are sorted by key."""
    ordered = rows.sort_values(["season", "team_id", "as_of"])
    teams = ordered.groupby(["season", "team_id"])
    steps = pd.DataFrame(
        {
            "moved": teams["rank"].diff().abs(),
            "days": teams["as_of"].diff().dt.days.astype("float64"),
        }
    )
    keys = [ordered["season"], ordered["team_id"]]
    recent = steps.groupby(keys).rolling(CHANGES, min_periods=1).sum()
    recent.index = recent.index.get_level_values(-1)
    weekly = 7.0 * recent["moved"] / recent["days"]
    return weekly.fillna(0.0).reindex(rows.index)
