"""The loss of each list by `training.loss`, and Spearman's correlation of lists."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nbarank.rankers.deepset.fold_tensors import FoldTensors, PaddedGames
from nbarank.rankers.deepset.losses.listmle import listmle
from nbarank.rankers.deepset.losses.margins import margin, pairwise
from nbarank.rankers.deepset.losses.soft_ranks import centred, rank_rmse, soft_spearman, true_ranks
from nbarank.rankers.deepset.scoring import MARGIN, RANK

LIST_LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "listmle": listmle,
    "soft_spearman": soft_spearman,
    "rank_rmse": rank_rmse,
}


def list_loss(scores: Tensor, fold: FoldTensors, which: Tensor, loss: str) -> Tensor:
    """Return the loss of some of the fold's lists.

    Parameters
    ----------
    scores
        [lists, places, 2]: scores of the lists' teams.
    which
        [lists]: their numbers in `fold.lists`.
    loss
        `training.loss`.
    """
    rows, mask = fold.lists.rows[which], fold.lists.mask[which]
    if loss == "margin":
        return margin(scores[..., MARGIN], fold.margin_target[rows], fold.margin_games[rows], mask)
    if loss == "pairwise":
        assert fold.games is not None
        games = _in_places(fold.games.pick(which), rows, mask, len(fold.rank_target))
        flat = scores[..., RANK].reshape(-1)
        per_game = pairwise(flat[games.home] - flat[games.away], games.margin)
        total = torch.where(games.mask, per_game, 0.0).sum(dim=1)
        return total / games.mask.sum(dim=1).clamp_min(1)
    return LIST_LOSSES[loss](scores[..., RANK], fold.rank_target[rows], mask)


def _in_places(games: PaddedGames, rows: Tensor, mask: Tensor, teams: int) -> PaddedGames:
    """Return games with places of the flattened scores instead of rows of teams."""
    place = torch.zeros(teams, dtype=torch.long, device=rows.device)
    places = torch.arange(rows.numel(), device=rows.device).view_as(rows)
    place[rows[mask]] = places[mask]
    return games._replace(home=place[games.home], away=place[games.away])


def spearman(scores: Tensor, targets: Tensor, mask: Tensor) -> float:
    """Return the mean over lists of Spearman's correlation; 0 for a list of equal scores."""
    own, true = (centred(true_ranks(values.double(), mask), mask) for values in (scores, targets))
    scale = (own.square().sum(dim=1) * true.square().sum(dim=1)).sqrt()
    return float(((own * true).sum(dim=1) / scale.clamp_min(1e-9)).mean())
