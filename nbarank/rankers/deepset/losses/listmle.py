"""ListMLE: likelihood of the true order under a Plackett-Luce model of the scores.

Xia, Liu, Wang, Zhang and Li, "Listwise approach to learning to rank: theory and algorithm",
ICML 2008. Tied targets share the denominator of their tied group (Breslow, 1974, as in Cox
regression), so the value does not depend on the order of the teams.
"""

from __future__ import annotations

import torch
from torch import Tensor

PADDING_SCORE = -1e30
"""Score of a padded place: vanishes from every sum of exponentials, without an infinity."""


def listmle(scores: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Return the negative log-likelihood of each list's true order: [lists], never negative.

    Equal scores give log(n!) without ties; a list without teams gives 0. All arguments are
    [lists, places], higher = stronger, mask true for a team.
    """
    lowest = torch.finfo(targets.dtype).min
    order = torch.where(mask, targets, lowest).argsort(dim=1, descending=True, stable=True)
    sorted_targets = targets.gather(1, order)
    sorted_mask = mask.gather(1, order)
    sorted_scores = torch.where(sorted_mask, scores.gather(1, order), PADDING_SCORE)
    # log of the summed exponentials of every place and all places after it
    remaining = sorted_scores.flip(1).logcumsumexp(dim=1).flip(1)
    places = torch.arange(scores.shape[1], device=scores.device).expand_as(order)
    starts = torch.ones_like(sorted_mask)
    starts[:, 1:] = sorted_targets[:, 1:] != sorted_targets[:, :-1]
    group_start = torch.where(starts, places, 0).cummax(dim=1).values
    terms = remaining.gather(1, group_start) - sorted_scores
    return torch.where(sorted_mask, terms, 0.0).clamp_min(0.0).sum(dim=1)
