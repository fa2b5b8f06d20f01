"""The as-of join: sums over exactly the games before a date, in two forms.

Everything a feature sees of the past goes through this module. `count_before` counts events;
`running_sums` lays each team's (or player's) games out in order, so that any window of latest
games is the difference of two running sums. A running sum at game n depends on the first n games
only, to the last bit: later games cannot move it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]
Flags = NDArray[np.bool_]


def count_before(day: Days, place: Ints, as_of: Days, size: int) -> Floats:
    """Count the events of each place strictly before each date.

    Parameters
    ----------
    day, place
        Day of each event, and where it counts, in range(size); shape (events,).
    as_of
        Dates, shape (dates,).
    size
        Number of places.

    Returns
    -------
    Whole numbers, shape (dates, size).
    """
    before = (day[None, :] < as_of[:, None]).astype(np.float64)
    where = np.zeros((len(day), size))
    where[np.arange(len(day)), place] = 1.0
    return np.asarray(before @ where)


def order_within(place: Ints, size: int) -> Ints:
    """Number the rows of each place from 0, in the order given; shape (rows,)."""
    by_place = np.argsort(place, kind="stable")
    counts = np.bincount(place, minlength=size)
    first = np.cumsum(counts) - counts
    order = np.empty(len(place), dtype=np.int64)
    order[by_place] = np.arange(len(place)) - first[place[by_place]]
    return order


def running_sums(place: Ints, order: Ints, values: Floats, size: int, length: int) -> Floats:
    """Sum values over the first 0, 1, 2, ... games of each place.

    Parameters
    ----------
    place, order
        Place of each row, and the number of its game within the place, shape (rows,).
    values
        Shape (rows, columns).
    size, length
        Number of places, and largest number of games.

    Returns
    -------
    Shape (columns, size, length + 1).
    """
    laid_out = np.zeros((values.shape[1], size, length + 1))
    laid_out[:, place, order + 1] = values.T
    return np.asarray(np.cumsum(laid_out, axis=2))


def window_sums(running: Floats, played: Ints, window: int | None) -> Floats:
    """Sum over the latest games before each date.

    Parameters
    ----------
    running
        One column of `running_sums`, shape (size, length + 1).
    played
        Games of each place before each date, shape (dates, size).
    window
        Number of latest games; None for all of them.

    Returns
    -------
    Shape (dates, size).
    """
    places = np.arange(running.shape[0])
    total = running[places, played]
    if window is None:
        return np.asarray(total)
    return np.asarray(total - running[places, np.maximum(played - window, 0)])
