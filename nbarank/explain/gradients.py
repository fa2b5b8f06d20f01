"""Integrated gradients of the Deep Set: what each player's each statistic adds to a team's score.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML 2017, by captum. The
path runs from a team of average players, all with the same minutes, and average team inputs (the
means of the training fold, which scale to zero) to the team as it is. Minutes count as one more
input of a player, because the pooling weighs by them. An embedding is no number on a path: where
there is one, the average players keep the embeddings of the players they stand for.

Completeness (attributions add up to the difference in score) is checked for every team.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from nbarank.explain.deepset import Score, described, explained_score
from nbarank.rankers.deepset.network import Rosters
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import RankerInputs
from nbarank.schemas.columns import KEY
from nbarank.schemas.explain import GRADIENT

Floats = NDArray[np.float64]
MINUTES = "share_of_minutes"
BATCH = 8192
"""Points of paths that go through the network at a time."""


@dataclass(frozen=True)
class Attributions:
    """What the scores of some teams are made of.

    Parameters
    ----------
    players
        In the layout of explain/players.
    teams
        In the layout of explain/teams.
    relative_error
        [teams]: size of `missed` over the standard deviation of the scores.
    """

    players: pd.DataFrame
    teams: pd.DataFrame
    relative_error: Floats


def integrated_gradients(
    ranker: DeepSetRanker,
    inputs: RankerInputs,
    score: str,
    steps: int,
    tolerance: float,
) -> Attributions:
    """Attribute a fitted Deep Set's scores of teams to players, statistics and team inputs.

    Parameters
    ----------
    ranker
        Fitted; for an explanation out of fold, the model of the fold that scores these rows.
    inputs
        As given to `predict`; rosters needed.
    score
        'margin' or 'rank'; see `explained_score`.
    steps
        Points of the path (Gauss-Legendre).
    tolerance
        Teams whose attributions miss their score by more than this share of the standard
        deviation of scores are done again with four times the points.
    """
    score = explained_score(ranker, score)
    function, seen = Score(ranker, score), described(ranker, inputs)
    rosters, base = seen.rosters, _baseline(seen.rosters)
    with torch.no_grad():
        predicted = function(*_arguments(rosters)).double()
        start = function(*_arguments(base)).double()
    spread = float(predicted.std()) or 1.0

    parts = _attribute(function, rosters, base, steps)
    missed = predicted - start - _totals(parts)
    again = torch.nonzero(missed.abs() > tolerance * spread).flatten()
    if len(again):
        finer = _attribute(function, rosters.rows(again), base.rows(again), 4 * steps)
        for part, better in zip(parts, finer, strict=True):
            part[again] = better
        missed = predicted - start - _totals(parts)

    stats, minutes, team = (part.numpy() for part in parts)
    assert ranker.player_scaler and ranker.team_scaler
    row, place = seen.slots["row"].to_numpy(), seen.slots["place"].to_numpy()
    of_player = np.column_stack([stats[row, place], minutes[row, place]])
    names = [GRADIENT + name for name in (*ranker.player_scaler.columns, MINUTES)]
    players = pd.concat(
        [
            seen.slots[[*KEY, "player_id"]].assign(score=score, total=of_player.sum(axis=1)),
            pd.DataFrame(of_player, columns=names),
        ],
        axis=1,
    )
    teams = pd.concat(
        [
            seen.teams.assign(
                score=score,
                baseline=start.numpy(),
                predicted=predicted.numpy(),
                players=stats.sum(axis=(1, 2)) + minutes.sum(axis=1),
                missed=missed.numpy(),
            ),
            pd.DataFrame(team, columns=[GRADIENT + name for name in ranker.team_scaler.columns]),
        ],
        axis=1,
    )
    return Attributions(players, teams, np.abs(missed.numpy()) / spread)


def _baseline(rosters: Rosters) -> Rosters:
    """Return the same rosters with average players of equal minutes and average team inputs."""
    present = rosters.mask.to(rosters.minutes.dtype)
    total = (rosters.minutes.clamp_min(0.0) * present).sum(dim=1, keepdim=True)
    equal = present * total / present.sum(dim=1, keepdim=True).clamp_min(1.0)
    return Rosters(
        torch.zeros_like(rosters.stats),
        equal,
        rosters.buckets,
        rosters.mask,
        torch.zeros_like(rosters.team),
    )


def _arguments(rosters: Rosters) -> tuple[Tensor, ...]:
    return rosters.stats, rosters.minutes, rosters.team, rosters.buckets, rosters.mask


def _attribute(function: Score, rosters: Rosters, base: Rosters, steps: int) -> list[Tensor]:
    """Return attributions of statistics, minutes and team inputs, in double precision."""
    from captum.attr import IntegratedGradients

    parts = IntegratedGradients(function).attribute(
        inputs=(rosters.stats, rosters.minutes, rosters.team),
        baselines=(base.stats, base.minutes, base.team),
        additional_forward_args=(rosters.buckets, rosters.mask),
        n_steps=steps,
        internal_batch_size=BATCH,
    )
    return [part.detach().double() for part in parts]


def _totals(parts: list[Tensor]) -> Tensor:
    stats, minutes, team = parts
    return stats.sum(dim=(1, 2)) + minutes.sum(dim=1) + team.sum(dim=1)
