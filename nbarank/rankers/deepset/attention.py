"""Attention over the players of a team: one weight per player, always finite, summing to one.

Scaled dot-product attention with several heads (Vaswani et al., 2017) from one query per team, as
in the pooling by attention of the Set Transformer (Lee et al., ICML 2019). Three additions:

- **Minutes bias**: the weights are blended with the players' shares of minutes.
- **Fallback**: a roster whose raw attention is zero, not finite or below the collapse threshold
  gets its shares of minutes (or equal shares) as weights, and is marked.
- **σReparam** (optional): projections are divided by their largest singular value, which bounds
  the logits (Zhai et al., "Stabilizing transformer training by preventing attention entropy
  collapse", arXiv:2303.06296).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from nbarank.rankers.deepset.params import ModelAParams
from nbarank.rankers.deepset.scoring import LOGIT_BOUND, TEMPERATURE_BOUNDS


@dataclass(frozen=True)
class Attention:
    """Result of pooling a batch of rosters.

    Parameters
    ----------
    pooled
        [teams, width]: the weighted sum of the players' values, Z.
    weights
        [teams, players]: final weights, mean over heads; 0 in empty slots, summing to 1.
    raw
        [teams, heads, players]: attention before minutes and fallback; may contain NaN.
    fallback
        [teams], true if the weights come from the fallback.
    """

    pooled: Tensor
    weights: Tensor
    raw: Tensor
    fallback: Tensor

    def rows(self, index: Tensor) -> Attention:
        """Return some teams."""
        parts = self.pooled, self.weights, self.raw, self.fallback
        return Attention(*(part[index] for part in parts))


class SpectralNormalised(nn.Module):
    """Parametrisation W -> γ W / σ(W): γ learned, σ by one power iteration per training step."""

    vector: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(()))
        self.register_buffer("vector", torch.empty(len(weight)))
        self.restart(weight)

    @torch.no_grad()
    def restart(self, weight: Tensor) -> None:
        """Start the power iteration at a matrix's first singular vector, its sum positive."""
        start = torch.linalg.svd(weight, full_matrices=False).U[:, 0]
        self.vector.copy_(start * start.sum().sign())

    def forward(self, weight: Tensor) -> Tensor:
        """Return the normalised matrix."""
        with torch.no_grad():
            right = nn.functional.normalize(weight.t().mv(self.vector), dim=0)
            left = nn.functional.normalize(weight.mv(right), dim=0)
            if self.training:
                self.vector.copy_(left)
        sigma = torch.dot(left, weight.mv(right))
        return self.gain * weight / sigma.clamp_min(1e-6)


