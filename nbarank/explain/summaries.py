"""Summaries of the explanations: sizes of attributions, and the ablation with intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbarank.core.season_intervals import season_intervals
from nbarank.schemas.explain import (
    ABLATION,
    GRADIENT,
    PLAYER_GRADIENTS,
    REMOVALS,
    SHAP_VALUES,
    TEAM_GRADIENTS,
)


def shap_sizes(whole: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the mean absolute SHAP value by model and feature, largest first within a model."""
    shap = whole[SHAP_VALUES.name].assign(size=lambda frame: frame["shap"].abs())
    means = shap.groupby(["model", "feature"])["size"].mean().reset_index()
    return means.sort_values(["model", "size"], ascending=[True, False])


def gradient_sizes(whole: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return size and `spread` of the integrated gradients by input, largest spread first.

    `spread` is the SD between teams of the same day: an input that moves all teams alike (is_new in
    autumn) has a size but no spread, and changes no ranking.
    """
    gradients = []
    for table, source in ((PLAYER_GRADIENTS, "player"), (TEAM_GRADIENTS, "team")):
        frame = whole[table.name]
        columns = [name for name in map(str, frame.columns) if name.startswith(GRADIENT)]
        # a statistic's part of a team's score is its sum over the players
        sums = frame.groupby(["season", "as_of", "team_id"])[columns].sum()
        within = sums - sums.groupby(level=["season", "as_of"]).transform("mean")
        sizes = pd.DataFrame({"size": sums.abs().mean(), "spread": within.std()})
        sizes = sizes.rename_axis("input").reset_index().assign(of=source)
        sizes["input"] = sizes["input"].str.removeprefix(GRADIENT)
        gradients.append(sizes)
    ranked = pd.concat(gradients, ignore_index=True)[["of", "input", "size", "spread"]]
    return ranked.sort_values("spread", ascending=False)


def ablation_intervals(whole: Mapping[str, pd.DataFrame], interval: float) -> pd.DataFrame:
    """Return the mean size of the change by removal, and its lead over an average player's.

    Parameters
    ----------
    whole
        Table name to rows, from `explain_seasons`.
    interval
        `evaluation.interval`.
    """
    table = whole[ABLATION.name].pivot_table(index="season", columns="removed", values="size")
    table = table.reindex(columns=list(REMOVALS))
    lead = table.sub(table["average other"], axis=0).drop(columns="average other")
    values = np.column_stack([table.to_numpy(), lead.to_numpy()])
    found = season_intervals(values, interval)
    measures = ["size"] * table.shape[1] + ["lead over average other"] * lead.shape[1]
    return pd.DataFrame(
        {
            "measure": measures,
            "removed": [*table.columns, *lead.columns],
            "mean": found.mean,
            "low": found.low,
            "high": found.high,
            "share_positive": found.share_positive,
            "seasons": found.seasons,
        }
    )
