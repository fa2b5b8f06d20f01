"""Change of a team's score without a player: the most attended one against an average other one.

An attention weight is not an explanation by itself (Jain and Wallace, "Attention is not
explanation", NAACL 2019); it is one only if removing the most attended player changes the score
more than removing another. Each player is removed in turn, so the comparison with a random player
is an expectation, not a draw. Removed means an empty slot: the others share his minutes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from nbarank.explain.score_function import Score, described, explained_score
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.deepset.rosters import Rosters
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
        As for `predict`; with rosters.
    contributors
        season, as_of, team_id, player_id, attention_weight, minutes_share, points. Teams on the
        fallback (weights missing) or with fewer than two players are left out.
    score
        'margin' or 'rank'.

    Returns
    -------
    pandas.DataFrame
        In the layout of explain/ablation: four rows per team and date.
    """
    score = explained_score(ranker, score)
    seen = described(ranker, inputs)
    changes = _changes(Score(ranker, score), seen.rosters)
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
    most_attended = parts[0]
    others = slots.drop(index=most_attended.index).groupby("row")[["change", "size"]].mean()
    others = most_attended[["row", *KEY]].merge(others.reset_index(), on="row")
    parts.append(others.assign(removed="average other"))
    columns = [*KEY, "removed", "change", "size"]
    return pd.concat([part[columns] for part in parts], ignore_index=True).assign(score=score)


@torch.no_grad()
def _changes(function: Score, rosters: Rosters) -> Floats:
    """Return [teams, places]: score without the player minus score with him; 0 in empty places."""
    whole = function.of(rosters).double()
    changes = torch.zeros(rosters.mask.shape, dtype=torch.double)
    for place in range(rosters.mask.shape[1]):
        mask = rosters.mask.clone()
        mask[:, place] = False
        without = function.of(rosters._replace(mask=mask)).double()
        changes[:, place] = torch.where(rosters.mask[:, place], without - whole, 0.0)
    return np.asarray(changes.numpy())
