"""Games of some days from stored models, and the same as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.core.params import ReproParams
from nbarank.core.sections import load_section
from nbarank.core.tables import each_read_once, read_table
from nbarank.forecast.coming_games import ComingGames, coming_games, no_games, of_team
from nbarank.forecast.game_forecasts import meetings_of
from nbarank.forecast.inputs import read_game_inputs, read_inputs, read_league, read_season_model
from nbarank.forecast.leverage import NO_LEVERAGE, STAKES, leverage, result_effects
from nbarank.forecast.name_search import find_team
from nbarank.forecast.open_playoffs import open_playoffs
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.single_day import has_strengths
from nbarank.forecast.team_news import SIDES
from nbarank.forecast.what_if import WhatIf, assumed_texts
from nbarank.results.days import season_of_games
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.league import AS_OF, SEASONS
from nbarank.schemas.season_split import CURRENT, current_seasons, read_whole, read_with_current

MOST_DAYS = 366
"""Longer than a season."""
_COLUMNS = (
    *("season", "as_of", "game_id", "game_date", "kind", "state", "home", "away", "neutral"),
    *("home_win_probability", "expected_margin", "expected_total", "home_rest", "away_rest"),
    *("home_out_points", "away_out_points", "home_out", "away_out", "certain"),
)


class Stakes(NamedTuple):
    """Frames of `leverage` and `result_effects` (None: not asked for), and `assumed_texts`."""

    leverage: pd.DataFrame | None = None
    effects: pd.DataFrame | None = None
    assumed: Sequence[str] = ()


class DayGames(NamedTuple):
    """Games, abbreviations by team id, what results change, whether the season has ended.

    `to_come`: the games are not older than the data; an ended season has none to come.
    `eliminated`: the chosen team plays no more games this season.
    """

    games: ComingGames
    names: dict[int, str]
    stakes: Stakes
    ended: bool
    to_come: bool
    eliminated: bool = False


@each_read_once()
def games_of_days(
    day: pd.Timestamp | None = None,
    days: int = 1,
    team: str | None = None,
    what_if: WhatIf = WhatIf(),  # noqa: B008
    stakes: bool = False,
) -> DayGames:
    """Forecast the games of some days, each from what was known the evening before.

    Parameters
    ----------
    day
        First day; None: the next day with games (of the team), or the last one if there is none.
    stakes
        Also return `leverage`.

    Raises
    ------
    ForecastError
        If `days` is not a number from 1 to `MOST_DAYS`, the day is outside the data, its season has
        no forecasts, a name is not known, or something is assumed of days without games.
    """
    if not isinstance(days, int | np.integer) or not 1 <= days <= MOST_DAYS:
        raise ForecastError(
            f"{days} is not a number of days.",
            where="days",
            allowed=f"1 to {MOST_DAYS}",
            next_command="nbarank games --next 7",
        )
    seasons, current = read_whole(SEASONS), current_seasons()
    newest = read_table(AS_OF, CURRENT)["as_of"].max() if current else None
    wanted = day if day is not None else newest
    season = seasons["season"].max() if wanted is None else season_of_games(wanted, seasons)
    params = load_section(ForecastParams)
    league = read_league(season)
    own_team = None if team is None else find_team(team, season, league.teams)
    meetings = of_team(meetings_of(league), own_team)
    dates = meetings["game_date"].sort_values()
    first = day if day is not None else _day_with_games(dates, wanted)
    known, ended = known_on(first, season), season not in current
    to_come = not ended and newest is not None and first >= newest
    names = dict(zip(league.teams["team_id"], league.teams["abbreviation"], strict=True))
    eliminated = False
    if own_team is not None and newest is not None and not (ended or to_come):
        playoffs = open_playoffs(league.state(season, newest))
        eliminated = playoffs is not None and own_team not in playoffs.alive
    span = pd.date_range(first, periods=days)
    of_them = "" if own_team is None else names[own_team]
    if eliminated and any(what_if) and day is None:
        raise ForecastError(
            f"{of_them} is eliminated: nothing can be assumed of its games.",
            where="--team",
            allowed="a team with a game to come",
            next_command="nbarank games",
        )
    if not dates.isin(span).any():
        none = no_games(season, known, dates, span[-1], of_them)
        if any(what_if):
            raise _nothing_to_assume(none, first)
        no_stakes = Stakes(NO_LEVERAGE if stakes else None)
        return DayGames(none, names, no_stakes, ended, to_come, eliminated)
    read_season_model(season)  # a season without one is refused before it is described
    described = None
    if not has_strengths(season, known, read_with_current(STRENGTH)):
        from nbarank.results.day_strength import with_day

        described = with_day(read_inputs(), season, known)
    inputs = read_game_inputs(season, params, league, described)
    found = coming_games(inputs, known, span, what_if, own_team)
    seed = load_section(ReproParams).seed
    changes = Stakes(
        leverage(inputs, found, params, seed, what_if) if stakes else None,
        result_effects(inputs, found, params, seed, what_if) if what_if.results else None,
        assumed_texts(league.state(season, known), league.teams, what_if)
        if what_if.results
        else (),
    )
    return DayGames(found, names, changes, ended, to_come, eliminated)


def _nothing_to_assume(none: ComingGames, first: pd.Timestamp) -> ForecastError:
    near = none.nearest
    day = "" if near is None else f"{near:%Y-%m-%d}"
    return ForecastError(
        f"There are no games{f' of {none.team}' if none.team else ''} on the chosen days: nothing "
        "can be assumed.",
        where="--without, --with, --result",
        allowed="days with games",
        next_command="nbarank games"
        + (f" --date {day}" if day else "")
        + (f" --team {none.team}" if none.team else ""),
        instead=(f"{first:%Y-%m-%d}", day) if day else None,
    )


def known_on(day: pd.Timestamp, season: str) -> pd.Timestamp:
    """Return the day before which box scores count: in the current season that of the data."""
    if season not in current_seasons():
        return day
    newest: pd.Timestamp = read_table(AS_OF, CURRENT)["as_of"].max()
    return min(day, newest)


def _day_with_games(dates: pd.Series[pd.Timestamp], day: pd.Timestamp | None) -> pd.Timestamp:
    """Return the first of the sorted dates from a day on; None, or none left: the last."""
    ahead = dates.iloc[:0] if day is None else dates[dates >= day]
    return pd.Timestamp(dates.iloc[-1] if ahead.empty else ahead.iloc[0])


def game_rows(found: DayGames) -> pd.DataFrame:
    """Return one row per game; columns as in `nbarank.games`."""
    games, absent = found.games.games.reset_index(drop=True), found.games.absent
    listed = absent.groupby(["game_id", "team_id"], sort=False)["player_name"].agg(", ".join)
    worth: list[str] = []
    games["certain"] = ~games["game_id"].isin(found.games.uncertain)
    for side in SIDES:
        keys = pd.MultiIndex.from_frame(games[["game_id", f"{side}_id"]])
        games[side] = games[f"{side}_id"].map(found.names).astype("str")
        games[f"{side}_out"] = listed.reindex(keys).fillna("").to_numpy(str)
        if found.stakes.leverage is not None:
            names = [f"{side}_{name}" for name in STAKES]
            stakes = found.stakes.leverage.set_index(["game_id", "team_id"])[list(STAKES)]
            games[names] = stakes.reindex(keys).to_numpy(float)
            worth += names
    days = dict.fromkeys(("as_of", "game_date"), "datetime64[us]")
    texts = ("season", "game_id", "kind", "state", "home_out", "away_out")
    return games[[*_COLUMNS, *worth]].astype({**days, **dict.fromkeys(texts, "str")})
