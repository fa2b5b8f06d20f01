"""Frames to tensors: scaled rosters, and lists of teams padded to one width.

Everything is built once and stays in memory; an epoch is a walk over a shuffled index of lists.
Scaling and imputation are fitted on the training fold and travel with the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from nbarank.core.errors import RankerError
from nbarank.rankers.deepset.network import Rosters, bucket_of
from nbarank.schemas.columns import KEY

SCALED_BOUND = 8.0
"""Scaled values beyond this many standard deviations are cut: a rate over two minutes played must
not throw a whole team."""


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of named columns; missing values become the mean."""

    columns: tuple[str, ...]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Sequence[str]) -> Scaler:
        """Learn from the finite values of the columns; a constant column scales to 0."""
        values = _numbers(frame, columns)
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, values, 0.0).sum(axis=0) / count
        variance = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / count
        spread = np.sqrt(variance)
        flat = spread <= 1e-9 * np.maximum(np.abs(mean), 1.0)
        return cls(tuple(columns), mean, np.where(flat, np.inf, spread))

    def apply(self, frame: pd.DataFrame) -> NDArray[np.float32]:
        """Return the scaled columns: finite, within ± `SCALED_BOUND`, missing values 0."""
        values = (_numbers(frame, self.columns) - self.mean) / self.spread
        values = np.where(np.isfinite(values), values, 0.0)
        return np.clip(values, -SCALED_BOUND, SCALED_BOUND).astype(np.float32)


