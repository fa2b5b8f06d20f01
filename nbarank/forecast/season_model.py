"""What a season's forecasts are fitted on earlier seasons: game model, error of strength."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True)
class SeasonModel:
    """Game model and error of strength of one season's forecasts."""

    game: GameModel
    error: StrengthError

    def strength_sd(self, strength: pd.DataFrame, params: ForecastParams) -> NDArray[np.float64]:
        """Return the SD of each row's strength, by `forecast.strength_error`."""
        return _strength_sd(self.error, strength, params)


def season_models(
    seasons: Iterable[str], strength: pd.DataFrame, games: pd.DataFrame, params: ForecastParams
) -> dict[str, SeasonModel]:
    """Fit the models of seasons, each on the seasons before it only.

    Parameters
    ----------
    strength
        season, as_of, season_share, team_id, strength, strength_sd of any seasons.
    games
        Table league/games.
    """
    misses = strength_misses(strength, games, params.home_court)
    known = sorted(set(strength["season"]) & set(games["season"]))
    models = {}
    for season in seasons:
        earlier = [one for one in known if one < season]
        error = fit_strength_error(misses[misses["season"].isin(earlier)], params)
        latest = earlier[max(len(earlier) - params.game_model_seasons, 0) :]
        models[season] = SeasonModel(_game_model(latest, error, strength, games, params), error)
    return models


def _game_model(
    seasons: list[str],
    error: StrengthError,
    strength: pd.DataFrame,
    games: pd.DataFrame,
    params: ForecastParams,
) -> GameModel:
    """Fit the game model on some seasons."""
    if not params.game_model_seasons or not seasons:
        return default_model(params)
    known = strength[strength["season"].isin(seasons)]
    known = known.assign(strength_sd=_strength_sd(error, known, params))
    paired = games_with_strength(games[games["season"].isin(seasons)], known)
    return fit_game_model(paired, params)


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
        season, as_of, season_share, team_id, strength; optional playoff_residual, points to add.
        An existing column playoff_strength is kept.
    share
        `forecast.playoff_strength_share`.

    Returns
    -------
    pandas.DataFrame
        The rows in their order, newly indexed. In the last `share` of the season playoff_strength
        is the mean of the strengths since that share began (on dates up to the row's own), before
        it the strength itself. With share 0 and no residual no column is added.
    """
    strength = strength.reset_index(drop=True)
    if "playoff_strength" in strength:
        return strength
    added = strength.get("playoff_residual")
    if share == 0.0 and added is None:
        return strength
    expected = strength["strength"]
    if share > 0.0:
        ordered = strength.sort_values("as_of", kind="stable")
        late = ordered[ordered["season_share"] > 1.0 - share]
        means = late.groupby(["season", "team_id"])["strength"].expanding().mean()
        means.index = means.index.get_level_values(-1)
        expected = expected.where(~strength.index.isin(means.index), means.reindex(strength.index))
    return strength.assign(playoff_strength=expected if added is None else expected + added)
