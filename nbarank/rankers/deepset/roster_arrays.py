"""Rosters as arrays: scaling, padding to one width, embedding buckets.

Scaling and imputation are fitted on the training fold and saved with the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.rounding import rounded
from nbarank.schemas.columns import KEY

SCALED_BOUND = 8.0
"""Scaled values are clipped to ± this many SD: a rate over two minutes must not dominate a team."""
HASH_FACTOR = 2654435761
"""Knuth's multiplicative hash: distributes consecutive player ids over the buckets."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class RosterArrays(NamedTuple):
    """A batch of rosters.

    Parameters
    ----------
    stats
        [teams, players, features], scaled; a player with non-finite values is invalid.
    minutes
        [teams, players].
    buckets
        [teams, players]: embedding bucket of each player.
    mask
        [teams, players], true for a player.
    team
        [teams, team features], scaled.
    """

    stats: Floats
    minutes: Floats
    buckets: Ints
    mask: NDArray[np.bool_]
    team: Floats

    def rows(self, rows: slice) -> RosterArrays:
        """Return some teams."""
        return RosterArrays._make(values[rows] for values in self)


@dataclass(frozen=True)
class Scaler:
    """Mean and SD of named columns; missing values become the mean."""

    columns: tuple[str, ...]
    mean: Floats
    sd: Floats

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Sequence[str]) -> Scaler:
        """Fit to the finite values of the columns; a constant column scales to 0."""
        values = _numbers(frame, columns)
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, values, 0.0).sum(axis=0) / count
        variance = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / count
        sd = np.sqrt(variance)
        constant = sd <= 1e-9 * np.maximum(np.abs(mean), 1.0)
        return cls(tuple(columns), rounded(mean), np.where(constant, np.inf, rounded(sd)))

    def apply(self, frame: pd.DataFrame) -> Floats:
        """Return the scaled columns: finite, within ± `SCALED_BOUND`, missing values 0."""
        values = (_numbers(frame, self.columns) - self.mean) / self.sd
        values = np.where(np.isfinite(values), values, 0.0)
        return np.clip(values, -SCALED_BOUND, SCALED_BOUND)

    def to_json(self) -> dict[str, Any]:
        """Return the scaler as plain data; the SD of a constant column is null."""
        sd = [value if np.isfinite(value) else None for value in self.sd.tolist()]
        return {"columns": list(self.columns), "mean": self.mean.tolist(), "spread": sd}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Scaler:
        """Return the scaler of `to_json`."""
        sd = [np.inf if value is None else value for value in state["spread"]]
        return cls(tuple(state["columns"]), np.array(state["mean"]), np.array(sd))


def _numbers(frame: pd.DataFrame, columns: Sequence[str]) -> Floats:
    values = frame[list(columns)].to_numpy(dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def placed_slots(teams: pd.DataFrame, rosters: pd.DataFrame) -> pd.DataFrame:
    """Return the roster slots of `teams` with their `row` and `place` in the arrays.

    Both have unique keys and `rosters` is sorted; places follow the order of slots without gaps.
    """
    index = pd.MultiIndex.from_frame(teams[KEY])
    row = index.get_indexer(pd.MultiIndex.from_frame(rosters[KEY]))
    slots = rosters[row >= 0].reset_index(drop=True).assign(row=row[row >= 0])
    return slots.assign(place=slots.groupby("row").cumcount())


def roster_arrays(
    teams: pd.DataFrame,
    rosters: pd.DataFrame,
    player_scaler: Scaler,
    team_scaler: Scaler,
    minutes_column: str,
    buckets: int,
) -> RosterArrays:
    """Return described teams as arrays, row for row with `teams`.

    Keys are those of `placed_slots`; `teams` has the columns of `team_scaler`, `rosters` player_id,
    `minutes_column` and the columns of `player_scaler`.
    """
    slots = placed_slots(teams, rosters)
    at = slots["row"].to_numpy(), slots["place"].to_numpy()
    size = (len(teams), int(at[1].max()) + 1 if len(slots) else 1)
    stats = np.zeros((*size, len(player_scaler.columns)), dtype=np.float64)
    stats[at] = player_scaler.apply(slots)
    minutes = np.zeros(size, dtype=np.float64)
    minutes[at] = slots[minutes_column].to_numpy(dtype=np.float64)
    players = np.zeros(size, dtype=np.int64)
    players[at] = slots["player_id"].to_numpy(dtype=np.int64)
    mask = np.zeros(size, dtype=bool)
    mask[at] = True
    return RosterArrays(stats, minutes, bucket_of(players, buckets), mask, team_scaler.apply(teams))


def bucket_of(player_id: Ints, buckets: int) -> Ints:
    """Return the embedding bucket of player ids by hashing, so that no vocabulary is stored.

    Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009. A player
    not seen in training has a bucket too, shared with others.
    """
    if buckets == 0:
        return np.zeros_like(player_id)
    return np.asarray(((player_id * HASH_FACTOR) % 2**32 * buckets) // 2**32)
