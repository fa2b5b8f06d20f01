"""Rounding that gives every processor the same number.

Processors differ in the last bits of a sum or an exponential. Rounding removes the difference,
except for a value at the edge between two roundings. Exact halves are common (a sum of tenths over
64 games ends in 5), so the edge is put beside the half, where no value is more likely than another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

WEIGHT_DECIMALS = 7
"""Decimals of fitted weights, constants and targets: they are rounded before they are used."""
_HALF = 0.5003


def rounded(values: ArrayLike, decimals: int = WEIGHT_DECIMALS) -> NDArray[np.float64]:
    """Return values rounded to decimals; NaN and infinity stay, -0.0 becomes 0.0."""
    scale = 10.0**decimals
    return np.floor(np.asarray(values, dtype=np.float64) * scale + _HALF) / scale + 0.0


def rounded_number(value: ArrayLike, decimals: int = WEIGHT_DECIMALS) -> float:
    """Return one number rounded as by `rounded`."""
    return float(rounded(value, decimals))
