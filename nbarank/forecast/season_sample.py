"""A sample of the simulated seasons of one season, for questions such as "what if X wins".

forecast/simulations.json: `season`, `teams` (ids) and for each of `days`: `as_of`, `n`, `games`
(game_date, home_id, away_id) and three fields of base64 bytes:

- `home_won`: a bit a (game, simulation), games padded to whole bytes, most significant bit first;
- `wins`: a byte a (team, simulation), regular-season wins;
- `ends`: the same, 8 x place in the conference + series won + 1 (0: not in the playoffs).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbarank.core.tables import write_text
from nbarank.forecast.season_simulation import Simulated
from nbarank.forecast.season_state import SeasonState
from nbarank.schemas.forecast import SIMULATIONS

GAME_DAYS = 14
"""Days after a date whose games are stored."""
MAX_SIMULATIONS = 2000


@dataclass
class SeasonSample:
    """The first simulations of every forecast day of `season`."""

    season: str
    teams: list[int] = field(default_factory=list)
    days: list[dict[str, Any]] = field(default_factory=list)

    def keep(self, state: SeasonState, simulated: Simulated) -> None:
        """Add a day; days of other seasons are ignored."""
        if state.season != self.season:
            return
        self.teams = state.team_ids.tolist()
        n = min(simulated.home_won.shape[1], MAX_SIMULATIONS)
        near = np.flatnonzero(state.days < GAME_DAYS)
        won, table = simulated.home_won[near, :n], simulated.standings
        ends = 8 * table.conference_rank + simulated.playoffs.rounds_won + 1
        dates = state.as_of + pd.to_timedelta(state.days[near], unit="D")
        pairs = zip(dates, self._ids(state.home[near]), self._ids(state.away[near]), strict=True)
        self.days.append(
            {
                "as_of": f"{state.as_of:%Y-%m-%d}",
                "n": n,
                "games": [[f"{date:%Y-%m-%d}", home, away] for date, home, away in pairs],
                "home_won": _text(np.packbits(won, axis=1)),
                "wins": _text(table.wins[:, :n].astype(np.uint8)),
                "ends": _text(ends[:, :n].astype(np.uint8)),
            }
        )

    def open_days(self) -> list[tuple[str, pd.Timestamp]]:
        """Return season and date of the days before a stored game."""
        return [(self.season, pd.Timestamp(day["as_of"])) for day in self.days if day["games"]]

    def write(self, root: Path) -> None:
        """Write forecast/simulations.json below `root`."""
        content = {"season": self.season, "teams": self.teams, "days": self.days}
        write_text(root / SIMULATIONS, json.dumps(content, separators=(",", ":")) + "\n")

    def _ids(self, teams: Any) -> list[int]:
        return [self.teams[int(team)] for team in teams]


def _text(values: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
