"""A comparison of two rankers on one screen: a row per checkpoint, a column per measure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SHOWN = (
    ("final_rank", "spearman", "final standings", "Spearman"),
    ("playoff_outcome", "spearman", "playoff outcome", "Spearman"),
    ("wins", "wins_rmse", "projected wins", "RMSE"),
    ("title", "title_logloss", "champion", "log-loss"),
    ("games", "game_logloss", "single games", "log-loss"),
)
"""Target, measure and their words, of the measures that are shown by default."""
WIDTH = 17


def comparison_text(
    found: pd.DataFrame, title: str, coverage: float, metrics: Sequence[str] = ()
) -> str:
    """Return the mean difference, half the width of its interval, and a star if it is certain.

    Parameters
    ----------
    found
        From `paired_differences`.
    title
        First line.
    coverage
        Of the intervals. A star is p_adjusted < 1 - coverage.
    metrics
        Measures to show instead of `SHOWN`, for every target that has them.
    """
    columns: list[tuple[str, ...]] = list(SHOWN)
    if metrics:
        pairs = found[found["metric"].isin(metrics)][["target", "metric"]].drop_duplicates()
        columns = [(target, name, target, name) for target, name in pairs.to_numpy()]
    wanted = [one[:2] for one in columns]
    found = found[pd.MultiIndex.from_frame(found[["target", "metric"]]).isin(wanted)]
    keys = list(found[["checkpoint", "target", "metric"]].itertuples(index=False, name=None))
    figures = found[["difference", "low", "high"]].to_numpy(np.float64)
    cells = {
        key: _cell(row, p < 1 - coverage)
        for key, row, p in zip(keys, figures, found["p_adjusted"], strict=True)
    }
    shown = [one for one in columns if any(key[1:] == one[:2] for key in cells)]
    places = list(dict.fromkeys(key[0] for key in cells))
    ordered = sorted((place for place in places if place.isdigit()), key=int)
    lines = [title]
    for words in (2, 3):
        lines.append(" " * 7 + "".join(f"{one[words]:>{WIDTH}}" for one in shown))
    for place in [*ordered, *(place for place in places if not place.isdigit())]:
        label = f"{place} %" if place.isdigit() else place
        row = "".join(f"{cells.get((place, *one[:2]), ''):>{WIDTH}}" for one in shown)
        lines.append(f"{label:>7}{row}".rstrip())
    lines.append(
        "mean over seasons ± half of the interval; "
        f"* differs, p < {1 - coverage:.2g} adjusted (Holm)"
    )
    return "\n".join(lines)


def _cell(row: NDArray[np.float64], certain: bool) -> str:
    difference, low, high = map(float, row)
    decimals = 3 if abs(difference) < 1 else 2
    text = f"{difference:+.{decimals}f}"
    if np.isnan(low):
        return text + "        "
    return f"{text} ±{(high - low) / 2:.{decimals}f}{'*' if certain else ' '}"
