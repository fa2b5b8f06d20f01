"""What a season's forecasts are fitted on earlier seasons: game model, error of strength."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.forecast.game_model import (
    GameModel,
    default_model,
    fit_game_model,
    games_with_strength,
)
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.strength_error import StrengthError, fit_strength_error, strength_misses
from nbarank.forecast.team_news import ABSENCE, with_rest
from nbarank.forecast.totals import TotalModel, fit_total_model
from nbarank.schemas.forecast import State

RETURNING_WEIGHT = 0.5
"""Part of what rosters gain until the playoffs that is added to strength; 1 less the share of the
season played, if that is less."""


@dataclass(frozen=True)
class SeasonModel:
    """Game models by state of knowledge, error of strength and totals of one season's forecasts.

    The Monte Carlo uses the state 'schedule': fixtures and strengths alone.
    """

    games: Mapping[State, GameModel]
    error: StrengthError
    total: TotalModel = field(default_factory=TotalModel)

    @property
    def game(self) -> GameModel:
        """Game model without news of the teams."""
        return self.games["schedule"]

    def strength_sd(self, strength: pd.DataFrame, params: ForecastParams) -> NDArray[np.float64]:
        """Return the SD of each row's strength, by `forecast.strength_error`."""
        return _strength_sd(self.error, strength, params)


def season_models(
    seasons: Iterable[str],
    strength: pd.DataFrame,
    games: pd.DataFrame,
    params: ForecastParams,
    news: Mapping[State, pd.DataFrame] | None = None,
    scored: pd.DataFrame | None = None,
) -> dict[str, SeasonModel]:
    """Fit the models of seasons, each on the seasons before it only.

    Parameters
    ----------
    strength
        season, as_of, season_share, team_id, strength, strength_sd of any seasons.
    games
        Table league/games.
    news
        By state: game_id, home_out_points and away_out_points of played games. A state is fitted
        to the games that it has, and has its default weight without any.
    scored
        Played games of `with_scoring`, for the totals; None: the default model.
    """
    misses = strength_misses(strength, games, params.home_court)
    known = sorted(set(strength["season"]) & set(games["season"]))
    rested = with_rest(games, games)
    models = {}
    for season in seasons:
        earlier = [one for one in known if one < season]
        error = fit_strength_error(misses[misses["season"].isin(earlier)], params)
        latest = earlier[max(len(earlier) - params.game_model_seasons, 0) :]
        past = None if scored is None else scored[scored["season"] < season]
        models[season] = SeasonModel(
            _game_models(latest, error, strength, rested, params, news or {}),
            error,
            TotalModel() if past is None else fit_total_model(past),
        )
    return models


def _game_models(
    seasons: list[str],
    error: StrengthError,
    strength: pd.DataFrame,
    games: pd.DataFrame,
    params: ForecastParams,
    news: Mapping[State, pd.DataFrame],
) -> dict[State, GameModel]:
    """Fit the game models on some seasons."""
    if not params.game_model_seasons or not seasons:
        return {state: default_model(params, weight) for state, weight in ABSENCE.items()}
    known = strength[strength["season"].isin(seasons)]
    known = known.assign(strength_sd=_strength_sd(error, known, params))
    paired = games_with_strength(games[games["season"].isin(seasons)], known)
    models: dict[State, GameModel] = {"schedule": fit_game_model(paired, params)}
    for state, weight in ABSENCE.items():
        if state != "schedule":
            informed = paired.merge(news[state], on="game_id") if state in news else paired.iloc[:0]
            models[state] = (
                fit_game_model(informed, params, weight)
                if len(informed)
                else replace(models["schedule"], absence=weight)
            )
    return models


def model_rows(models: Mapping[str, SeasonModel]) -> pd.DataFrame:
    """Return the models as rows of forecast/game_models."""
    return pd.DataFrame(
        {
            "season": season,
            "state": state,
            **asdict(game),
            **asdict(model.total),
            "error_early": model.error.early,
            "error_late": model.error.late,
        }
        for season, model in models.items()
        for state, game in model.games.items()
    )


def models_of_rows(rows: pd.DataFrame) -> dict[str, SeasonModel]:
    """Return the models from rows of forecast/game_models."""
    names = [one.name for one in fields(GameModel)]
    totals = [one.name for one in fields(TotalModel)]
    return {
        str(season): SeasonModel(
            {state: GameModel(*values) for state, *values in part[["state", *names]].to_numpy()},
            StrengthError(*map(float, part[["error_early", "error_late"]].iloc[0])),
            TotalModel(*map(float, part[totals].iloc[0])),
        )
        for season, part in rows.groupby("season")
    }


def _strength_sd(
    error: StrengthError, strength: pd.DataFrame, params: ForecastParams
) -> NDArray[np.float64]:
    if params.strength_error == "estimated":
        return error.sd(strength["season_share"].to_numpy(float))
    return strength["strength_sd"].to_numpy(float)


def with_playoff_strength(strength: pd.DataFrame, share: float) -> pd.DataFrame:
    """Add playoff_strength: the strength with which the playoffs are simulated.

    Parameters
    ----------
    strength
        season, as_of, season_share, team_id, strength; optional playoff_residual and returning,
        points to add. An existing column playoff_strength is kept.
    share
        `forecast.playoff_strength_share`.

    Returns
    -------
    pandas.DataFrame
        The rows in their order, newly indexed. In the last `share` of the season playoff_strength
        is the mean of the strengths since that share began (on dates up to the row's own), before
        it the strength itself. Half of `returning` is added up to mid-season, less after it. With
        share 0 and nothing to add no column is added.
    """
    strength = strength.reset_index(drop=True)
    if "playoff_strength" in strength:
        return strength
    added = [strength["playoff_residual"]] if "playoff_residual" in strength else []
    if "returning" in strength:
        weight = np.minimum(RETURNING_WEIGHT, 1.0 - strength["season_share"])
        added.append(weight * strength["returning"])
    if share == 0.0 and not added:
        return strength
    expected = strength["strength"]
    if share > 0.0:
        ordered = strength.sort_values("as_of", kind="stable")
        late = ordered[ordered["season_share"] > 1.0 - share]
        means = late.groupby(["season", "team_id"])["strength"].expanding().mean()
        means.index = means.index.get_level_values(-1)
        expected = expected.where(~strength.index.isin(means.index), means.reindex(strength.index))
    return strength.assign(playoff_strength=sum(added, expected))
