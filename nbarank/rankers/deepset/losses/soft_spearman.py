"""One minus Spearman's correlation, with soft ranks in place of ranks.

Spearman, 1904; made differentiable as in Qin, Liu and Li, 2010 (see `soft_rank`). Blondel et al.,
"Fast differentiable sorting and ranking", ICML 2020, is the other road to the same surrogate.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nbarank.rankers.deepset.losses.soft_rank import soft_ranks, true_ranks

TINY = 1e-6


def soft_spearman(
    scores: Tensor, targets: Tensor, mask: Tensor, temperature: float = 1.0
) -> Tensor:
    """Return 1 - correlation of soft and true ranks of each list, between 0 and 2.

    Parameters
    ----------
    scores, targets
        [lists, places], higher = stronger.
    mask
        [lists, places], true where a team stands.
    temperature
        See `soft_rank.soft_ranks`.

    Returns
    -------
    Tensor
        [lists]; 1 where all scores are equal, 0 for a list without two different targets.
    """
    count = mask.sum(dim=1, keepdim=True).clamp_min(1)
    soft, true = soft_ranks(scores, mask, temperature), true_ranks(targets, mask)
    soft = torch.where(mask, soft - soft.sum(dim=1, keepdim=True) / count, 0.0)
    true = torch.where(mask, true - true.sum(dim=1, keepdim=True) / count, 0.0)
    spread = true.square().sum(dim=1)
    # the small number keeps the gradient finite where all scores are equal
    scale = torch.sqrt((soft.square().sum(dim=1) + TINY) * spread.clamp_min(TINY))
    loss = 1.0 - (soft * true).sum(dim=1) / scale
    return torch.where(spread > 0, loss.clamp_min(0.0), torch.zeros_like(loss))
