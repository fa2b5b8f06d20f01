"""The stored tables that a forecast reads: of ended seasons, or of all seasons."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.core.tables import Table, read_table
from nbarank.forecast.coming_games import GameInputs
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import SeasonModel, models_of_rows, with_playoff_strength
from nbarank.forecast.season_state import League
from nbarank.forecast.team_news import NEWS, NewsTables
from nbarank.schemas.columns import KEY
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.features import ROSTER_TEAMS, ROSTERS
from nbarank.schemas.forecast import GAME_MODELS
from nbarank.schemas.league import (
    AS_OF,
    GAMES,
    OUTCOMES,
    SCHEDULE,
    SEASONS,
    TEAM_GAMES,
    TEAMS,
)
from nbarank.schemas.oof import BASE_MODELS, oof_table
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import (
    CURRENT,
    ENDED,
    current_seasons,
    read_whole,
    read_with_current,
)

_LEAGUE = (SEASONS, TEAMS, GAMES, SCHEDULE)


class ForecastInputs(NamedTuple):
    """League tables, ensemble/strength, league/as_of, and facts of other rooms.

    `rosters` are those of a day that is not stored.
    """

    league: League
    strength: pd.DataFrame
    as_of: pd.DataFrame
    evidence: Evidence
    rosters: pd.DataFrame | None = None

    def dated_strength(self) -> pd.DataFrame:
        """Return `dated_strength` of these tables."""
        return dated_strength(self.strength, self.as_of, self.evidence.roster_teams)


def dated_strength(
    strength: pd.DataFrame, as_of: pd.DataFrame, roster_teams: pd.DataFrame | None
) -> pd.DataFrame:
    """Return strength with the columns of league/as_of and returning.

    returning: strength of the roster with its playoff minutes less that with the minutes of the
    next games, in points against the league's mean.
    """
    dated = strength.merge(as_of, on=["season", "as_of"], validate="many_to_one")
    if roster_teams is None:
        return dated
    gain = roster_teams["playoff_strength"] - roster_teams["available_strength"]
    rows = roster_teams[KEY].assign(returning=gain)
    rows["returning"] -= rows.groupby(["season", "as_of"])["returning"].transform("mean")
    return dated.merge(rows, on=KEY, validate="one_to_one")


def read_inputs(root: Path | None = None) -> ForecastInputs:
    """Read the tables; `root` is `ENDED` for ended seasons, None for all seasons."""

    def read(table: Table) -> pd.DataFrame:
        return read_whole(table) if root is None else read_table(table, root)

    read_scores = read_with_current if root is None else read_table
    as_of = read(AS_OF)
    return ForecastInputs(
        League(*map(read, _LEAGUE)),
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


def read_league(season: str) -> League:
    """Read the league tables of one season."""
    return League(*(_of_season(table, season) for table in _LEAGUE))


def _of_season(table: Table, season: str) -> pd.DataFrame:
    rows = read_table(table, CURRENT if season in current_seasons() else ENDED)
    return rows[rows["season"] == season]


def read_season_model(season: str) -> SeasonModel:
    """Read the stored model of a season.

    Raises
    ------
    ForecastError
        If the season has no stored strengths and models.
    """
    models = models_of_rows(read_with_current(GAME_MODELS))
    if season not in models:
        games = read_whole(GAMES)
        newest = games.loc[games["season"].isin(list(models)), "game_date"].max()
        raise ForecastError(
            f"{season} has no forecasts: only validation and test seasons have.",
            where="seasons in params.yaml",
            allowed=", ".join(models),
            next_command=f"nbarank games --date {newest:%Y-%m-%d}",
        )
    return models[season]


def read_game_inputs(
    season: str, params: ForecastParams, league: League, described: ForecastInputs | None = None
) -> GameInputs:
    """Read what the games of one season need; errors as in `read_season_model`.

    Parameters
    ----------
    league
        Tables of the season.
    described
        Tables with a day that is not stored, and its rosters; None: the stored days.
    """
    model = read_season_model(season)
    strength = read_with_current(STRENGTH) if described is None else described.strength
    strength = strength[strength["season"] == season]
    rosters = None if described is None else described.rosters
    tables = (table for table in NEWS if rosters is None or table is not ROSTERS)
    own = [_of_season(table, season) for table in tables]
    news = NewsTables(*(own if rosters is None else [rosters, *own]))
    news = news._replace(team_games=read_whole(TEAM_GAMES))
    if described is None:
        dated = dated_strength(
            strength, *(_of_season(one, season) for one in (AS_OF, ROSTER_TEAMS))
        )
    else:
        dated = dated_strength(strength, described.as_of, described.evidence.roster_teams)
    dated = with_playoff_strength(dated, params.playoff_strength_share)
    dated = dated.assign(strength_sd=model.strength_sd(dated, params))
    return GameInputs(season, league, dated, news, model)