def _numbers(frame: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.float64]:
    values = frame[list(columns)].to_numpy(dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def roster_tensors(
    teams: pd.DataFrame,
    rosters: pd.DataFrame,
    player_scaler: Scaler,
    team_scaler: Scaler,
    minutes_column: str,
    buckets: int,
) -> Rosters:
    """Return described teams as tensors, row for row with `teams`.

    Parameters
    ----------
    teams
        season, as_of, team_id and the team columns of `team_scaler`; key unique.
    rosters
        season, as_of, team_id, slot, player_id, minutes and the columns of `player_scaler`; key
        unique, sorted. Slots are packed: their numbers do not matter, only their order.
    minutes_column
        Column with the minutes.
    buckets
        See `network.bucket_of`.
    """
    index = pd.MultiIndex.from_frame(teams[list(KEY)])
    row = index.get_indexer(pd.MultiIndex.from_frame(rosters[list(KEY)]))
    rosters, row = rosters[row >= 0], row[row >= 0]
    place = pd.Series(row).groupby(row).cumcount().to_numpy()
    width = int(place.max()) + 1 if len(place) else 1
    size = (len(teams), width)
    stats = np.zeros((*size, len(player_scaler.columns)), dtype=np.float32)
    stats[row, place] = player_scaler.apply(rosters)
    minutes = np.zeros(size, dtype=np.float32)
    minutes[row, place] = rosters[minutes_column].to_numpy(dtype=np.float32)
    players = np.zeros(size, dtype=np.int64)
    players[row, place] = rosters["player_id"].to_numpy(dtype=np.int64)
    mask = np.zeros(size, dtype=bool)
    mask[row, place] = True
    return Rosters(
        torch.from_numpy(stats),
        torch.from_numpy(minutes),
        bucket_of(torch.from_numpy(players), buckets),
        torch.from_numpy(mask),
        torch.from_numpy(team_scaler.apply(teams)),
    )


@dataclass(frozen=True)
class Lists:
    """Lists of teams as indices of rows, padded to one width.

    Parameters
    ----------
    rows
        [lists, places]: row of each team; 0 in padded places.
    mask
        [lists, places], true where a team stands.
    seasons
        [lists]: season of each list.
    dates
        [lists]: as-of date of each list.
    """

    rows: Tensor
    mask: Tensor
    seasons: NDArray[np.object_]
    dates: NDArray[np.datetime64]

    def __len__(self) -> int:
        """Return the number of lists."""
        return len(self.rows)

    def pick(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> Lists:
        """Return some of the lists."""
        index = torch.from_numpy(np.flatnonzero(which) if which.dtype == bool else which)
        return Lists(self.rows[index], self.mask[index], self.seasons[which], self.dates[which])

    def to(self, device: torch.device) -> Lists:
        """Return the lists with their tensors on a device."""
        return Lists(self.rows.to(device), self.mask.to(device), self.seasons, self.dates)


def lists_of(frame: pd.DataFrame, by: Sequence[str]) -> Lists:
    """Group rows into lists, in the order of their dates.

    Parameters
    ----------
    frame
        season, as_of and the columns of `by`; row number = row of the tensors.
    by
        Columns that make a list: season and as_of, and conference for lists within conferences.
    """
    number = frame.groupby(list(by), sort=True).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    place = pd.Series(number).groupby(number).cumcount().to_numpy()
    size = (int(number.max()) + 1, int(place.max()) + 1)
    rows = np.zeros(size, dtype=np.int64)
    mask = np.zeros(size, dtype=bool)
    rows[number, place] = np.arange(len(frame))
    mask[number, place] = True
    first = order[np.searchsorted(number[order], np.arange(size[0]))]
    return Lists(
        torch.from_numpy(rows),
        torch.from_numpy(mask),
        frame["season"].to_numpy(dtype=object)[first],
        frame["as_of"].to_numpy(dtype="datetime64[us]")[first],
    )


@dataclass(frozen=True)
class PaddedGames:
    """Games to come of each league-wide list, padded to one width.

    Parameters
    ----------
    home, away
        [lists, games]: rows of the two teams.
    margin
        [lists, games]: home margin, home court taken off, points.
    mask
        [lists, games], true where a game stands.
    """

    home: Tensor
    away: Tensor
    margin: Tensor
    mask: Tensor

    def pick(self, index: Tensor) -> PaddedGames:
        """Return the games of some lists."""
        return PaddedGames(self.home[index], self.away[index], self.margin[index], self.mask[index])

    def to(self, device: torch.device) -> PaddedGames:
        """Return the games on a device."""
        return PaddedGames(
            self.home.to(device), self.away.to(device), self.margin.to(device), self.mask.to(device)
        )


def games_of(games: pd.DataFrame, keys: pd.DataFrame, lists: Lists) -> PaddedGames:
    """Pad the games of each list to one width.

    Parameters
    ----------
    games
        `TrainingData.games`.
    keys
        season, as_of, team_id; row number = row of the tensors.
    lists
        League-wide lists, one a date.

    Raises
    ------
    RankerError
        If no game lies between described teams.
    """
    index = pd.MultiIndex.from_frame(keys[list(KEY)])
    sides = [
        index.get_indexer(
            pd.MultiIndex.from_frame(
                games[["season", "as_of", side]].rename(columns={side: "team_id"})
            )
        )
        for side in ("home_id", "away_id")
    ]
    of_list = pd.Index(lists.dates).get_indexer(pd.Index(games["as_of"].to_numpy("datetime64[us]")))
    known = (sides[0] >= 0) & (sides[1] >= 0) & (of_list >= 0)
    if not known.any():
        raise RankerError(
            "The pairwise loss was given no game between described teams.",
            where="TrainingData.games",
            allowed="season, as_of, home_id, away_id, home_margin of the games to come",
            next_command="set training.loss to another loss, or a longer margin_horizon_days",
        )
    number = of_list[known]
    place = pd.Series(number).groupby(number).cumcount().to_numpy()
    size = (len(lists), int(place.max()) + 1)
    home, away = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    margin, mask = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=bool)
    home[number, place], away[number, place] = sides[0][known], sides[1][known]
    margin[number, place] = games["home_margin"].to_numpy(dtype=np.float32)[known]
    mask[number, place] = True
    arrays = (home, away, margin, mask)
    return PaddedGames(*(torch.from_numpy(array) for array in arrays))
