"""A fitted Deep Set as a plain function of tensors, which gradients and removals can ask."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor, nn

from nbarank.core.errors import RankerError
from nbarank.rankers.deepset.batches import roster_tensors
from nbarank.rankers.deepset.network import MARGIN, RANK, Rosters
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import SLOT_KEY, RankerInputs
from nbarank.schemas.columns import KEY


def explained_score(ranker: DeepSetRanker, wanted: str) -> str:
    """Return 'margin' or 'rank': what is wanted, or rank where no margin was learnt."""
    training = ranker.training
    learnt = training.loss == "margin" or training.margin_weight > 0
    return wanted if learnt else "rank"


class Score(nn.Module):
    """One score of a fitted Deep Set, in its unit, members averaged: what `predict` gives.

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
            raise RankerError("The Deep Set was asked for an explanation before it was fitted.")
        self.networks = nn.ModuleList(ranker.networks).eval()
        by_margin = score == "margin" or ranker.training.loss == "margin"
        self.output = MARGIN if by_margin else RANK
        self.unit = ranker.margin_scale if by_margin else 1.0

    def forward(
        self, stats: Tensor, minutes: Tensor, team: Tensor, buckets: Tensor, mask: Tensor
    ) -> Tensor:
        """Return [teams] scores; the arguments are the fields of `Rosters`."""
        rosters = Rosters(stats, minutes, buckets, mask, team)
        scores = [network(rosters).scores[:, self.output] for network in self.networks]
        return torch.stack(scores).mean(dim=0) * self.unit


@dataclass(frozen=True)
class Described:
    """Teams as a fitted Deep Set sees them, and who is who.

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


def described(ranker: DeepSetRanker, inputs: RankerInputs) -> Described:
    """Scale teams and rosters as the ranker does, keeping track of the players."""
    if inputs.rosters is None or ranker.player_scaler is None or ranker.team_scaler is None:
        raise RankerError(
            "The Deep Set cannot be explained without rosters and a fitted model.",
            next_command="dvc repro oof_deepset",
        )
    teams = inputs.teams.sort_values(list(KEY), kind="stable").reset_index(drop=True)
    players = inputs.rosters.sort_values(list(SLOT_KEY), kind="stable").reset_index(drop=True)
    index = pd.MultiIndex.from_frame(teams[list(KEY)])
    row = index.get_indexer(pd.MultiIndex.from_frame(players[list(KEY)]))
    slots = players.loc[row >= 0, [*SLOT_KEY, "player_id"]].reset_index(drop=True)
    slots["row"] = row[row >= 0]
    slots["place"] = slots.groupby("row").cumcount()
    rosters = roster_tensors(
        teams,
        players,
        ranker.player_scaler,
        ranker.team_scaler,
        ranker.model.minutes_column,
        ranker.model.embedding_buckets,
    )
    return Described(rosters, teams[list(KEY)], slots)