def equal_shares(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """Return equal shares of a roster's players: [teams, players]; 0 for an empty roster."""
    present = mask.to(dtype)
    return present / present.sum(dim=1, keepdim=True).clamp_min(1.0)


def share_of_minutes(
    minutes: Tensor, mask: Tensor, minutes_sum_min: float
) -> tuple[Tensor, Tensor]:
    """Return each player's share of the roster's minutes, and whether minutes are meaningful.

    Parameters
    ----------
    minutes
        [teams, players]; negative or non-finite counts as 0.
    mask
        [teams, players], true for a player.
    minutes_sum_min
        A roster with fewer minutes in total has no meaningful minutes, and equal shares.

    Returns
    -------
    tuple[Tensor, Tensor]
        Shares [teams, players] (0 for an empty roster) and [teams], true if meaningful.
    """
    usable = mask & torch.isfinite(minutes) & (minutes > 0)
    clean = torch.where(usable, minutes, 0.0)
    total = clean.sum(dim=1, keepdim=True)
    meaningful = total > minutes_sum_min
    equal = equal_shares(mask, minutes.dtype)
    shares = torch.where(meaningful, clean / torch.where(meaningful, total, 1.0), equal)
    return shares, meaningful.squeeze(1)


def with_fallback(
    logits: Tensor, mask: Tensor, replacement: Tensor, invalid: Tensor, threshold: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Turn logits into weights; if that fails, use the replacement and keep the gradient.

    Parameters
    ----------
    logits
        [teams, heads, players]; may contain NaN or infinities.
    mask, replacement
        [teams, players]: true for a player; weights of the fallback, summing to 1.
    invalid
        [teams], true if a player's statistics are not finite.
    threshold
        Raw attention on a roster's players below this sum, in any head, counts as collapsed.

    Returns
    -------
    tuple[Tensor, Tensor, Tensor]
        Weights [teams, heads, players], raw attention of the same shape, fallback [teams].
    """
    valid = mask.unsqueeze(1)
    bounded = torch.nan_to_num(logits, 0.0, LOGIT_BOUND, -LOGIT_BOUND)
    bounded = bounded.clamp(-LOGIT_BOUND, LOGIT_BOUND).masked_fill(~valid, -1e30)
    clean = torch.softmax(bounded, dim=2) * valid
    with torch.no_grad():
        finite = torch.isfinite(logits.masked_fill(~valid, 0.0).sum(dim=2))
        finite &= ~invalid.unsqueeze(1)
        sound = finite & (clean.sum(dim=2) > threshold)
        fallback = ~sound.all(dim=1) & mask.any(dim=1)
        raw = clean.masked_fill(~finite.unsqueeze(2) & valid, torch.nan)
    # Straight-through: the value is the replacement's, the gradient that of the cleaned softmax,
    # so the projections can recover.
    replaced = replacement.unsqueeze(1) + (clean - clean.detach())
    return torch.where(fallback[:, None, None], replaced, clean), raw, fallback


class PlayerAttention(nn.Module):
    """Pool encoded players into one team vector; see section `model_a`.

    With `query: mean` the query is projected from the mean of the team's players; with `learned`
    one learned query serves all teams.
    """

    def __init__(self, params: ModelAParams) -> None:
        super().__init__()
        width = params.hidden_width
        self.params = params
        self.heads, self.head_width = params.attention_heads, width // params.attention_heads
        self.key = nn.Linear(width, width, bias=False)
        self.query = nn.Linear(width, width) if params.query == "mean" else None
        self.value = nn.Linear(width, width)
        if self.query is None:
            self.learned_query = nn.Parameter(torch.randn(width) / math.sqrt(self.head_width))
        if params.learnable_temperature:
            self.log_temperature = nn.Parameter(torch.zeros(self.heads))
        else:
            self.register_buffer("log_temperature", torch.zeros(self.heads))
        if params.sigma_reparam:
            for linear in (self.key, self.query, self.value):
                if linear is not None:
                    normalised = SpectralNormalised(linear.weight)
                    parametrize.register_parametrization(linear, "weight", normalised)

    def forward(self, players: Tensor, minutes: Tensor, mask: Tensor, invalid: Tensor) -> Attention:
        """Pool encoded players [teams, players, width], which are finite in empty slots too.

        minutes, mask (true for a player): [teams, players]; invalid: [teams], true if a player's
        statistics are not finite.
        """
        width = players.shape[2]
        # A key is only multiplied by its team's one query, and values are only summed, so both
        # projections are applied to the team instead of to every player.
        per_head = (self.heads, self.head_width, width)
        asked = torch.einsum(
            "thd,hdw->thw", self._queries(players, mask), self.key.weight.view(per_head)
        )
        logits = torch.matmul(asked, players.transpose(1, 2))
        temperature = self.log_temperature.exp().clamp(*TEMPERATURE_BOUNDS)
        logits = logits / (math.sqrt(self.head_width) * temperature.view(1, -1, 1))

        shares, meaningful = share_of_minutes(minutes, mask, self.params.minutes_sum_min)
        weights, raw, fallback = with_fallback(
            logits.to(shares.dtype), mask, shares, invalid, self.params.collapse_threshold
        )
        blend = (self.params.minutes_bias_weight * meaningful)[:, None, None]
        weights = (1.0 - blend) * weights + blend * shares.unsqueeze(1)
        summed = torch.matmul(weights.to(players.dtype), players)
        pooled = torch.einsum("thw,hdw->thd", summed, self.value.weight.view(per_head))
        pooled = pooled.reshape(-1, width) + self.value.bias * mask.any(dim=1, keepdim=True)
        return Attention(pooled, weights.mean(dim=1), raw, fallback)

    def _queries(self, players: Tensor, mask: Tensor) -> Tensor:
        """Return one query per team and head: [teams, heads, head width]."""
        if self.query is None:
            one = self.learned_query.view(1, self.heads, self.head_width)
            return one.expand(len(players), -1, -1).to(players.dtype)
        present = mask.unsqueeze(2).to(players.dtype)
        mean = (players * present).sum(dim=1) / present.sum(dim=1).clamp_min(1.0)
        queries: Tensor = self.query(mean)
        return queries.view(-1, self.heads, self.head_width)


class MeanPooling(nn.Module):
    """Pooling without attention, for comparison: equal shares, blended with minutes."""

    def __init__(self, params: ModelAParams) -> None:
        super().__init__()
        self.params = params
        self.value = nn.Linear(params.hidden_width, params.hidden_width)

    def forward(self, players: Tensor, minutes: Tensor, mask: Tensor, invalid: Tensor) -> Attention:
        """Pool a batch of rosters; see `PlayerAttention.forward`."""
        equal = equal_shares(mask, players.dtype)
        shares, meaningful = share_of_minutes(minutes, mask, self.params.minutes_sum_min)
        blend = (self.params.minutes_bias_weight * meaningful).unsqueeze(1)
        weights = (1.0 - blend) * equal + blend * shares
        summed = torch.einsum("ts,tsd->td", weights.to(players.dtype), players)
        pooled = self.value(summed)
        return Attention(pooled, weights, equal.unsqueeze(1), torch.zeros_like(invalid))
