"""Root mean square error of the soft rank: how many places a team is off.

Soft ranks as in Qin, Liu and Li, 2010 (see `soft_rank`); the error is the scorecard's own rank
RMSE, made differentiable.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nbarank.rankers.deepset.losses.soft_rank import soft_ranks, true_ranks

TINY = 1e-6


def rank_rmse(scores: Tensor, targets: Tensor, mask: Tensor, temperature: float = 1.0) -> Tensor:
    """Return the root mean square difference of soft and true ranks of each list, in places.

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
        [lists]; equal scores of n teams give sqrt((n² - 1) / 12); an empty list about 0.
    """
    count = mask.sum(dim=1).clamp_min(1)
    off = soft_ranks(scores, mask, temperature) - true_ranks(targets, mask)
    mean_square = torch.where(mask, off.square(), 0.0).sum(dim=1) / count
    return torch.sqrt(mean_square + TINY)
