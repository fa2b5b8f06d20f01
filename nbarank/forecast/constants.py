"""What a season's forecasts take from the seasons before it: game model, error of strength."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from nbarank.forecast.game_model import (
    GameModel,
    default_model,
    fit_game_model,
    games_with_strength,
)
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.strength_error import (
    StrengthError,
    fit_strength_error,
    strength_misses,
)


@dataclass(frozen=True)
class Constants:
    """What a season's forecasts take from earlier seasons."""

    model: GameModel
    error: StrengthError


def season_constants(
    seasons: Iterable[str], strength: pd.DataFrame, games: pd.DataFrame, params: ForecastParams
) -> dict[str, Constants]:
    """Estimate the constants of seasons, each on the seasons before it.

    Parameters
    ----------
    seasons
        Labels; nothing of the same or a later season enters a season's constants.
    strength
        season, as_of, season_share, team_id, strength, strength_sd of any seasons.
    games
        Table league/games.
    params
        Section `forecast`.
    """
    misses = strength_misses(strength, games, params.home_court)
    taught = sorted(set(strength["season"]) & set(games["season"]))
    constants = {}
    for season in seasons:
        earlier = [one for one in taught if one < season]
        error = fit_strength_error(misses[misses["season"].isin(earlier)], params)
        latest = earlier[max(len(earlier) - params.game_model_seasons, 0) :]
        constants[season] = Constants(_game_model(latest, error, strength, games, params), error)
    return constants


def _game_model(
    seasons: list[str],
    error: StrengthError,
    strength: pd.DataFrame,
    games: pd.DataFrame,
    params: ForecastParams,
) -> GameModel:
    """Estimate the game model on some seasons."""
    if not params.game_model_seasons or not seasons:
        return default_model(params)
    known = strength[strength["season"].isin(seasons)]
    if params.strength_error == "estimated":
        known = known.assign(strength_sd=error.sd(known["season_share"].to_numpy(float)))
    paired = games_with_strength(games[games["season"].isin(seasons)], known)
    return fit_game_model(paired, params)


def with_playoff_strength(strength: pd.DataFrame, share: float) -> pd.DataFrame:
    """Add the strength with which the playoffs are played.

    Parameters
    ----------
    strength
        season, as_of, season_share, team_id, strength; a column playoff_strength that is there
        already is left as it is. Optional playoff_residual, points to add to it.
    share
        `forecast.playoff_strength_share`.

    Returns
    -------
    DataFrame
        The rows with playoff_strength: in the last `share` of the season the mean of the
        strengths since that share began (of days up to the row's own), before it the strength.
    """
    if "playoff_strength" in strength:
        return strength
    added = strength.get("playoff_residual")
    if share == 0.0:
        if added is None:
            return strength
        return strength.assign(playoff_strength=strength["strength"] + added)
    ordered = strength.sort_values("as_of", kind="stable")
    late = ordered[ordered["season_share"] > 1.0 - share]
    means = late.groupby(["season", "team_id"])["strength"].expanding().mean()
    means.index = means.index.get_level_values(-1)
    expected = strength["strength"].where(
        ~strength.index.isin(means.index), means.reindex(strength.index)
    )
    return strength.assign(playoff_strength=expected if added is None else expected + added)
