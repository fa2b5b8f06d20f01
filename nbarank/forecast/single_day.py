"""Forecast of a season as of any day, from stored strengths (`nbarank forecast --as-of DAY`)."""

from __future__ import annotations

import shlex

import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.predictions import build_predictions
from nbarank.forecast.season_model import season_models, with_playoff_strength
from nbarank.forecast.season_state import MARGIN_AFTER, MARGIN_BEFORE, League
from nbarank.forecast.team_forecasts import forecast_day
from nbarank.schemas.predictions import Predictions


def season_of_day(day: pd.Timestamp, seasons: pd.DataFrame) -> str:
    """Return the season that a day belongs to; between two seasons, the next one.

    Parameters
    ----------
    day
        Any day.
    seasons
        Table league/seasons.

    Raises
    ------
    ForecastError
        If the day is outside every season.
    """
    early, late = seasons["start"] - MARGIN_BEFORE, seasons["playoffs_end"] + MARGIN_AFTER
    playing = seasons[(seasons["start"] <= day) & (day <= seasons["playoffs_end"])]
    around = seasons[(early <= day) & (day <= late)]
    found = playing if len(playing) else around
    if found.empty:
        raise ForecastError(
            f"{day:%Y-%m-%d} is outside the seasons of the data.",
            where="league/seasons",
            allowed=f"{early.min():%Y-%m-%d} to {late.max():%Y-%m-%d}, within "
            f"{MARGIN_BEFORE.days} days before or {MARGIN_AFTER.days} days after a season",
            next_command="nbarank forecast --as-of DAY with such a day",
        )
    return str(found.sort_values("start")["season"].iloc[-1])


def find_team(name: str, season: str, teams: pd.DataFrame) -> int:
    """Return the id of a season's team by abbreviation, name or id, ignoring case.

    Parameters
    ----------
    name
        'BOS', 'Boston Celtics' or '1610612738'.
    season
        Label.

    Raises
    ------
    ForecastError
        If the season has no such team.
    """
    members = teams[teams["season"] == season]
    wanted = name.strip().lower()
    matches = (
        (members["abbreviation"].str.lower() == wanted)
        | (members["name"].str.lower() == wanted)
        | (members["team_id"].astype(str) == wanted)
    )
    if not matches.any():
        raise ForecastError(
            f"No team of {season} is called '{name}'.",
            where="league/teams",
            allowed=", ".join(sorted(members["abbreviation"])),
            next_command=f"nbarank forecast --team {shlex.quote(members['abbreviation'].min())}",
        )
    return int(members.loc[matches, "team_id"].iloc[0])


def latest_day(league: League) -> pd.Timestamp:
    """Return the latest day that can be forecast: the morning after the last game in the data.

    If the next season is in the data and has no game yet, its first day.
    """
    played = set(league.games["season"])
    to_start = league.seasons[~league.seasons["season"].isin(played)]
    if len(to_start):
        return pd.Timestamp(to_start["start"].max())
    return pd.Timestamp(league.games["game_date"].max()) + pd.Timedelta(days=1)


def strengths_on(day: pd.Timestamp, season: str, strength: pd.DataFrame) -> pd.DataFrame:
    """Return the latest strengths of a season dated on or before a day.

    Raises
    ------
    ForecastError
        If there are none.
    """
    of_season = strength[strength["season"] == season]
    known = of_season[of_season["as_of"] <= day]
    if known.empty:
        raise ForecastError(
            f"No strength of {season} is known on {day:%Y-%m-%d}.",
            where="ensemble/strength",
            allowed=f"{of_season['as_of'].min():%Y-%m-%d} or later"
            if len(of_season)
            else "a season of roles train, validation or test with out-of-fold scores",
            next_command="dvc repro",
        )
    latest = pd.Timestamp(known["as_of"].max())
    return known[known["as_of"] == latest]


def forecast_as_of(
    day: pd.Timestamp,
    league: League,
    strength: pd.DataFrame,
    params: ForecastParams,
    *,
    seed: int,
    evidence: Evidence | None = None,
    team: str | None = None,
) -> Predictions:
    """Forecast the season of a day from what was known that morning; nothing is retrained.

    Parameters
    ----------
    day
        Games on the day itself are simulated.
    strength
        Table ensemble/strength with season_share (from league/as_of), all seasons: earlier ones
        fit the season's model.
    evidence
        Facts of other rooms for the analysis.
    team
        Abbreviation, name or id of the only team to return; None: all.

    Raises
    ------
    ForecastError
        If the day is outside the data, the team does not exist, or the bracket cannot be
        completed.
    """
    season = season_of_day(day, league.seasons)
    wanted = find_team(team, season, league.teams) if team is not None else None
    state = league.state(season, day)
    dated = with_playoff_strength(strength, params.playoff_strength_share)
    known = strengths_on(day, season, dated)
    model = season_models([season], dated, league.games, params)[season]
    predictions = build_predictions(
        forecast_day(state, known, model, params, seed=seed),
        league,
        {(season, day): float(state.won.sum() * 2 / max(int(state.played.sum()), 1))},
        params,
        evidence or Evidence(),
        strength_days={(season, day): pd.Timestamp(known["as_of"].iloc[0])},
    )
    if wanted is None:
        return predictions
    only = predictions.forecasts[0]
    kept = [one for one in only.teams if one.team_id == wanted]
    # Not validated again: the odds of one team do not add up to those of a league.
    return predictions.model_copy(update={"forecasts": [only.model_copy(update={"teams": kept})]})
