"""Lists of teams, padded to one width, and the choice of lists to train on and to hold out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Lists:
    """Lists of teams as indices of rows, padded to one width.

    Parameters
    ----------
    rows
        [lists, places]: row of each team; 0 in padded places.
    mask
        [lists, places], true for a team.
    seasons, dates
        [lists]: season and as-of date of each list.
    """

    rows: Tensor
    mask: Tensor
    seasons: NDArray[np.object_]
    dates: NDArray[np.datetime64]

    def __len__(self) -> int:
        """Return the number of lists."""
        return len(self.rows)

    def pick(self, which: NDArray[np.bool_]) -> Lists:
        """Return some of the lists."""
        index = torch.from_numpy(np.flatnonzero(which))
        return Lists(self.rows[index], self.mask[index], self.seasons[which], self.dates[which])

    def to(self, device: torch.device) -> Lists:
        """Return the lists with their tensors on a device."""
        return Lists(self.rows.to(device), self.mask.to(device), self.seasons, self.dates)


def lists_of(frame: pd.DataFrame, by: Sequence[str]) -> Lists:
    """Group rows into lists by season and as_of (and conference), in the order of their dates.

    `frame` has the columns of `by`; row number = row of the tensors.
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


def recent_lists(lists: Lists, days: int | None, maximum: int | None) -> NDArray[np.bool_]:
    """Return which lists are of the last `days` days, at most `maximum` of them, evenly in time."""
    chosen = np.ones(len(lists), dtype=bool)
    if days is not None:
        chosen &= lists.dates > lists.dates.max() - np.timedelta64(days, "D")
    if maximum is not None and chosen.sum() > maximum:
        even = np.linspace(0, chosen.sum() - 1, maximum).round().astype(int)
        chosen = np.isin(np.arange(len(lists)), np.flatnonzero(chosen)[even])
    return chosen


def held_out_lists(lists: Lists, share: float) -> NDArray[np.bool_]:
    """Return which lists are held out: the newest seasons, or the newest dates of a single season.

    `share` is the share of seasons (or dates); above 0 at least one is held out, if two exist.
    """
    labels = lists.seasons if len(set(lists.seasons)) > 1 else lists.dates
    unique = np.unique(labels)
    if share == 0.0 or len(unique) < 2:
        return np.zeros(len(lists), dtype=bool)
    return np.asarray(np.isin(labels, unique[-max(1, round(share * len(unique))) :]))
