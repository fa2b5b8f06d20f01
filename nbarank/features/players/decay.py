"""Sums over each player's past that fade with age, brought from snapshot to snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nbarank.features.players.log import Floats, Ints


@dataclass
class DecayedSums:
    """Sums of values whose weight falls by a factor e every `memory` days of the clock.

    Attributes
    ----------
    sums
        (n_groups, n_values) sums as of the latest `advance`.
    """

    n_groups: int
    n_values: int
    memory: float
    sums: Floats = field(init=False)
    clock: float = 0.0

    def __post_init__(self) -> None:
        """Start from nothing."""
        self.sums = np.zeros((self.n_groups, self.n_values))

    def advance(self, clock: float, group: Ints, values: Floats, clocks: Floats) -> Floats:
        """Fade to a clock, add the rows that have arrived since, and return the sums.

        Parameters
        ----------
        clock
            Now.
        group
            (n_rows,) whose row it is.
        values
            (n_rows, n_values).
        clocks
            (n_rows,) when it happened.
        """
        self.sums = self.sums * np.exp(-(clock - self.clock) / self.memory)
        fade = np.exp(-(clock - clocks) / self.memory)
        np.add.at(self.sums, group, values * fade[:, None])
        self.clock = clock
        return self.sums
