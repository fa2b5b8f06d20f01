"""What is lost without a player: the most attended one against an average other one.

An attention weight is no explanation by itself (Jain and Wallace, "Attention is not explanation",
NAACL 2019); it is one only as far as removing whom it names changes the score more than removing
somebody else. Every player of a team is removed in turn, so the comparison with a random player is
an expectation, not a draw. Removed means an empty slot: the others share his minutes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from nbarank.explain.deepset import Score, described, explained_score
from nbarank.rankers.deepset.network import Rosters
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import RankerInputs
from nbarank.schemas.columns import KEY

Floats = NDArray[np.float64]


def without_players(
    ranker: DeepSetRanker, inputs: RankerInputs, contributors: pd.DataFrame, score: str
) -> pd.DataFrame:
    """Score teams without one player each.

    Parameters
    ----------
    ranker
        Fitted.
    inputs
        As given to `predict`; rosters needed.
    contributors
        season, as_of, team_id, player_id, attention_weight, minutes_share, points: whom the
        removals choose by. Teams on the fallback (weights missing) or with fewer than two players
        are left out.
    score
        'margin' or 'rank'.

    Returns
    -------
    pandas.DataFrame
        In the layout of explain/ablation: four rows a team and date.
    """
    score = explained_score(ranker, score)
    function, seen = Score(ranker, score), described(ranker, inputs)
    changes = _changes(function, seen.rosters)
    slots = seen.slots.merge(contributors, on=[*KEY, "player_id"], validate="one_to_one")
    slots["change"] = changes[slots["row"].to_numpy(), slots["place"].to_numpy()]
    slots = slots[slots["attention_weight"].notna()]
    slots = slots[slots.groupby("row")["place"].transform("size") > 1]
    slots = slots.assign(size=slots["change"].abs(), strength=slots["points"].abs())

    parts = []
    for removed, by in (
        ("most attended", "attention_weight"),
        ("most minutes", "minutes_share"),
        ("largest attribution", "strength"),
    ):
        # ties go to the player in the earlier slot
        first = slots.sort_values(["row", by, "place"], ascending=[True, False, True])
        parts.append(first.drop_duplicates("row").assign(removed=removed))
    leaders = parts[0].index
    others = slots.drop(index=leaders).groupby("row")[["change", "size"]].mean().reset_index()
    keys = parts[0][["row", *KEY]]
    parts.append(keys.merge(others, on="row").assign(removed="average other"))
    columns = [*KEY, "removed", "change", "size"]
    return pd.concat([part[columns] for part in parts], ignore_index=True).assign(score=score)


@torch.no_grad()
def _changes(function: Score, rosters: Rosters) -> Floats:
    """Return [teams, places]: score without the player minus score with him; 0 in empty places."""

    def scores(mask: torch.Tensor) -> torch.Tensor:
        arguments = (rosters.stats, rosters.minutes, rosters.team, rosters.buckets, mask)
        values: torch.Tensor = function(*arguments)
        return values.double()

    whole = scores(rosters.mask)
    changes = torch.zeros(rosters.mask.shape, dtype=torch.double)
    for place in range(rosters.mask.shape[1]):
        without = rosters.mask.clone()
        without[:, place] = False
        there = rosters.mask[:, place]
        changes[:, place] = torch.where(there, scores(without) - whole, 0.0)
    return np.asarray(changes.numpy())
