"""The most likely bracket of a day: seeds by their odds, then the better team of each meeting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from nbarank.forecast.odds import Odds
from nbarank.forecast.postseason_simulation import ROUND_OF_SERIES
from nbarank.forecast.season_state import SeasonState
from nbarank.league.rules import FIRST_ROUND


@dataclass
class Brackets:
    """Rows of forecast/brackets, collected day by day."""

    found: list[dict[str, Any]] = field(default_factory=list)

    def add(self, state: SeasonState, odds: Odds) -> None:
        """Add the series of one day."""
        entrants = _entrants(state, odds)
        for number, stage in enumerate(ROUND_OF_SERIES.tolist()):
            (first, first_seed), (second, second_seed) = entrants[2 * number : 2 * number + 2]
            won, lost = odds.series[number, first, second], odds.series[number, second, first]
            rounds = odds.rounds[[first, second], stage + 1]
            better = won - lost or rounds[0] - rounds[1]
            entrants.append((first, first_seed) if better >= 0 else (second, second_seed))
            self.found.append(
                {
                    "season": state.season,
                    "as_of": state.as_of,
                    "series": number + 1,
                    "first_id": state.team_ids[first],
                    "second_id": state.team_ids[second],
                    "first_seed": first_seed,
                    "second_seed": second_seed,
                    "meetings": won + lost,
                    "first_wins": won,
                }
            )

    def rows(self) -> pd.DataFrame:
        """Return the rows of forecast/brackets."""
        return pd.DataFrame(self.found).astype({"as_of": "datetime64[us]"})


def _entrants(state: SeasonState, odds: Odds) -> list[tuple[int, int]]:
    """Return team and seed at each slot of the first round, in the order of the series."""
    sides = [_seeded(np.flatnonzero(state.conference == side), odds) for side in (0, 1)]
    return [
        (int(side[seed - 1]), seed) for side in sides for meeting in FIRST_ROUND for seed in meeting
    ]


def _seeded(teams: NDArray[np.intp], odds: Odds) -> NDArray[np.intp]:
    """Return [8] the assignment of teams to seeds with the largest sum of probabilities."""
    rows, columns = linear_sum_assignment(odds.seed[teams], maximize=True)
    return teams[rows[np.argsort(columns)]]
