"""Rows of forecast/games: the home side's win probability as of a date."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbarank.core.arrays import are_in
from nbarank.forecast.game_model import games_with_strength, with_edges
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_model import SeasonModel, with_playoff_strength
from nbarank.forecast.season_state import League
from nbarank.forecast.team_news import (
    NewsTables,
    absent_before,
    no_rows,
    with_points,
    with_rest,
)
from nbarank.forecast.totals import with_scoring
from nbarank.schemas.forecast import ABSENCES, FORECAST_GAMES, STATES, State
from nbarank.schemas.league import kinds_of

GAME_COLUMNS = ["game_id", "season", "game_date", "home_id", "away_id", "kind", "neutral"]
NEWS_DAYS = 1
"""Days after which absences of today are not counted: they are worth half two days later."""


def forecast_games(
    league: League,
    strength: pd.DataFrame,
    models: Mapping[str, SeasonModel],
    params: ForecastParams,
    news: NewsTables | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the win probabilities of the games that follow each date, and who is absent.

    Parameters
    ----------
    league
        League tables; results are not read.
    strength
        season, as_of, season_share, team_id, strength, strength_sd; optional playoff_strength.
    models
        Of each season to forecast.
    news
        Who plays; None: no absences.

    Returns
    -------
    tuple
        Rows of forecast/games: fixtures of the regular season up to `game_horizon_days` after
        each date, and play-in and playoff games, played or to come, after the latest date before
        them. Rows of forecast/absences.
    """
    rows = as_simulated(strength, models, params)
    meetings = meetings_of(league)
    meetings = with_rest(meetings, meetings)
    late = games_with_strength(meetings[meetings["kind"] != "regular"], rows)
    known_from = league.schedule[["game_id", "known_from"]]
    regular = meetings[meetings["kind"] == "regular"].merge(known_from, on="game_id", how="left")
    dates = rows[["season", "as_of"]].drop_duplicates()
    near = regular.merge(dates.astype({"as_of": regular["game_date"].dtype}), on="season")
    ahead = near["game_date"] - near["as_of"]
    horizon = pd.Timedelta(days=params.game_horizon_days)
    known = ~(near["known_from"] > near["as_of"])
    near = near[(ahead >= pd.Timedelta(0)) & (ahead < horizon) & known].drop(columns="known_from")
    frames = [late, with_edges(near, rows)]
    paired = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    # Absences known on a date count for a short time.
    soon = ((paired["game_date"] - paired["as_of"]).dt.days <= NEWS_DAYS) & (news is not None)
    paired["state"] = np.where(soon, "evening", "schedule")
    near = paired[soon].assign(known=paired["as_of"])
    absent = no_rows(ABSENCES) if news is None else absent_before(near, news)
    tables = None if news is None else news.team_games
    return game_rows(with_points(paired, absent), models, tables), absent


def forecast_played(
    games: pd.DataFrame,
    strength: pd.DataFrame,
    models: Mapping[str, SeasonModel],
    params: ForecastParams,
    news: Mapping[State, pd.DataFrame],
    team_games: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return rows of forecast/played: the games of the models' seasons in every state.

    Parameters
    ----------
    games
        Table league/games; results are not read.
    strength
        As in `forecast_games`.
    news
        Of `news_of_played`.
    team_games
        For the expected totals, as in `with_scoring`.
    """
    rested = with_rest(games, games)
    paired = games_with_strength(rested, as_simulated(strength, models, params))
    plain = paired.assign(home_out_points=0.0, away_out_points=0.0, state="schedule")
    informed = [
        paired.merge(rows, on="game_id").assign(state=state) for state, rows in news.items()
    ]
    return game_rows(pd.concat([plain, *informed], ignore_index=True), models, team_games)


def as_simulated(
    strength: pd.DataFrame, models: Mapping[str, SeasonModel], params: ForecastParams
) -> pd.DataFrame:
    """Return the strengths of the models' seasons with the playoff strength and SD simulated."""
    strength = with_playoff_strength(strength, params.playoff_strength_share)
    strength = strength[strength["season"].isin(list(models))]
    return pd.concat(
        part.assign(strength_sd=models[str(season)].strength_sd(part, params))
        for season, part in strength.groupby("season")
    )


def game_rows(
    paired: pd.DataFrame,
    models: Mapping[str, SeasonModel],
    team_games: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return rows of forecast/games of pairs of game and as_of with rest, news and edges.

    Expected totals are missing without `team_games`.
    """
    totals = [
        pd.Series(models[str(season)].total.expected(group), group.index)
        for season, group in with_scoring(paired, team_games).groupby("season")
    ]
    paired = paired.assign(expected_total=pd.concat(totals) if totals else np.nan)
    parts = [
        models[str(season)].games[state].forecast(group)
        for state in STATES
        for season, group in paired[paired["state"] == state].groupby("season")
    ]
    found = paired.join(pd.concat(parts)) if parts else paired
    return found[list(FORECAST_GAMES.schema.columns)]


def meetings_of(league: League) -> pd.DataFrame:
    """Return played games and remaining fixtures, without results, in the columns GAME_COLUMNS."""
    played = league.games[GAME_COLUMNS]
    remaining = league.schedule[~are_in(league.schedule["game_id"], played["game_id"])]
    remaining = remaining.assign(kind=kinds_of(remaining), neutral=False)
    return pd.concat([played, remaining[GAME_COLUMNS]], ignore_index=True)
