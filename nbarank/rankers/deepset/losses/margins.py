"""Losses on the margins of the games after a date: team means, and single games."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, huber_loss

POINTS_PER_LOGIT = 7.0
"""A game's margin has an SD of about 12.7 points around the difference in strength, a logistic
distribution one of 1.8."""


def margin(
    predicted: Tensor, margins: Tensor, games: Tensor, mask: Tensor, bound: float = 3.0
) -> Tensor:
    """Return the Huber loss of each list, weighted by number of games: [lists]; 0 without games.

    Parameters
    ----------
    predicted, margins
        [lists, places], in units of the margins' standard deviation.
    games
        [lists, places], number of games that the margin is the mean of; 0 leaves a team out.
    mask
        [lists, places], true for a team.
    bound
        Error, in those units, above which the loss is linear (Huber, 1964).
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


def pairwise(score_difference: Tensor, home_margin: Tensor) -> Tensor:
    """Return the cross-entropy of each game: [games]; log 2 if the two scores are equal.

    Burges et al., "Learning to rank using gradient descent" (RankNet), ICML 2005, with the margin
    turned into the probability that the winner is the better team.

    score_difference (home minus away), home_margin (points, home court removed): [games].
    """
    probability = torch.sigmoid(home_margin / POINTS_PER_LOGIT)
    return binary_cross_entropy_with_logits(score_difference, probability, reduction="none")
