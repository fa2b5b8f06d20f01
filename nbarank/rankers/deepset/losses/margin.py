"""Regression on the margins to come: many noisy, independent labels a season.

Weighted least squares, the oldest rating there is (Massey, "Statistical models applied to the
rating of sports teams", 1997); an optional Huber bound (Huber, 1964) keeps a blow-out from ruling.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import huber_loss


def margin(
    predicted: Tensor, margins: Tensor, games: Tensor, mask: Tensor, bound: float = 3.0
) -> Tensor:
    """Return the mean error of each list, weighted by the games behind each margin.

    Parameters
    ----------
    predicted, margins
        [lists, places], in units of the margins' standard deviation.
    games
        [lists, places], how many games the margin is the mean of; 0 leaves a team out.
    mask
        [lists, places], true where a team stands.
    bound
        Error, in those units, from which on the loss grows linearly.

    Returns
    -------
    Tensor
        [lists]; half the weighted mean square within the bound; 0 for a list without games.
    """
    weight = torch.where(mask, games, 0.0)
    known = weight > 0
    error = huber_loss(
        torch.where(known, predicted, 0.0),
        torch.where(known, margins, 0.0),
        reduction="none",
        delta=bound,
    )
    return (weight * error).sum(dim=1) / weight.sum(dim=1).clamp_min(1.0)
