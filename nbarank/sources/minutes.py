"""Minutes on court in every form that exports use."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ALLOWED = "whole minutes, decimals, 'MM:SS', 'H:MM:SS' or 'PT34M12S'"
_CLOCK = r"^(\d+(?:\.0*)?):([0-5]?\d(?:\.\d*)?)$"
_THREE = r"^(\d+):([0-5]?\d):([0-5]?\d(?:\.\d*)?)$"
_ISO = r"^PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?$"
_PLAIN = r"^(\d+(?:\.\d*)?|\.\d+)$"
_IN_MINUTES = np.array([60.0, 1.0, 1 / 60])
_NOT_PLAYED = (
    r"(?i)^(?:-*|nan|none|null|n/?a)$|^(?:dnp|dnd|nwt|did not|inactive|not with|not dress)|suspend"
)
_FEWEST_FRACTIONS = 40
_MAX_HOURS = 4
"""Hours of a team's minutes in a game without overtime; a player's are at most one or two."""


def minutes(values: pd.Series) -> pd.Series:
    """Return minutes as decimals (float64); NaN where a value is none of `ALLOWED`."""
    if pd.api.types.is_timedelta64_dtype(values):
        number: pd.Series = values.dt.total_seconds() / 60
    elif pd.api.types.is_numeric_dtype(values):
        number = values.astype("float64")
    else:
        number = _from_text(values.astype("string").str.strip())
    checked: pd.Series = number.where(np.isfinite(number) & (number >= 0)).astype("float64")
    if _are_seconds(checked):
        checked = np.floor(checked) + (checked % 1) / 0.6
    return checked


def _are_seconds(number: pd.Series) -> bool:
    """Tell whether decimals are seconds, as in 34.12 for 34:12: many hundredths, none above .59."""
    hundredths = np.unique((number.dropna() % 1 * 100).round(6))
    return bool(
        len(hundredths) >= _FEWEST_FRACTIONS
        and hundredths.max() < 60
        and (hundredths % 1 == 0).all()
    )


def not_played(values: pd.Series) -> pd.Series:
    """Return which values are empty or a remark such as 'DNP - Coach's Decision'."""
    if pd.api.types.is_numeric_dtype(values):
        return values.isna()
    text = values.astype("string").str.strip().fillna("")
    return text.str.contains(_NOT_PLAYED).astype(bool)


def _from_text(text: pd.Series) -> pd.Series:
    plain = _parts(text, _PLAIN)[:, 0]
    clock = _parts(text, _CLOCK) @ _IN_MINUTES[1:]
    iso = _parts(text, _ISO)
    of_iso = np.where(np.isnan(iso).all(axis=1), np.nan, np.nan_to_num(iso) @ _IN_MINUTES)
    three = _parts(text, _THREE)
    # Spreadsheets turn 34:12 into 34:12:00; a column is read one way.
    if (three[:, 0] > _MAX_HOURS).any():
        of_three = np.where(three[:, 2] == 0, three[:, :2] @ _IN_MINUTES[1:], np.nan)
    else:
        of_three = three @ _IN_MINUTES
    found = plain
    for other in (clock, of_three, of_iso):
        found = np.where(np.isnan(found), other, found)
    return pd.Series(found, index=text.index)


def _parts(text: pd.Series, pattern: str) -> NDArray[np.float64]:
    """Return [N, groups] numbers of a pattern; NaN where it does not match."""
    return text.str.extract(pattern).astype("float64").to_numpy(np.float64, na_value=np.nan)
