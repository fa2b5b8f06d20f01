"""The network: players share one encoder, are pooled by attention, and scored with team inputs.

Zaheer et al., "Deep sets", NeurIPS 2017: a function of a set is a function of the pooled encoding
of its members. Player order and empty slots have no effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nbarank.rankers.deepset.attention import Attention, MeanPooling, PlayerAttention
from nbarank.rankers.deepset.params import ModelAParams
from nbarank.rankers.deepset.rosters import Rosters

RANK, MARGIN = 0, 1


@dataclass(frozen=True)
class Output:
    """Scores [teams, 2] (rank, scaled margin), and the attention behind them."""

    scores: Tensor
    attention: Attention


class SharedDropout(nn.Module):
    """Dropout that can also drop the same units for every row.

    In training each value has its own draw. With `shared`, one draw of units applies to the whole
    batch: one sampled network for all teams (Gal and Ghahramani, ICML 2016).
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.shared = False

    def forward(self, values: Tensor) -> Tensor:
        """Drop units while training or sampling; otherwise return the values unchanged."""
        if self.rate == 0.0 or not (self.training or self.shared):
            return values
        shape = values.shape[-1:] if self.shared else values.shape
        kept = torch.rand(shape, device=values.device) >= self.rate
        return values * kept.to(values.dtype) / (1.0 - self.rate)


def _perceptron(inputs: int, hidden: int, outputs: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.GELU(),
        SharedDropout(dropout),
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
            nn.init.normal_(self.embedding.weight, std=0.1)
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

    def share_draws(self, shared: bool) -> None:
        """Switch dropout between off and one draw of units per forward pass, for sampling."""
        for module in self.modules():
            if isinstance(module, SharedDropout):
                module.shared = shared
