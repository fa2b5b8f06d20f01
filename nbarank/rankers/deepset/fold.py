"""One training fold as tensors, and how it is split into lists to learn and lists to watch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nbarank.rankers.deepset.batches import Lists, PaddedGames, games_of, lists_of
from nbarank.rankers.deepset.network import Rosters
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.training.contract import TrainingData
from nbarank.schemas.columns import KEY


@dataclass(frozen=True)
class Fold:
    """Everything the optimiser sees of a fold.

    Parameters
    ----------
    rosters
        Described teams.
    lists
        Lists the loss is taken over.
    rank_target, margin_target, margin_games
        [teams]; the margin in units of `margin_scale`, 0 where there is no game.
    games
        Games of each list, for the pairwise loss.
    margin_scale
        Points of one unit of the margin score.
    """

    rosters: Rosters
    lists: Lists
    rank_target: Tensor
    margin_target: Tensor
    margin_games: Tensor
    games: PaddedGames | None
    margin_scale: float

    def to(self, device: torch.device) -> Fold:
        """Return the fold on a device."""
        return Fold(
            self.rosters.to(device),
            self.lists.to(device),
            self.rank_target.to(device),
            self.margin_target.to(device),
            self.margin_games.to(device),
            None if self.games is None else self.games.to(device),
            self.margin_scale,
        )

    def pick(self, which: NDArray[np.bool_]) -> Fold:
        """Return the fold with some of its lists."""
        index = torch.from_numpy(np.flatnonzero(which))
        return Fold(
            self.rosters,
            self.lists.pick(which),
            self.rank_target,
            self.margin_target,
            self.margin_games,
            None if self.games is None else self.games.pick(index),
            self.margin_scale,
        )


def build_fold(data: TrainingData, rosters: Rosters, training: TrainingParams) -> Fold:
    """Bring targets and lists to the tensors of a fold; `data` is sorted by key.

    The pairwise loss takes league-wide lists whatever `training.lists` says: its games cross the
    conferences.
    """
    targets = data.targets
    league_wide = training.lists == "league" or training.loss == "pairwise"
    by = ["season", "as_of"] if league_wide else ["season", "as_of", "conference"]
    lists = lists_of(targets, by)
    margins = targets["margin_target"].to_numpy(dtype=float)
    games = np.where(np.isfinite(margins), targets["margin_games"].to_numpy(dtype=float), 0.0)
    margins = np.where(games > 0, margins, 0.0)
    variance = float((games * margins**2).sum() / max(games.sum(), 1.0))
    scale = float(np.sqrt(variance)) or 1.0
    padded = None
    if training.loss == "pairwise":
        none = targets.iloc[:0].assign(home_id=0, away_id=0, home_margin=0.0)
        padded = games_of(none if data.games is None else data.games, targets[list(KEY)], lists)
    return Fold(
        rosters,
        lists,
        torch.from_numpy(targets["rank_target"].to_numpy(dtype=np.float32)),
        torch.from_numpy((margins / scale).astype(np.float32)),
        torch.from_numpy(games.astype(np.float32)),
        padded,
        scale,
    )


def recent_and_spread(
    lists: Lists, history_days: int | None, most: int | None
) -> NDArray[np.bool_]:
    """Choose the lists of the last so many days, and of those at most so many, evenly in time."""
    chosen = np.ones(len(lists), dtype=bool)
    if history_days is not None:
        chosen &= lists.dates > lists.dates.max() - np.timedelta64(history_days, "D")
    if most is not None and chosen.sum() > most:
        kept = np.flatnonzero(chosen)[np.linspace(0, chosen.sum() - 1, most).round().astype(int)]
        chosen = np.isin(np.arange(len(lists)), kept)
    return chosen


def held_out(lists: Lists, params: ModelAParams) -> NDArray[np.bool_]:
    """Choose the lists to watch: the newest whole seasons, or the newest dates of a single one."""
    if params.early_stopping_val_frac == 0.0:
        return np.zeros(len(lists), dtype=bool)
    names = lists.seasons if len(set(lists.seasons)) > 1 else lists.dates
    unique = np.unique(names)
    if len(unique) < 2:
        return np.zeros(len(lists), dtype=bool)
    count = max(1, round(params.early_stopping_val_frac * len(unique)))
    return np.asarray(np.isin(names, unique[-count:]))
