"""Against the truth: how near each ranker comes to the simulated league's true strength."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.metrics import kendall, ranked_lists, spearman
from nbarank.evaluation.scorecard import LIST_KEY, tidy

TARGET = "true_strength"


def truth_scores(scores: pd.DataFrame, truth: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Score what rankers say of strength against true strength on the same day.

    Parameters
    ----------
    scores
        season, as_of, team_id, ranker, score.
    truth
        Table truth/strength of a simulated league.
    days
        Checkpoints, from `checkpoint_days`; only seasons among them are scored.

    Returns
    -------
    pandas.DataFrame
        Tidy rows of target 'true_strength': truth_spearman, truth_kendall (players who are
        available) and talent_spearman (everybody healthy).

    Raises
    ------
    EvaluationError
        If a scored day has no truth, or a ranker lacks a team.
    """
    rows = scores.merge(days, on=["season", "as_of"]).assign(target=TARGET)
    rows = rows.merge(truth, on=["season", "as_of", "team_id"], how="left")
    if rows["strength"].isna().any():
        raise EvaluationError(
            "A scored day has no true strength.",
            where=str(rows.loc[rows["strength"].isna(), LIST_KEY].head(3).to_dict("records")),
            allowed="every team on every checkpoint in truth/strength",
            next_command="dvc repro collect",
        )
    wide = rows.pivot(index=LIST_KEY, columns="team_id", values=["score", "strength", "talent"])
    present = wide["score"].notna().to_numpy()
    teams = present.sum(axis=1)
    values = {
        name: np.where(present, wide[name].to_numpy(dtype=np.float64), np.nan)
        for name in ("score", "strength", "talent")
    }
    keys = wide.index.to_frame(index=False)
    most = keys.assign(teams=teams).groupby("season")["teams"].transform("max").to_numpy()
    if (teams != most).any():
        raise EvaluationError(
            "A ranker lacks teams of a season.",
            where=str(keys[teams != most].head(3).to_dict("records")),
            allowed="every team of the season",
            next_command="dvc repro",
        )
    by_strength = ranked_lists(values["score"], -values["strength"], present)
    by_talent = ranked_lists(values["score"], -values["talent"], present)
    return tidy(
        keys,
        {
            "truth_spearman": spearman(by_strength),
            "truth_kendall": kendall(by_strength),
            "talent_spearman": spearman(by_talent),
        },
    )
