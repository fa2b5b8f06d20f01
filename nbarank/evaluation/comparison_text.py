"""A comparison of two rankers on one screen: a row per checkpoint, a column per measure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

HEADLINE = (
    ("final_rank", "spearman", "final standings", "Spearman"),
    ("playoff_outcome", "spearman", "playoff outcome", "Spearman"),
    ("wins", "wins_rmse", "projected wins", "RMSE"),
    ("title", "title_logloss", "champion", "log-loss"),
    ("games", "game_brier", "single games", "Brier score"),
)
"""Target, measure and their words, of the measures that are shown by default."""
WIDTH = 17


def comparison_text(found: pd.DataFrame, title: str, metrics: Sequence[str] = ()) -> str:
    """Return the mean difference, half the width of its interval, and a star if zero is outside.

    Parameters
    ----------
    found
        From `paired_differences`.
    title
        First line.
    metrics
        Measures to show instead of `HEADLINE`, for every target that has them.
    """
    columns: list[tuple[str, ...]] = list(HEADLINE)
    if metrics:
        pairs = found[found["metric"].isin(metrics)][["target", "metric"]].drop_duplicates()
        columns = [(target, name, target, name) for target, name in pairs.to_numpy()]
    keys = found[["checkpoint", "target", "metric"]].itertuples(index=False, name=None)
    figures = found[["difference", "low", "high"]].to_numpy(np.float64)
    cells = {key: _cell(*map(float, row)) for key, row in zip(keys, figures, strict=True)}
    shown = [one for one in columns if any(key[1:] == one[:2] for key in cells)]
    wanted = {one[:2] for one in shown}
    places = list(dict.fromkeys(key[0] for key in cells if key[1:] in wanted))
    ordered = sorted((place for place in places if place.isdigit()), key=int)
    lines = [title]
    for words in (2, 3):
        lines.append(" " * 7 + "".join(f"{one[words]:>{WIDTH}}" for one in shown))
    for place in [*ordered, *(place for place in places if not place.isdigit())]:
        label = f"{place} %" if place.isdigit() else place
        row = "".join(f"{cells.get((place, *one[:2]), ''):>{WIDTH}}" for one in shown)
        lines.append(f"{label:>7}{row}".rstrip())
    lines.append("mean over seasons ± half of the interval; * the interval is without zero")
    return "\n".join(lines)


def _cell(difference: float, low: float, high: float) -> str:
    decimals = 3 if abs(difference) < 1 else 2
    text = f"{difference:+.{decimals}f}"
    if np.isnan(low):
        return text + "        "
    star = "*" if low > 0 or high < 0 else " "
    return f"{text} ±{(high - low) / 2:.{decimals}f}{star}"
