"""Ranks that can be differentiated: how many others probably score higher.

Qin, Liu and Li, "A general approximation framework for direct optimization of information
retrieval measures", Information Retrieval 13, 2010: the step that counts a better team becomes a
sigmoid of the difference in score.
"""

from __future__ import annotations

import torch
from torch import Tensor


def soft_ranks(scores: Tensor, mask: Tensor, temperature: float) -> Tensor:
    """Return 1 + the sum of sigmoid((other's score - own) / temperature) over the others.

    Parameters
    ----------
    scores
        [lists, places].
    mask
        [lists, places], true where a team stands.
    temperature
        Difference in score that counts as one unit; smaller is closer to true ranks.

    Returns
    -------
    Tensor
        [lists, places], 1 = strongest; 0 in padded places.
    """
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
