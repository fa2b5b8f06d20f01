"""Rosters as tensors."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from nbarank.rankers.deepset.roster_arrays import RosterArrays


class Rosters(NamedTuple):
    """A batch of rosters as tensors, all on one device; fields as in `RosterArrays`."""

    stats: Tensor
    minutes: Tensor
    buckets: Tensor
    mask: Tensor
    team: Tensor

    @classmethod
    def of(cls, arrays: RosterArrays) -> Rosters:
        """Return arrays as tensors that share their memory."""
        return cls(*map(torch.from_numpy, arrays))

    def rows(self, index: Tensor) -> Rosters:
        """Return some teams."""
        return Rosters(*(tensor[index] for tensor in self))

    def to(self, device: torch.device, dtype: torch.dtype) -> Rosters:
        """Return the batch on a device, its floats in one precision."""
        return Rosters(*(t.to(device, dtype if t.is_floating_point() else t.dtype) for t in self))
