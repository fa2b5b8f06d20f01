"""Forecast of a season as of any day (`nbarank forecast --as-of DAY`)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.forecast.evidence import Evidence
from nbarank.forecast.name_search import find_team
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.predictions import build_predictions
from nbarank.forecast.season_model import SeasonModel, season_models, with_playoff_strength
from nbarank.forecast.season_state import MARGIN_AFTER, MARGIN_BEFORE, League
from nbarank.forecast.team_forecasts import forecast_day
from nbarank.forecast.what_if import WhatIf, assumed_results, assumed_strength
from nbarank.schemas.predictions import Predictions


def season_of_day(
    day: pd.Timestamp, seasons: pd.DataFrame, command: str = "nbarank forecast --as-of"
) -> str:
    """Return the season that a day belongs to; between two seasons, the next one.

    Parameters
    ----------
    day
        Any day.
    seasons
        Table league/seasons.
    command
        That takes a day, for the message.

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
        nearest = _nearest(day, early, late)
        raise ForecastError(
            f"{day:%Y-%m-%d} is outside the seasons of the data.",
            where="league/seasons",
            allowed=f"{early.min():%Y-%m-%d} to {late.max():%Y-%m-%d}, within "
            f"{MARGIN_BEFORE.days} days before or {MARGIN_AFTER.days} days after a season",
            next_command=f"{command} {nearest:%Y-%m-%d}",
            instead=(f"{day:%Y-%m-%d}", f"{nearest:%Y-%m-%d}"),
        )
    return str(found.sort_values("start")["season"].iloc[-1])


def _nearest(
    day: pd.Timestamp, early: pd.Series[pd.Timestamp], late: pd.Series[pd.Timestamp]
) -> pd.Timestamp:
    """Return the day of the last season nearest to `day`; earlier ones need not be scored."""
    return pd.Timestamp(early.max() if day < early.max() else late.max())


def default_day(strength: pd.DataFrame, current: Sequence[str]) -> pd.Timestamp | None:
    """Return the day that page and predictions.json show: the newest of the current season.

    That is the day after its latest game, or its first day. None if no season is in progress or
    about to start.

    Parameters
    ----------
    strength
        Table ensemble/strength.
    current
        From `current_seasons`.
    """
    days = strength.loc[strength["season"].isin(list(current)), "as_of"]
    return pd.Timestamp(days.max()) if len(days) else None


def has_strengths(season: str, day: pd.Timestamp, strength: pd.DataFrame) -> bool:
    """Return whether strengths of a day are stored; others are computed."""
    return bool(((strength["season"] == season) & (strength["as_of"] == day)).any())


def forecast_as_of(
    day: pd.Timestamp,
    league: League,
    strength: pd.DataFrame,
    params: ForecastParams,
    *,
    seed: int,
    evidence: Evidence | None = None,
    team: str | None = None,
    what_if: WhatIf = WhatIf(),  # noqa: B008
    rosters: pd.DataFrame | None = None,
    model: SeasonModel | None = None,
) -> Predictions:
    """Forecast the season of a day from what was known the evening before; nothing is retrained.

    Parameters
    ----------
    day
        Games on the day itself are simulated.
    strength
        Table ensemble/strength with season_share (from league/as_of): the day's rows, and those of
        earlier seasons, which fit the season's model.
    evidence
        Facts of other rooms for the analysis; without an assumption.
    team
        Abbreviation, name or id of the only team to return; None: all.
    what_if
        Players out for the rest of the season, or back, and results. The random numbers stay the
        same, so the difference to the forecast without it is its effect.
    model
        Stored model of the season; None: it is fitted on earlier seasons.
    rosters
        Table features/rosters, for players of `what_if`: the latest date of the season counts.

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
    known = dated[(dated["season"] == season) & (dated["as_of"] == day)]
    model = model or season_models([season], dated, league.games, params)[season]
    if rosters is not None:
        own = rosters[(rosters["season"] == season) & (rosters["as_of"] <= day)]
        own = own[own["as_of"] == own["as_of"].max()]
        known = assumed_strength(known, own, what_if, model.games["tip_off"].absence)
    state = assumed_results(state, league.teams, what_if)
    facts = evidence or Evidence()
    if any(what_if):  # the reasons and the models' ranks do not follow an assumption
        facts = Evidence(outcomes=facts.outcomes, as_of=facts.as_of)
    predictions = build_predictions(
        forecast_day(state, known, model, params, seed=seed),
        league,
        {(season, day): float(state.won.sum() * 2 / max(int(state.played.sum()), 1))},
        params,
        facts,
    )
    if wanted is None:
        return predictions
    only = predictions.forecasts[0]
    kept = [one for one in only.teams if one.team_id == wanted]
    # Not validated again: the odds of one team do not add up to those of a league.
    return predictions.model_copy(update={"forecasts": [only.model_copy(update={"teams": kept})]})
