"""Players that a team's score depends on: attention, minutes and attributions side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.schemas.columns import KEY

SHOWN = ("player_name", "offence", "defence")
"""Columns of features/rosters shown with a contributor."""


def contributors_of(
    attention: pd.DataFrame, players: pd.DataFrame, members: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows of explain/contributors; no attention weights for a team on the fallback.

    Parameters
    ----------
    attention
        From `DeepSetRanker.attend`.
    players
        In the layout of explain/players.
    members
        Rows of features/rosters: season, as_of, team_id, player_id and `SHOWN`.
    """
    by = [*KEY, "player_id"]
    rows = attention[[*by, "weight", "minutes_share", "contributors_are_fallback"]]
    rows = rows.merge(players[[*by, "total"]], on=by, validate="one_to_one")
    rows = rows.merge(members[[*by, *SHOWN]], on=by, validate="one_to_one")
    whole = rows["total"].abs().groupby([rows[name] for name in KEY]).transform("sum")
    share = np.divide(rows["total"], whole, out=np.zeros(len(rows)), where=whole.to_numpy() > 0)
    return rows.assign(
        attention_weight=rows["weight"].clip(0.0, 1.0),
        integrated_gradients_share=share,
        points=rows["total"],
        contributors_are_fallback=rows["contributors_are_fallback"].astype(bool),
    ).drop(columns=["weight", "total"])


def entropy(contributors: pd.DataFrame, column: str) -> float:
    """Return the mean over teams of the entropy of shares, relative to equal shares."""
    known = contributors[contributors[column].notna()]
    groups = [known[name] for name in KEY]
    shares = known[column] / known[column].groupby(groups).transform("sum")
    terms = np.where(shares > 0, -shares * np.log(np.where(shares > 0, shares, 1.0)), 0.0)
    sums = pd.Series(terms, index=known.index).groupby(groups).agg(["sum", "size"])
    several = sums[sums["size"] > 1]
    if several.empty:
        return 0.0
    return float((several["sum"] / np.log(several["size"])).mean())


def leader_has_most_minutes(contributors: pd.DataFrame) -> float:
    """Return the share of teams whose most attended player also has the most minutes."""
    known = contributors[contributors["attention_weight"].notna()]
    if known.empty:
        return 0.0
    groups = [known[name] for name in KEY]

    def best(column: str) -> NDArray[np.int64]:
        return known[column].groupby(groups).idxmax().to_numpy()

    return float(np.mean(best("attention_weight") == best("minutes_share")))
