"""Fitted weights of the player models by season, so that one day can be described on its own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.errors import TableError
from nbarank.core.rounding import rounded
from nbarank.features.players.player_log import Floats


class SeasonWeights:
    """Weights by model and season: recorded as they are fitted, or those stored before.

    Parameters
    ----------
    stored
        Table features/player_weights; None to fit.
    """

    def __init__(self, stored: pd.DataFrame | None = None) -> None:
        self.fits = stored is None
        self._known: dict[tuple[str, str], Floats] = {}
        if stored is not None:
            ordered = stored.sort_values(["season", "model", "place"])
            for (season, model), rows in ordered.groupby(["season", "model"]):
                self._known[str(season), str(model)] = rows["weight"].to_numpy(np.float64)

    def of(self, season: str, model: str, fitted: Floats) -> Floats:
        """Return the weights that describe a season: `fitted`, rounded, or the stored ones."""
        if self.fits:
            self._known[season, model] = rounded(fitted)
        elif (season, model) not in self._known:
            raise TableError(
                f"The weights of {model} for {season} are not stored.",
                where="features/player_weights",
                next_command="dvc repro roster_features",
            )
        return self._known[season, model]

    def table(self) -> pd.DataFrame:
        """Return the rows of features/player_weights."""
        sizes = [len(weights) for weights in self._known.values()]
        keys = np.repeat(np.array(list(self._known), dtype=str).reshape(-1, 2), sizes, axis=0)
        return pd.DataFrame(
            {
                "season": keys[:, 0],
                "model": keys[:, 1],
                "place": np.concatenate([np.arange(size) for size in sizes]),
                "weight": np.concatenate(list(self._known.values())),
            }
        )
