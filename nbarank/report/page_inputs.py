"""Tables that the page is made from, of ended seasons and the current one."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbarank.core.tables import DATA, read_table
from nbarank.schemas.columns import KEY
from nbarank.schemas.explain import CONTRIBUTORS, SHAP_VALUES
from nbarank.schemas.forecast import (
    ABSENCES,
    BRACKETS,
    FORECAST_GAMES,
    FORECAST_TEAMS,
    SIMULATIONS,
    WEEKLY,
    WITHOUT_STAR,
    known_ahead,
)
from nbarank.schemas.league import AS_OF, GAMES, SCHEDULE, STANDINGS, TEAMS, regular_fixtures
from nbarank.schemas.ratings import EFFICIENCY
from nbarank.schemas.season_split import RESULTS, current_seasons, read_whole, read_with_current

WEEK = pd.Timedelta(days=7)


@dataclass(frozen=True)
class PageTables:
    """Tables by their contract; all but `teams` and `played` have forecast seasons only.

    Parameters
    ----------
    history
        forecast/weekly with `wins`, `losses`, `season_share`, `offence` and `defence`.
    fixtures
        league/schedule, played or not.
    coming
        forecast/games of the seven days after each date.
    absent, brackets, without_star
        forecast/absences, forecast/brackets, forecast/without_star.
    played
        league/games with `probability`: the latest forecast of the home side's win before it.
    open_seasons
        Seasons whose champion is not known.
    simulations
        Content of forecast/simulations.json of the latest season; None if it is not stored.
    """

    teams: pd.DataFrame
    forecast: pd.DataFrame
    history: pd.DataFrame
    fixtures: pd.DataFrame
    coming: pd.DataFrame
    absent: pd.DataFrame
    brackets: pd.DataFrame
    without_star: pd.DataFrame
    played: pd.DataFrame
    contributors: pd.DataFrame
    shap: pd.DataFrame
    open_seasons: Collection[str]
    simulations: dict[str, Any] | None


def read_page_tables() -> PageTables:
    """Read the tables below data/."""
    forecast, games = read_with_current(FORECAST_TEAMS), read_with_current(FORECAST_GAMES)
    seasons = set(forecast["season"])
    days = read_whole(AS_OF)[["season", "as_of", "season_share"]]
    history = read_with_current(WEEKLY).merge(days, on=["season", "as_of"])
    history = history.merge(read_table(EFFICIENCY), on=KEY)
    records = read_whole(STANDINGS)[["season", "as_of", "team_id", "wins", "losses"]]
    last = games.sort_values("as_of", kind="stable").drop_duplicates("game_id", keep="last")
    played = read_whole(GAMES).merge(
        last[["game_id", "home_win_probability"]], on="game_id", how="left"
    )
    root = RESULTS if current_seasons() else DATA
    path = root / SIMULATIONS
    return PageTables(
        teams=read_whole(TEAMS),
        forecast=forecast,
        history=history[history["season"].isin(seasons)].merge(records, on=KEY),
        fixtures=regular_fixtures(read_whole(SCHEDULE)),
        coming=known_ahead(
            games[games["game_date"] - games["as_of"] < WEEK], set(played["game_id"])
        ),
        absent=read_with_current(ABSENCES),
        brackets=read_with_current(BRACKETS),
        without_star=read_table(WITHOUT_STAR, root),
        played=played[played["season"].isin(seasons)],
        contributors=read_with_current(CONTRIBUTORS),
        shap=read_with_current(SHAP_VALUES),
        open_seasons=current_seasons(),
        simulations=json.loads(path.read_text(encoding="utf-8")) if path.exists() else None,
    )
