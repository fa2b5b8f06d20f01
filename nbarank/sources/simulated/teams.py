"""Teams, conferences and divisions of the simulated league, and the names of teams and players.

The names in names.json are invented. Some have accents, apostrophes, hyphens and suffixes, as real
names do, so that every file format and plot is tested with them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbarank.core.arrays import Ints
from nbarank.schemas.league import CONFERENCES

_NAMES: dict[str, Any] = json.loads(
    Path(__file__).with_name("names.json").read_text(encoding="utf-8")
)
ABBREVIATIONS, TEAM_NAMES = np.array(_NAMES["teams"], dtype=object).T
"""Of up to thirty teams, by index; with thirty teams the first half is the East."""


@dataclass(frozen=True)
class Structure:
    """Conference and division of each team; team `i` has the id `i + 1`.

    Parameters
    ----------
    conference
        0 or 1, shape (teams,).
    division
        Number of the division, unique in the league, shape (teams,); in a conference, every
        `divisions_per_conference`-th team is in the same one.
    divisions_per_conference
        1, 2 or 3.
    """

    conference: Ints
    division: Ints
    divisions_per_conference: int

    @property
    def n_teams(self) -> int:
        """Number of teams."""
        return len(self.conference)

    def members(self, conference: int) -> Ints:
        """Return the teams of a conference."""
        return np.flatnonzero(self.conference == conference)

    def frame(self) -> pd.DataFrame:
        """Return the content of teams.csv, one row per team, key TEAM_ID."""
        return pd.DataFrame(
            {
                "TEAM_ID": np.arange(1, self.n_teams + 1),
                "ABBREVIATION": ABBREVIATIONS[: self.n_teams],
                "NAME": TEAM_NAMES[: self.n_teams],
                "CONFERENCE": [CONFERENCES[i] for i in self.conference],
                "DIVISION": [_NAMES["divisions"][i] for i in self.division],
            }
        )


def build_structure(n_teams: int) -> Structure:
    """Split an even number of teams into two conferences, and each into 3, 2 or 1 divisions."""
    size = n_teams // 2
    divisions = next(count for count in (3, 2, 1) if size % count == 0)
    conference = np.repeat(np.arange(2), size)
    place = np.tile(np.arange(size), 2)
    return Structure(
        conference=conference,
        division=conference * 3 + place % divisions,
        divisions_per_conference=divisions,
    )


def player_names(rng: np.random.Generator) -> list[str]:
    """Return every combination of first and last name once, shuffled."""
    first, last = _NAMES["first_names"], _NAMES["last_names"]
    order = rng.permutation(len(first) * len(last)).tolist()
    return [f"{first[i // len(last)]} {last[i % len(last)]}" for i in order]
