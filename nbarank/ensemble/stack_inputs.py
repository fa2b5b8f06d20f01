"""Inputs of the stack: base scores and passed-through columns, row for row the same teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbarank.core.errors import RankerError
from nbarank.ensemble.blend import Array, centred
from nbarank.ensemble.params import StackingParams
from nbarank.ensemble.preseason import preseason_points
from nbarank.schemas.columns import KEY


@dataclass(frozen=True)
class StackInputs:
    """Inputs of the strength in points (`margin`) and of the ranking score (`rank`).

    One column each, centred within their date, row for row with `teams` (season, as_of, team_id,
    season_share; sorted by key). `preseason`: win totals in points; NaN: none.
    """

    teams: pd.DataFrame
    margin: pd.DataFrame
    rank: pd.DataFrame
    preseason: Array


def stack_inputs(
    described: pd.DataFrame,
    oof: Mapping[str, pd.DataFrame],
    params: StackingParams,
    preseason: pd.DataFrame | None = None,
) -> StackInputs:
    """Align base scores and passed-through columns on the rows that all base models scored.

    `described` has the key and `params.described_columns`; `oof` the tables oof/MODEL by model;
    `preseason` is the table league/preseason; None: no prior.

    Raises
    ------
    RankerError
        If the out-of-fold tables share no row.
    """
    rows = described[[*KEY, *params.described_columns]]
    for model in params.models:
        scores = oof[model].rename(
            columns={name: f"{model} {name}" for name in oof[model].columns if name not in KEY}
        )
        rows = rows.merge(scores, on=KEY, how="inner", validate="one_to_one")
    rows = rows.sort_values(KEY, ignore_index=True)
    if rows.empty:
        raise RankerError(
            "The base models have scored no team in common.",
            where=", ".join(f"oof/{model}" for model in params.models),
            next_command="dvc repro oof_deepset oof_xgb oof_rf",
        )
    passed = pd.DataFrame(centred(rows, params.passthrough), columns=list(params.passthrough))

    def inputs(kind: str) -> pd.DataFrame:
        scores = pd.DataFrame(index=rows.index)
        for model in params.models:
            name = f"{model} {kind}_score"
            scores[model] = centred(rows, [name])[:, 0]
            if params.use_confidence:
                scores[model] = damped(scores[model].to_numpy(), rows[f"{name}_sd"].to_numpy())
        return pd.concat([scores, passed], axis=1)

    points = np.full(len(rows), np.nan)
    if preseason is not None:
        points = preseason_points(rows, preseason)
    return StackInputs(rows[[*KEY, "season_share"]], inputs("margin"), inputs("rank"), points)


def damped(values: Array, sd: Array) -> Array:
    """Shrink scores by their own uncertainty: value x v / (v + sd^2), v the values' variance.

    The posterior mean of a score seen with noise of that SD (James and Stein, 1961).
    """
    variance = float(values.var())
    return values * (variance / (variance + sd**2)) if variance > 0 else values
