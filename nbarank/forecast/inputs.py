"""The stored tables that a forecast reads: of ended seasons, or of all seasons."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from nbarank.core.tables import Table, read_table
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.season_state import League
from nbarank.forecast.team_news import NEWS, NewsTables
from nbarank.schemas.columns import KEY
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.features import ROSTER_TEAMS
from nbarank.schemas.league import (
    AS_OF,
    GAMES,
    OUTCOMES,
    SCHEDULE,
    SEASONS,
    TEAMS,
)
from nbarank.schemas.oof import BASE_MODELS, oof_table
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import ENDED, read_whole, read_with_current


class ForecastInputs(NamedTuple):
    """League tables, ensemble/strength, league/as_of, and facts of other rooms."""

    league: League
    strength: pd.DataFrame
    as_of: pd.DataFrame
    evidence: Evidence

    def dated_strength(self) -> pd.DataFrame:
        """Return strength with the columns of league/as_of and returning.

        returning: strength of the roster with its playoff minutes less that with the minutes of
        the next games, in points against the league's mean.
        """
        dated = self.strength.merge(self.as_of, on=["season", "as_of"], validate="many_to_one")
        rosters = self.evidence.roster_teams
        if rosters is None:
            return dated
        gain = rosters[KEY].assign(
            returning=rosters["playoff_strength"] - rosters["available_strength"]
        )
        league = gain.groupby(["season", "as_of"])["returning"].transform("mean")
        gain["returning"] -= league
        return dated.merge(gain, on=KEY, validate="one_to_one")


def read_inputs(root: Path | None = None) -> ForecastInputs:
    """Read the tables; `root` is `ENDED` for ended seasons, None for all seasons."""

    def read(table: Table) -> pd.DataFrame:
        return read_whole(table) if root is None else read_table(table, root)

    read_scores = read_with_current if root is None else read_table
    as_of = read(AS_OF)
    return ForecastInputs(
        League(*map(read, (SEASONS, TEAMS, GAMES, SCHEDULE))),
        read_scores(STRENGTH),
        as_of,
        Evidence(
            outcomes=read_table(OUTCOMES, ENDED),
            as_of=as_of,
            ratings=read(RATINGS),
            roster_teams=read(ROSTER_TEAMS),
            model_scores={model: read_scores(oof_table(model)) for model in BASE_MODELS},
        ),
    )


def read_news(root: Path | None = None) -> NewsTables:
    """Read the tables that show who plays; `root` as in `read_inputs`."""
    return NewsTables(
        *(read_whole(table) if root is None else read_table(table, root) for table in NEWS)
    )
