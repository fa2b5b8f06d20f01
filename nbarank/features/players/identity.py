"""A stable place in an embedding table for every player, seen before or not."""

from __future__ import annotations

import numpy as np

from nbarank.features.players.log import Ints

EMBEDDING_BUCKETS = 4096
"""Buckets that player ids are hashed into; bucket 0 is the empty slot."""


def embedding_index(player_id: Ints, buckets: int) -> Ints:
    """Return the bucket of each player, 1 .. buckets - 1; 0 is kept for the empty slot.

    The finaliser of splitmix64 (Steele et al., 2014): the same in every process and on every
    machine, which Python's own hash is not.

    Parameters
    ----------
    player_id
        (n,) ids.
    buckets
        Rows of the embedding table, the empty slot's included.
    """
    mixed = np.asarray(player_id).astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(buckets - 1)).astype(np.int64) + 1
