"""Differentiable ranks, and two losses on them.

Qin, Liu and Li, "A general approximation framework for direct optimization of information
retrieval measures", Information Retrieval 13, 2010: the step function that counts stronger teams
becomes a sigmoid of the difference in score.

In all functions scores, targets and mask are [lists, places], higher = stronger, mask true for a
team; `temperature` is the difference in score that counts as one unit: smaller is closer to true
ranks.
"""

from __future__ import annotations

import torch
from torch import Tensor

TINY = 1e-6
"""Keeps gradients finite if all scores are equal."""


def soft_ranks(scores: Tensor, mask: Tensor, temperature: float) -> Tensor:
    """Return 1 + the sum of sigmoid((other's score - own) / temperature); 0 in padded places."""
    difference = (scores.unsqueeze(1) - scores.unsqueeze(2)) / temperature
    others = mask.unsqueeze(1) & mask.unsqueeze(2)
    others = others & ~torch.eye(scores.shape[1], dtype=torch.bool, device=scores.device)
    above = torch.where(others, torch.sigmoid(difference), 0.0).sum(dim=2)
    return torch.where(mask, 1.0 + above, 0.0)


def true_ranks(targets: Tensor, mask: Tensor) -> Tensor:
    """Return ranks of the targets, 1 = highest, ties averaged; 0 in padded places."""
    pairs = mask.unsqueeze(1) & mask.unsqueeze(2)
    higher = (targets.unsqueeze(1) > targets.unsqueeze(2)) & pairs
    equal = (targets.unsqueeze(1) == targets.unsqueeze(2)) & pairs
    ranks = higher.sum(dim=2) + (equal.sum(dim=2) + 1.0) / 2.0
    return torch.where(mask, ranks.to(targets.dtype), 0.0)


def centred(ranks: Tensor, mask: Tensor) -> Tensor:
    """Return ranks minus their mean over the list; 0 in padded places."""
    mean = ranks.sum(dim=1, keepdim=True) / mask.sum(dim=1, keepdim=True).clamp_min(1)
    return torch.where(mask, ranks - mean, 0.0)


def soft_spearman(
    scores: Tensor, targets: Tensor, mask: Tensor, temperature: float = 1.0
) -> Tensor:
    """Return 1 - Spearman's correlation of soft and true ranks of each list, 0 to 2: [lists].

    1 if all scores are equal, 0 for a list without two different targets. See also Blondel et al.,
    "Fast differentiable sorting and ranking", ICML 2020.
    """
    soft = centred(soft_ranks(scores, mask, temperature), mask)
    true = centred(true_ranks(targets, mask), mask)
    variation = true.square().sum(dim=1)
    scale = torch.sqrt((soft.square().sum(dim=1) + TINY) * variation.clamp_min(TINY))
    loss = 1.0 - (soft * true).sum(dim=1) / scale
    return torch.where(variation > 0, loss.clamp_min(0.0), torch.zeros_like(loss))


def rank_rmse(scores: Tensor, targets: Tensor, mask: Tensor, temperature: float = 1.0) -> Tensor:
    """Return the root mean square difference of soft and true ranks of each list: [lists].

    The scorecard's rank RMSE, made differentiable; equal scores of n teams give
    sqrt((n² - 1) / 12), an empty list about 0.
    """
    count = mask.sum(dim=1).clamp_min(1)
    error = soft_ranks(scores, mask, temperature) - true_ranks(targets, mask)
    mean_square = torch.where(mask, error.square(), 0.0).sum(dim=1) / count
    return torch.sqrt(mean_square + TINY)
