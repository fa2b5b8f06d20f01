"""Sums over exactly the games before a date; all that team features see of the past.

`running_sums` sums each team's (or player's) games in order, so a window of latest games is the
difference of two running sums. A running sum at game n depends on the first n games only, to the
last bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]
Flags = NDArray[np.bool_]


def count_before(day: Days, group: Ints, as_of: Days, size: int) -> Floats:
    """Count the events of each group strictly before each date; shape (dates, size).

    Parameters
    ----------
    day, group
        Day and group, in range(size), of each event; shape (events,).
    as_of
        Dates, shape (dates,).
    """
    before = (day[None, :] < as_of[:, None]).astype(np.float64)
    member = np.zeros((len(day), size))
    member[np.arange(len(day)), group] = 1.0
    return np.asarray(before @ member)


def order_within(group: Ints, size: int) -> Ints:
    """Number the rows of each group from 0, in the order given; shape (rows,)."""
    by_group = np.argsort(group, kind="stable")
    counts = np.bincount(group, minlength=size)
    first = np.cumsum(counts) - counts
    order = np.empty(len(group), dtype=np.int64)
    order[by_group] = np.arange(len(group)) - first[group[by_group]]
    return order


def running_sums(group: Ints, order: Ints, values: Floats, size: int, length: int) -> Floats:
    """Sum values over the first 0, 1, 2, ... games of each group.

    Parameters
    ----------
    group, order
        Group of each row, and the number of its game within the group, shape (rows,).
    values
        Shape (rows, columns).
    size, length
        Number of groups, and largest number of games.

    Returns
    -------
    Shape (columns, size, length + 1).
    """
    per_game = np.zeros((values.shape[1], size, length + 1))
    per_game[:, group, order + 1] = values.T
    return np.asarray(np.cumsum(per_game, axis=2))


def window_sums(running: Floats, played: Ints, window: int | None) -> Floats:
    """Sum over the latest games before each date; shape (dates, size).

    Parameters
    ----------
    running
        One column of `running_sums`, shape (size, length + 1).
    played
        Games of each group before each date, shape (dates, size).
    window
        Number of latest games; None for all of them.
    """
    groups = np.arange(running.shape[0])
    total = running[groups, played]
    if window is None:
        return np.asarray(total)
    return np.asarray(total - running[groups, np.maximum(played - window, 0)])
