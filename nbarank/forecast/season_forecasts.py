"""Forecasts of whole seasons: which days, their tables, their predictions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.core.tables import write_table
from nbarank.forecast.bracket import Brackets
from nbarank.forecast.game_forecasts import forecast_games, forecast_played
from nbarank.forecast.game_predictions import coming_predictions
from nbarank.forecast.inputs import ForecastInputs
from nbarank.forecast.odds import Odds
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.predictions import build_predictions, write_predictions
from nbarank.forecast.season_model import (
    SeasonModel,
    model_rows,
    season_models,
    with_playoff_strength,
)
from nbarank.forecast.season_sample import SeasonSample
from nbarank.forecast.season_simulation import Simulated
from nbarank.forecast.season_state import League, SeasonState
from nbarank.forecast.team_forecasts import forecast_day
from nbarank.forecast.team_news import NewsTables, news_of_played
from nbarank.forecast.totals import with_scoring
from nbarank.forecast.weekly import weekly_rows
from nbarank.forecast.without_star import without_stars
from nbarank.schemas.forecast import (
    ABSENCES,
    BRACKETS,
    FORECAST_GAMES,
    FORECAST_TEAMS,
    GAME_MODELS,
    PLAYED_GAMES,
    WEEKLY,
    WITHOUT_STAR,
    State,
)

FOLDER = "forecast"

Day = tuple[str, pd.Timestamp]
"""Season and as_of."""


def forecast_seasons(
    inputs: ForecastInputs,
    news: NewsTables,
    seasons: Collection[str],
    params: ForecastParams,
    seed: int,
    root: Path,
) -> None:
    """Forecast seasons at their checkpoints and on the latest day; write tables and predictions.

    Parameters
    ----------
    inputs
        Of these seasons and earlier ones; the models of a season are fitted on earlier seasons.
    news
        Who plays, of the same seasons.
    seasons
        The seasons to forecast.
    root
        Written here: forecast/teams, forecast/games, forecast/absences, forecast/played,
        forecast/game_models, forecast/brackets, forecast/weekly, forecast/without_star,
        forecast/simulations.json (a sample of the latest season),
        forecast/predictions.json (the latest day) and forecast/seasons/SEASON.json (a season's
        checkpoints).

    Raises
    ------
    ForecastError
        If none of the seasons has strengths, or a bracket cannot be completed.
    """
    league, as_of, evidence = inputs.league, inputs.as_of, inputs.evidence
    dated = inputs.dated_strength()
    played = _dated_games(league.games, dated)
    news_points = news_of_played(played, news)
    scored = with_scoring(_dated_games(league.games, as_of), news.team_games)
    days = days_to_forecast(dated, seasons, params)
    sample, brackets = SeasonSample(max(season for season, _ in days)), Brackets()
    rows, models = forecast_grid(
        league,
        dated,
        days,
        params,
        seed=seed,
        news=news_points,
        scored=scored,
        keep=sample.keep,
        count=brackets.add,
    )
    rows = write_table(FORECAST_TEAMS, rows, root)
    games, absent = forecast_games(league, dated, models, params, news)
    write_table(FORECAST_GAMES, games, root)
    write_table(ABSENCES, absent, root)
    states = forecast_played(league.games, dated, models, params, news_points, news.team_games)
    write_table(PLAYED_GAMES, states, root)
    write_table(GAME_MODELS, model_rows(models), root)
    sample.write(root)
    write_table(BRACKETS, brackets.rows(), root)
    write_table(WEEKLY, weekly_rows(league, dated, models, params), root)
    stars = without_stars(league, dated, news.rosters, models, sample.open_days(), params, seed)
    write_table(WITHOUT_STAR, stars, root)

    shares = {
        (str(season), pd.Timestamp(day)): float(share)
        for season, day, share in as_of[["season", "as_of", "season_share"]].itertuples(index=False)
    }

    coming = coming_predictions(games, absent, set(league.games["game_id"]))

    def write(part: pd.DataFrame, path: str) -> None:
        predictions = build_predictions(part, league, shares, params, evidence, coming)
        write_predictions(predictions, root / FOLDER / path)

    checkpoints = set(dated.loc[dated["checkpoint"].notna(), "as_of"])
    for season, part in rows[rows["as_of"].isin(checkpoints)].groupby("season"):
        write(part, f"seasons/{season}.json")
    write(rows[rows["as_of"] == max(day for _, day in days)], "predictions.json")


def days_to_forecast(
    strength: pd.DataFrame, seasons: Collection[str], params: ForecastParams
) -> dict[Day, int]:
    """Return the number of simulations of each day to forecast.

    Parameters
    ----------
    strength
        season, as_of, checkpoint (missing between checkpoints).
    seasons
        Seasons to forecast.

    Returns
    -------
    dict
        (season, as_of) to simulations: checkpoints and the latest day of all with
        `n_simulations`, other days with `n_simulations_weekly` (none if 0).

    Raises
    ------
    ForecastError
        If none of the seasons has strengths.
    """
    grid = strength[["season", "as_of", "checkpoint"]].drop_duplicates()
    latest = grid["as_of"].max()
    grid = grid[grid["season"].isin(list(seasons)) | (grid["as_of"] == latest)]
    if grid.empty:
        raise ForecastError(
            "No season can be forecast: none of the validation or test seasons has strengths.",
            where="ensemble/strength",
            allowed="seasons of the roles validation and test",
            next_command="edit seasons.validation in params.yaml, then dvc repro",
        )
    whole = grid["checkpoint"].notna() | (grid["as_of"] == latest)
    days = {
        (str(season), pd.Timestamp(as_of)): params.n_simulations
        if full
        else params.n_simulations_weekly
        for season, as_of, full in zip(grid["season"], grid["as_of"], whole, strict=True)
    }
    return {day: n for day, n in days.items() if n > 0}


def forecast_grid(
    league: League,
    strength: pd.DataFrame,
    days: Mapping[Day, int],
    params: ForecastParams,
    *,
    seed: int,
    news: Mapping[State, pd.DataFrame] | None = None,
    scored: pd.DataFrame | None = None,
    keep: Callable[[SeasonState, Simulated], None] | None = None,
    count: Callable[[SeasonState, Odds], None] | None = None,
) -> tuple[pd.DataFrame, dict[str, SeasonModel]]:
    """Forecast days with a number of simulations each.

    Parameters
    ----------
    strength
        Table ensemble/strength with season_share.
    days
        (season, as_of) to number of simulations.
    news
        Of `news_of_played`, for the game models of the states with news.
    scored
        Of `with_scoring`, for the totals.
    keep, count
        Receive the first chunk of simulations of every day, and the counts of all of them.

    Returns
    -------
    tuple
        Rows of forecast/teams, and the model of each season, fitted on the seasons before it.
    """
    strength = with_playoff_strength(strength, params.playoff_strength_share)
    seasons = sorted({season for season, _ in days})
    models = season_models(seasons, strength, league.games, params, news, scored)
    by_day = dict(list(strength.groupby(["season", "as_of"])))
    frames = [
        forecast_day(
            league.state(season, as_of),
            by_day[season, as_of],
            models[season],
            params,
            seed=seed,
            n_simulations=n,
            keep=keep,
            count=count,
        )
        for (season, as_of), n in sorted(days.items())
    ]
    return pd.concat(frames, ignore_index=True), models


def _dated_games(games: pd.DataFrame, strength: pd.DataFrame) -> pd.DataFrame:
    """Return the games with the latest date of strengths up to their day, as_of."""
    dates = strength[["season", "as_of"]].drop_duplicates().sort_values("as_of")
    ordered = games.sort_values("game_date", kind="stable")
    dates = dates.astype({"as_of": ordered["game_date"].dtype})
    return pd.merge_asof(ordered, dates, left_on="game_date", right_on="as_of", by="season").dropna(
        subset="as_of"
    )
