"""The stored tables that a forecast reads: of ended seasons, or of all seasons."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from nbarank.core.tables import Table, read_table
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.season_state import League
from nbarank.forecast.team_news import NEWS, NewsTables
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
