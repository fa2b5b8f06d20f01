"""A fitted Deep Set as a function of tensors, for gradients and removals."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor, nn

from nbarank.core.errors import RankerError
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.deepset.roster_arrays import placed_slots
from nbarank.rankers.deepset.rosters import Rosters
from nbarank.rankers.deepset.scoring import MARGIN, RANK
from nbarank.rankers.training.contract import SLOT_KEY, RankerInputs
from nbarank.schemas.columns import KEY


def explained_score(ranker: DeepSetRanker, wanted: str) -> str:
    """Return 'margin' or 'rank': the wanted score, or rank if the model has no margin score."""
    training = ranker.training
    return wanted if training.loss == "margin" or training.margin_weight > 0 else "rank"


class Score(nn.Module):
    """One score of a fitted Deep Set in its unit, mean over members, as `predict` returns it.

    Parameters
    ----------
    ranker
        Fitted.
    score
        'margin' (points) or 'rank'.
    """

    def __init__(self, ranker: DeepSetRanker, score: str) -> None:
        super().__init__()
        if not ranker.networks:
            raise RankerError("The Deep Set cannot be explained before it was fitted.")
        self.networks = nn.ModuleList(ranker.networks).eval()
        by_margin = score == "margin" or ranker.training.loss == "margin"
        self.output = MARGIN if by_margin else RANK
        self.unit = ranker.margin_scale if by_margin else 1.0

    def forward(
        self, stats: Tensor, minutes: Tensor, team: Tensor, buckets: Tensor, mask: Tensor
    ) -> Tensor:
        """Return [teams] scores; the arguments are the fields of `Rosters`."""
        return self.of(Rosters(stats, minutes, buckets, mask, team))

    def of(self, rosters: Rosters) -> Tensor:
        """Return [teams] scores."""
        scores = [network(rosters).scores[:, self.output] for network in self.networks]
        return torch.stack(scores).mean(dim=0) * self.unit


@dataclass(frozen=True)
class DescribedTensors:
    """Teams as a fitted Deep Set sees them, with the keys of rows and places.

    Parameters
    ----------
    rosters
        Scaled tensors.
    teams
        season, as_of, team_id: row number = row of the tensors.
    slots
        season, as_of, team_id, slot, player_id, `row` and `place` in the tensors.
    """

    rosters: Rosters
    teams: pd.DataFrame
    slots: pd.DataFrame


def described(ranker: DeepSetRanker, inputs: RankerInputs) -> DescribedTensors:
    """Scale teams and rosters as the ranker does."""
    inputs = ranker.ordered(inputs)
    rosters = ranker.tensors(inputs)
    assert inputs.rosters is not None
    slots = placed_slots(inputs.teams, inputs.rosters)
    return DescribedTensors(
        rosters, inputs.teams[KEY], slots[[*SLOT_KEY, "player_id", "row", "place"]]
    )
