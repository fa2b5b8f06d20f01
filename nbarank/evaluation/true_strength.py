"""Scorecard rows of the simulated league's true strength."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.rank_metrics import kendall, ranked_lists, spearman
from nbarank.evaluation.scorecard import LIST_KEY, ranked, tidy
from nbarank.schemas.columns import KEY

TARGET = "true_strength"


def true_strength_rows(
    scores: pd.DataFrame, truth: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Score rankers' measures of strength against true strength on the same day.

    Parameters
    ----------
    scores
        From `strength_scores`.
    truth
        Table truth/strength.
    days
        From `checkpoint_days`; only their seasons are scored.

    Returns
    -------
    pandas.DataFrame
        Tidy rows of target 'true_strength': truth_spearman, truth_kendall (available players) and
        talent_spearman (all players healthy).

    Raises
    ------
    EvaluationError
        If a scored day has no true strength, or a ranker misses a team.
    """
    rows = ranked(scores.merge(days, on=["season", "as_of"]).assign(target=TARGET))
    rows = rows.merge(truth, on=KEY, how="left")
    if rows["strength"].isna().any():
        raise EvaluationError(
            "A scored day has no true strength.",
            where=str(rows.loc[rows["strength"].isna(), LIST_KEY].head(3).to_dict("records")),
            allowed="every team on every checkpoint in truth/strength",
            next_command="dvc repro collect",
        )
    columns = ["score", "strength", "talent"]
    wide = rows.pivot(index=LIST_KEY, columns="team_id", values=columns)
    present = wide["score"].notna().to_numpy()
    teams = present.sum(axis=1)
    keys = wide.index.to_frame(index=False)
    most = keys.assign(teams=teams).groupby("season")["teams"].transform("max").to_numpy()
    if (teams != most).any():
        raise EvaluationError(
            "A ranker misses teams of a season.",
            where=str(keys[teams != most].head(3).to_dict("records")),
            allowed="every team of the season",
            next_command="dvc repro",
        )
    score, strength, talent = (wide[name].to_numpy(dtype=np.float64) for name in columns)
    by_strength = ranked_lists(score, -strength, present)
    return tidy(
        keys,
        {
            "truth_spearman": spearman(by_strength),
            "truth_kendall": kendall(by_strength),
            "talent_spearman": spearman(ranked_lists(score, -talent, present)),
        },
    )
