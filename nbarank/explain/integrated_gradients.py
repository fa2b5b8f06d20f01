"""Integrated gradients of the Deep Set: contribution of each player's statistics to the score.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML 2017, by captum. The
path runs from a team of average players with equal minutes and average team inputs (means of the
training fold, which scale to zero) to the actual team. Minutes are one more input of a player,
because the pooling weighs by them. Embeddings are not on the path: the average players keep those
of the actual players.

Completeness (attributions sum to the difference in score) is checked for every team.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from nbarank.explain.score_function import Score, described, explained_score
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.deepset.rosters import Rosters
from nbarank.rankers.training.contract import RankerInputs
from nbarank.schemas.columns import KEY
from nbarank.schemas.explain import GRADIENT

Floats = NDArray[np.float64]
MINUTES = "share_of_minutes"
BATCH = 8192
"""Points of paths that pass through the network at a time."""


@dataclass(frozen=True)
class Attributions:
    """Attributions of the scores of some teams.

    Parameters
    ----------
    players, teams
        In the layout of explain/players and explain/teams.
    relative_error
        [teams]: size of `missed` relative to the SD of the scores.
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
    """Attribute a fitted Deep Set's scores to players, statistics and team inputs.

    Parameters
    ----------
    ranker
        Fitted; out of fold: the model of the fold that scores these rows.
    inputs
        As for `predict`; with rosters.
    score
        'margin' or 'rank'; see `explained_score`.
    steps
        Points of the path (Gauss-Legendre).
    tolerance
        Teams whose attributions miss their score by more than this share of the SD of scores are
        recomputed with four times the points.
    """
    score = explained_score(ranker, score)
    function, seen = Score(ranker, score), described(ranker, inputs)
    rosters, base = seen.rosters, _baseline(seen.rosters)
    with torch.no_grad():
        predicted = function.of(rosters).double()
        start = function.of(base).double()
    sd = float(predicted.std()) or 1.0

    parts = _attribute(function, rosters, base, steps)
    missed = predicted - start - _totals(parts)
    again = torch.nonzero(missed.abs() > tolerance * sd).flatten()
    if len(again):
        finer = _attribute(function, rosters.rows(again), base.rows(again), 4 * steps)
        for part, better in zip(parts, finer, strict=True):
            part[again] = better
        missed = predicted - start - _totals(parts)

    stats, minutes, team = (part.numpy() for part in parts)
    assert ranker.player_scaler and ranker.team_scaler
    row, place = seen.slots["row"].to_numpy(), seen.slots["place"].to_numpy()
    of_player = np.column_stack([stats[row, place], minutes[row, place]])
    keys = seen.slots[[*KEY, "player_id"]].assign(score=score, total=of_player.sum(axis=1))
    players = _with_gradients(keys, of_player, (*ranker.player_scaler.columns, MINUTES))
    keys = seen.teams.assign(
        score=score,
        baseline=start.numpy(),
        predicted=predicted.numpy(),
        players=stats.sum(axis=(1, 2)) + minutes.sum(axis=1),
        missed=missed.numpy(),
    )
    teams = _with_gradients(keys, team, ranker.team_scaler.columns)
    return Attributions(players, teams, np.abs(missed.numpy()) / sd)


def _with_gradients(keys: pd.DataFrame, values: Floats, inputs: tuple[str, ...]) -> pd.DataFrame:
    names = [GRADIENT + name for name in inputs]
    return pd.concat([keys, pd.DataFrame(values, columns=names)], axis=1)


def _baseline(rosters: Rosters) -> Rosters:
    """Return the same rosters with average players of equal minutes and average team inputs."""
    present = rosters.mask.to(rosters.minutes.dtype)
    total = (rosters.minutes.clamp_min(0.0) * present).sum(dim=1, keepdim=True)
    return rosters._replace(
        stats=torch.zeros_like(rosters.stats),
        minutes=present * total / present.sum(dim=1, keepdim=True).clamp_min(1.0),
        team=torch.zeros_like(rosters.team),
    )


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
