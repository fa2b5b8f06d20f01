"""Teams, conferences and divisions of the simulated league."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbarank.sources.simulated.arrays import Ints
from nbarank.sources.simulated.names import DIVISIONS, TEAMS

CONFERENCES = ("East", "West")


@dataclass(frozen=True)
class Structure:
    """Who belongs where; team `i` has the id `i + 1`.

    Parameters
    ----------
    conference
        Conference of each team, 0 or 1, shape (teams,).
    division
        Division of each team, counted through the league, shape (teams,).
    place
        Position of a team inside its conference, shape (teams,). Teams of one division are
        `divisions_per_conference` places apart.
    divisions_per_conference
        1, 2 or 3.
    """

    conference: Ints
    division: Ints
    place: Ints
    divisions_per_conference: int

    @property
    def n_teams(self) -> int:
        """Number of teams."""
        return len(self.conference)

    def members(self, conference: int) -> Ints:
        """Return the teams of a conference in the order of their places."""
        return np.flatnonzero(self.conference == conference)

    def frame(self) -> pd.DataFrame:
        """Return the teams as they are written to teams.csv, one row a team, key TEAM_ID."""
        rows = range(self.n_teams)
        return pd.DataFrame(
            {
                "TEAM_ID": [i + 1 for i in rows],
                "ABBREVIATION": [TEAMS[i][0] for i in rows],
                "NAME": [TEAMS[i][1] for i in rows],
                "CONFERENCE": [CONFERENCES[self.conference[i]] for i in rows],
                "DIVISION": [DIVISIONS[self.division[i]] for i in rows],
            }
        )


def build_structure(n_teams: int) -> Structure:
    """Split an even number of teams into two conferences and these into divisions."""
    size = n_teams // 2
    divisions = next(count for count in (3, 2, 1) if size % count == 0)
    conference = np.repeat(np.arange(2), size)
    place = np.tile(np.arange(size), 2)
    return Structure(
        conference=conference,
        division=conference * 3 + place % divisions,
        place=place,
        divisions_per_conference=divisions,
    )
