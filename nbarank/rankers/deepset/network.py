"""The network: players share one encoder, are pooled by attention, and scored with team inputs.

Zaheer et al., "Deep sets", NeurIPS 2017: a function of a set is a function of the pooled encoding
of its members. Player order and empty slots have no effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from nbarank.rankers.deepset.attention import Attention, MeanPooling, PlayerAttention
from nbarank.rankers.deepset.params import ModelAParams
from nbarank.rankers.deepset.rosters import Rosters


@dataclass(frozen=True)
class Output:
    """Scores [teams, 2] (rank, scaled margin), and the attention behind them."""

    scores: Tensor
    attention: Attention

    def rows(self, index: Tensor) -> Output:
        """Return some teams."""
        return Output(self.scores[index], self.attention.rows(index))


class Dropout(nn.Module):
    """Dropout with draws from `random`, see `DeepSetNetwork.draw_from`."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.random = np.random.default_rng(0)

    def forward(self, values: Tensor) -> Tensor:
        """Drop units while training; otherwise return the values unchanged."""
        if self.rate == 0.0 or not self.training:
            return values
        kept = torch.from_numpy(self.random.random(values.shape, np.float32) >= self.rate)
        return values * kept.to(values.device, values.dtype).div_(1.0 - self.rate)


def _perceptron(inputs: int, hidden: int, outputs: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.GELU(),
        Dropout(dropout),
        nn.Linear(hidden, outputs),
    )


class DeepSetNetwork(nn.Module):
    """Encoder, pooling and scorer.

    Both perceptrons have a parallel linear path, so that the network can express a weighted sum of
    player values, the best simple model, directly.

    Parameters
    ----------
    params
        Section `model_a`.
    player_features, team_features
        Number of columns of `Rosters.stats` and `Rosters.team`.
    """

    def __init__(self, params: ModelAParams, player_features: int, team_features: int) -> None:
        super().__init__()
        width = params.hidden_width
        self.embedding, inputs = None, player_features
        if params.embedding_buckets:
            self.embedding = nn.Embedding(params.embedding_buckets, params.embedding_width)
            inputs += params.embedding_width
        self.encoder = _perceptron(inputs, width, width, params.dropout)
        self.encoder_linear = nn.Linear(inputs, width, bias=False)
        attends = params.pooling == "attention"
        self.pooling = PlayerAttention(params) if attends else MeanPooling(params)
        self.scorer = _perceptron(width + team_features, width, 2, params.dropout)
        self.scorer_linear = nn.Linear(width + team_features, 2)

    def forward(self, rosters: Rosters) -> Output:
        """Score a batch of teams; the scores are always finite.

        A player with a statistic that is not finite contributes nothing, and his team's weights
        come from the fallback. A team without players is scored from its team inputs alone.
        """
        finite = torch.isfinite(rosters.stats.sum(dim=2))  # NaN and infinity survive a sum
        present = rosters.mask & finite
        invalid = (rosters.mask & ~finite).any(dim=1)
        stats = rosters.stats.masked_fill(~present.unsqueeze(2), 0.0)
        # a roster with invalid players only keeps its mask, with zeros for statistics
        mask = torch.where(present.any(dim=1, keepdim=True), present, rosters.mask)
        if self.embedding is not None:
            stats = torch.cat([stats, self.embedding(rosters.buckets)], dim=2)
        players = self.encoder(stats) + self.encoder_linear(stats)
        attention = self.pooling(players, rosters.minutes, mask, invalid)
        team = torch.nan_to_num(rosters.team, 0.0, 0.0, 0.0)
        joint = torch.cat([attention.pooled, team.to(attention.pooled.dtype)], dim=1)
        return Output(self.scorer(joint) + self.scorer_linear(joint), attention)

    @torch.no_grad()
    def initialise(self, random: np.random.Generator) -> None:
        """Draw the parameters from torch's default distributions with numpy's generator.

        torch's own normal draws depend on the processor.
        """
        for module in self.modules():
            if isinstance(module, nn.Linear):
                bound = 1.0 / math.sqrt(module.in_features)
                normalised: Any = None
                if parametrize.is_parametrized(module):
                    normalised = module.parametrizations["weight"]  # type: ignore[index]
                weight = normalised.original if normalised else module.weight
                for values in (weight, module.bias):
                    if values is not None:
                        values.copy_(torch.from_numpy(random.uniform(-bound, bound, values.shape)))
                if normalised:
                    normalised[0].restart(weight)
            elif isinstance(module, nn.Embedding):
                module.weight.copy_(torch.from_numpy(random.normal(0.0, 0.1, module.weight.shape)))
            elif isinstance(module, PlayerAttention) and module.query is None:
                drawn = random.normal(size=module.learned_query.shape)
                module.learned_query.copy_(torch.from_numpy(drawn / math.sqrt(module.head_width)))

    def draw_from(self, random: np.random.Generator) -> None:
        """Take the draws of dropout from a generator."""
        for module in self.modules():
            if isinstance(module, Dropout):
                module.random = random
