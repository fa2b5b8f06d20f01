"""Pairwise logistic loss on the games to come: who beats whom, and by how much.

Burges et al., "Learning to rank using gradient descent" (RankNet), ICML 2005: cross-entropy of
the logistic of the score difference, with the margin turned into the probability that the winner
is the better team.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

MARGIN_SCALE = 7.0
"""Points that count as one unit on the logistic scale: a game's margin has a standard deviation
of about 12.7 around the difference in strength, and a logistic one of 1.8."""


def pairwise(score_difference: Tensor, home_margin: Tensor) -> Tensor:
    """Return the cross-entropy of each game.

    Parameters
    ----------
    score_difference
        [games], home score minus away score.
    home_margin
        [games], points, home court taken off.

    Returns
    -------
    Tensor
        [games], positive; log 2 where the two scores are equal.
    """
    probability = torch.sigmoid(home_margin / MARGIN_SCALE)
    return binary_cross_entropy_with_logits(score_difference, probability, reduction="none")
