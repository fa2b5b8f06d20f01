"""The tensors of a training fold: rosters, lists, targets and games."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from nbarank.core.errors import RankerError
from nbarank.core.rounding import rounded_number
from nbarank.rankers.deepset.lists import Lists, lists_of
from nbarank.rankers.deepset.params import TrainingParams
from nbarank.rankers.deepset.rosters import Rosters
from nbarank.rankers.training.contract import TrainingData
from nbarank.schemas.columns import KEY


class PaddedGames(NamedTuple):
    """Games after the date of each league-wide list, padded to one width.

    Parameters
    ----------
    home, away
        [lists, games]: rows of the two teams.
    margin
        [lists, games]: home margin in points, home court removed.
    mask
        [lists, games], true for a game.
    """

    home: Tensor
    away: Tensor
    margin: Tensor
    mask: Tensor

    def pick(self, index: Tensor) -> PaddedGames:
        """Return the games of some lists."""
        return PaddedGames(*(tensor[index] for tensor in self))

    def to(self, device: torch.device, dtype: torch.dtype) -> PaddedGames:
        """Return the games on a device, margins in one precision."""
        moved = PaddedGames(*(tensor.to(device) for tensor in self))
        return moved._replace(margin=moved.margin.to(dtype))


@dataclass(frozen=True)
class FoldTensors:
    """Everything that training reads of a fold.

    Parameters
    ----------
    rosters
        Described teams.
    lists
        Lists of the loss.
    rank_target, margin_target, margin_games
        [teams]; the margin in units of `margin_scale`, 0 without games.
    games
        Games of each list, for the pairwise loss.
    margin_scale
        Points per unit of the margin score.
    """

    rosters: Rosters
    lists: Lists
    rank_target: Tensor
    margin_target: Tensor
    margin_games: Tensor
    games: PaddedGames | None
    margin_scale: float

    def to(self, device: torch.device, dtype: torch.dtype) -> FoldTensors:
        """Return the fold on a device, its floats in one precision."""
        return FoldTensors(
            self.rosters.to(device, dtype),
            self.lists.to(device),
            self.rank_target.to(device, dtype),
            self.margin_target.to(device, dtype),
            self.margin_games.to(device, dtype),
            None if self.games is None else self.games.to(device, dtype),
            self.margin_scale,
        )

    def pick(self, which: NDArray[np.bool_]) -> FoldTensors:
        """Return the fold with some of its lists."""
        index = torch.from_numpy(np.flatnonzero(which))
        games = None if self.games is None else self.games.pick(index)
        return replace(self, lists=self.lists.pick(which), games=games)


def fold_tensors(data: TrainingData, rosters: Rosters, training: TrainingParams) -> FoldTensors:
    """Return the tensors of a fold; `data` is sorted by key, row for row with `rosters`.

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
    scale = rounded_number(np.sqrt(variance)) or 1.0
    padded = None
    if training.loss == "pairwise":
        none = targets.iloc[:0].assign(home_id=0, away_id=0, home_margin=0.0)
        padded = games_of(none if data.games is None else data.games, targets[KEY], lists)
    return FoldTensors(
        rosters,
        lists,
        torch.from_numpy(targets["rank_target"].to_numpy(dtype=np.float64, copy=True)),
        torch.from_numpy(margins / scale),
        torch.from_numpy(games),
        padded,
        scale,
    )


def games_of(games: pd.DataFrame, keys: pd.DataFrame, lists: Lists) -> PaddedGames:
    """Pad `TrainingData.games` of each league-wide list to one width.

    `keys`: season, as_of, team_id; row number = row of the tensors.

    Raises
    ------
    RankerError
        If no game is between described teams.
    """
    index = pd.MultiIndex.from_frame(keys[KEY])
    home, away = (
        index.get_indexer(pd.MultiIndex.from_frame(games[["season", "as_of", side]]))
        for side in ("home_id", "away_id")
    )
    number = pd.Index(lists.dates).get_indexer(pd.Index(games["as_of"].to_numpy("datetime64[us]")))
    known = (home >= 0) & (away >= 0) & (number >= 0)
    if not known.any():
        raise RankerError(
            "The pairwise loss has no game between described teams.",
            where="TrainingData.games",
            allowed="season, as_of, home_id, away_id, home_margin of the games after each date",
            next_command="set training.loss to another loss, or raise targets.margin_horizon_days",
        )
    number = number[known]
    at = number, pd.Series(number).groupby(number).cumcount().to_numpy()
    size = (len(lists), int(at[1].max()) + 1)

    def padded(values: NDArray[np.generic]) -> Tensor:
        array = np.zeros(size, dtype=values.dtype)
        array[at] = values
        return torch.from_numpy(array)

    margin = games["home_margin"].to_numpy(dtype=np.float64)[known]
    rows = (home[known].astype(np.int64), away[known].astype(np.int64))
    return PaddedGames(*map(padded, (*rows, margin, np.ones(len(number), dtype=bool))))
