"""`nbarank forecast --as-of DAY`: a forecast for any day, from strengths that are there."""

from __future__ import annotations

import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.forecast.constants import season_constants, with_playoff_strength
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.predictions import build_predictions
from nbarank.forecast.run import League, forecast_day
from nbarank.schemas.predictions import Predictions

DAYS_BEFORE, DAYS_AFTER = 150, 60
"""A day so long before a season's start or after its playoffs still belongs to the season."""


def season_of_day(day: pd.Timestamp, seasons: pd.DataFrame) -> str:
    """Return the season that a day belongs to.

    Parameters
    ----------
    day
        Any day.
    seasons
        Table league/seasons.

    Raises
    ------
    ForecastError
        If the day lies outside every season. Between two seasons it belongs to the one that
        starts, if that is in the data, from `DAYS_BEFORE` days before its start.
    """
    early = seasons["start"] - pd.Timedelta(days=DAYS_BEFORE)
    late = seasons["playoffs_end"] + pd.Timedelta(days=DAYS_AFTER)
    # A season that is being played comes before one that is still to start.
    playing = seasons[(seasons["start"] <= day) & (day <= seasons["playoffs_end"])]
    around = seasons[(early <= day) & (day <= late)]
    found = playing if len(playing) else around
    if found.empty:
        raise ForecastError(
            f"{day:%Y-%m-%d} lies outside the seasons of the data.",
            where="league/seasons",
            allowed=f"{early.min():%Y-%m-%d} to {late.max():%Y-%m-%d}, within "
            f"{DAYS_BEFORE} days before or {DAYS_AFTER} days after a season",
            next_command="nbarank forecast --as-of DAY with such a day",
        )
    return str(found.sort_values("start")["season"].iloc[-1])


def find_team(name: str, season: str, teams: pd.DataFrame) -> int:
    """Return a team's id by its abbreviation, name or id.

    Parameters
    ----------
    name
        'BOS', 'Boston Celtics' or '1610612738'; case does not matter.
    season
        Names are those of this season.
    teams
        Table league/teams.

    Raises
    ------
    ForecastError
        If no team of the season is called so.
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
            next_command=f"nbarank forecast --team {members['abbreviation'].min()}",
        )
    return int(members.loc[matches, "team_id"].iloc[0])


def latest_day(league: League) -> pd.Timestamp:
    """Return the latest day that can be forecast: the morning after the last game in the data.

    Before the first game of a season that follows, that season's first day.
    """
    played = set(league.games["season"])
    to_start = league.seasons[~league.seasons["season"].isin(played)]
    if len(to_start):
        return pd.Timestamp(to_start["start"].max())
    return pd.Timestamp(league.games["game_date"].max()) + pd.Timedelta(days=1)


def strengths_on(
    day: pd.Timestamp, season: str, strength: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Return the latest strengths of a season that are known on a day, and their date.

    Raises
    ------
    ForecastError
        If the season has no strength dated on or before the day.
    """
    known = strength[(strength["season"] == season) & (strength["as_of"] <= day)]
    if known.empty:
        first = strength.loc[strength["season"] == season, "as_of"].min()
        raise ForecastError(
            f"No strength of {season} is known on {day:%Y-%m-%d}.",
            where="ensemble/strength",
            allowed=f"{first:%Y-%m-%d} or later"
            if pd.notna(first)
            else "a season of roles train, validation or test with out-of-fold scores",
            next_command="dvc repro",
        )
    latest = known["as_of"].max()
    return known[known["as_of"] == latest], pd.Timestamp(latest)


def forecast_as_of(
    day: pd.Timestamp,
    league: League,
    strength: pd.DataFrame,
    params: ForecastParams,
    *,
    seed: int,
    evidence: Evidence | None = None,
    team: str | None = None,
    run_id: str | None = None,
) -> Predictions:
    """Forecast the season of a day from what was known that morning; nothing is retrained.

    Parameters
    ----------
    day
        Games on the day itself are still to be played.
    league
        League tables.
    strength
        Table ensemble/strength with season_share beside it (from league/as_of), all seasons: the
        constants of the forecast are estimated on the earlier ones, and of the day's own season
        the latest strengths on or before the day are taken.
    params
        Section `forecast`.
    seed
        `repro.seed`.
    evidence
        What other rooms know, for the analysis.
    team
        Keep one team only in the answer (abbreviation, name or id).
    run_id
        Name of the recorded run.

    Raises
    ------
    ForecastError
        If the day lies outside the data, the team does not exist, or the bracket cannot be
        completed.
    """
    season = season_of_day(day, league.seasons)
    wanted = find_team(team, season, league.teams) if team is not None else None
    state = league.state(season, day)
    dated = with_playoff_strength(strength.reset_index(drop=True), params.playoff_strength_share)
    known, strength_day = strengths_on(day, season, dated)
    constants = season_constants([season], dated, league.games, params)[season]
    rows = forecast_day(state, known, constants, params, seed=seed)
    total = int(state.played.sum())
    predictions = build_predictions(
        rows,
        league,
        {(season, day): float(state.won.sum() * 2 / max(total, 1))},
        params,
        evidence or Evidence(),
        run_id=run_id,
        strength_days={(season, day): strength_day},
    )
    if wanted is None:
        return predictions
    only = predictions.forecasts[0]
    kept = [one for one in only.teams if one.team_id == wanted]
    # Not validated again: the odds of one team do not add up to those of a league.
    return predictions.model_copy(update={"forecasts": [only.model_copy(update={"teams": kept})]})
