"""A comparison of two rankers on one screen: a row per checkpoint, a column per measure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.cli.screen import WIDTH, folded, number
from nbarank.evaluation.comparisons import MEAN

SHOWN = (
    ("final_rank", "spearman", "standings", "Spearman"),
    ("playoff_outcome", "spearman", "playoffs", "Spearman"),
    ("wins", "wins_rmse", "wins", "RMSE"),
    ("title", "title_logloss", "champion", "log-loss"),
    ("games", "game_logloss", "games", "log-loss"),
)
"""Target, measure and their words, of the measures that are shown by default."""
NARROWEST, FIRST = 14, 7
"""Columns of a measure, and of the names of the checkpoints."""


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
    rows = [*ordered, *(place for place in places if not place.isdigit())]
    width = max(NARROWEST, *(len(word) + 2 for one in shown for word in one[2:]))
    fitting = max((WIDTH - FIRST) // width, 1)
    lines = [title]
    for first in range(0, len(shown), fitting):
        part = shown[first : first + fitting]
        for words in (2, 3):
            lines.append(" " * FIRST + "".join(f"{one[words]:>{width}}" for one in part))
        for place in rows:
            label = f"{place} %" if place.isdigit() else place
            row = "".join(f"{cells.get((place, *one[:2]), ''):>{width}}" for one in part)
            lines.append(f"{label:>{FIRST}}{row}".rstrip())
    lines.append(
        f"Mean over seasons ± half of its interval. * differs: p < {1 - coverage:.2g} adjusted "
        f"(Holm).\nThe row '{MEAN}' is not tested, so it has no star: it repeats the checkpoints."
    )
    return folded("\n".join(lines))


def _cell(row: NDArray[np.float64], certain: bool) -> str:
    difference, low, high = map(float, row)
    decimals = 3 if abs(difference) < 1 else 2
    text = number(difference, decimals, "+")
    if np.isnan(low):
        return text + " " * 7
    return f"{text} ±{number((high - low) / 2, decimals)}{'*' if certain else ' '}"
