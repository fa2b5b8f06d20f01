"""From strength to win probability: SD of the margin, home court, stretch in the playoffs.

Fitted to wins, not to margins: decided games are played out loosely, so margins have an SD of 12.7
points about the difference in strength, while wins imply an SD of 11.4 to 12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from nbarank.core.rounding import rounded_number
from nbarank.forecast.params import ForecastParams

Array = NDArray[np.float64]

PRIOR_GAMES_SD, PRIOR_HOME_COURT = 3.0, 2.0
"""SD of the priors: wide, one season of games outweighs them."""
PRIOR_STRETCH, PRIOR_PLAYOFF_HOME_COURT = 0.12, 0.6
"""The same for the playoffs: narrow, because there are only 85 games a season."""


@dataclass(frozen=True)
class GameModel:
    """A game's margin is normal about the difference in strength plus home court, in points.

    `playoff_stretch` multiplies differences in strength in the playoffs. Play-in games follow the
    regular season.
    """

    game_sd: float
    home_court: float
    playoff_game_sd: float
    playoff_home_court: float
    playoff_stretch: float

    def home_win(
        self, edge: Array, error: Array, neutral: NDArray[np.bool_], playoffs: NDArray[np.bool_]
    ) -> Array:
        """Return the home side's win probability.

        Parameters
        ----------
        edge, error
            [games] home strength minus away strength, and the SD of its error, in points.
        neutral, playoffs
            [games] played on neutral ground; a playoff game.
        """
        return home_win(
            edge,
            error,
            np.where(playoffs, self.playoff_stretch, 1.0),
            np.where(neutral, 0.0, np.where(playoffs, self.playoff_home_court, self.home_court)),
            np.where(playoffs, self.playoff_game_sd, self.game_sd),
        )


def home_win(edge: Array, error: Array, stretch: Array, court: Array, game_sd: Array) -> Array:
    """Return P(stretch x (edge + error) + court + noise > 0)."""
    sd = np.sqrt(game_sd**2 + (stretch * error) ** 2)
    return np.asarray(norm.cdf((stretch * edge + court) / sd))


def default_model(params: ForecastParams) -> GameModel:
    """Return the model with the values of params.yaml."""
    return GameModel(
        game_sd=params.game_sd,
        home_court=params.home_court,
        playoff_game_sd=params.playoff_game_sd,
        playoff_home_court=params.playoff_home_court,
        playoff_stretch=params.playoff_stretch,
    )


def games_with_strength(games: pd.DataFrame, strength: pd.DataFrame) -> pd.DataFrame:
    """Add to every game the latest strengths of both teams known on its day.

    Parameters
    ----------
    games
        Table league/games, or fixtures with the columns game_id, season, game_date, home_id,
        away_id.
    strength
        Columns season, as_of, team_id, strength, strength_sd; optional playoff_strength, used for
        games of kind 'playoffs'.

    Returns
    -------
    pandas.DataFrame
        The games with an as_of date of their season on or before their day, with as_of (the latest
        such date), edge (home minus away), error (SD of the edge).
    """
    grid = strength[["season", "as_of"]].drop_duplicates().sort_values("as_of")
    dated = games.sort_values(["game_date", "game_id"], kind="stable")
    grid = grid.assign(as_of=grid["as_of"].astype(dated["game_date"].dtype))
    paired = pd.merge_asof(dated, grid, left_on="game_date", right_on="as_of", by="season")
    return with_edges(paired[paired["as_of"].notna()], strength)


def with_edges(paired: pd.DataFrame, strength: pd.DataFrame) -> pd.DataFrame:
    """Add edge (home minus away strength) and error (its SD) to pairs of game and as_of.

    Parameters
    ----------
    paired
        Games with season and as_of.
    strength
        As in `games_with_strength`. Pairs without strengths are dropped.
    """
    columns = ["season", "as_of", "team_id", "strength", "strength_sd"]
    kept = list(paired.columns)
    playoffs = (
        (paired["kind"] == "playoffs").to_numpy(bool)
        if "kind" in paired and "playoff_strength" in strength
        else None
    )
    if playoffs is not None:
        columns.append("playoff_strength")
    values = strength[columns].assign(as_of=strength["as_of"].astype(paired["as_of"].dtype))
    for side in ("home", "away"):
        named = values.rename(
            columns={"team_id": f"{side}_id"}
            | {name: f"{side}_{name}" for name in columns if "strength" in name}
        )
        paired = paired.merge(named, on=["season", "as_of", f"{side}_id"], how="inner")
        if playoffs is not None:
            late = paired["kind"] == "playoffs"
            paired.loc[late, f"{side}_strength"] = paired.loc[late, f"{side}_playoff_strength"]
    return paired[kept].assign(
        edge=paired["home_strength"] - paired["away_strength"],
        error=np.hypot(paired["home_strength_sd"], paired["away_strength_sd"]),
    )


def fit_game_model(paired: pd.DataFrame, params: ForecastParams) -> GameModel:
    """Fit the model by penalised maximum likelihood of who won.

    Parameters
    ----------
    paired
        Played games of earlier seasons from `games_with_strength`. Without games the fit is
        `default_model`.
    params
        Section `forecast`: the means of the priors.

    Notes
    -----
    Wins identify only the ratio of stretch and SD, so the playoffs' SD keeps its ratio to the
    regular season's in params.yaml, and the stretch is fitted given it.
    """
    default = default_model(params)
    late = (paired["kind"] == "playoffs").to_numpy(bool)
    edge, error = paired["edge"].to_numpy(float), paired["error"].to_numpy(float)
    at_home = (~paired["neutral"]).to_numpy(float)
    won = (paired["home_pts"] > paired["away_pts"]).to_numpy(bool)

    def loss(rows: NDArray[np.bool_], stretch: float, court: float, game_sd: float) -> float:
        one = np.ones(int(rows.sum()))
        courts = np.asarray(court * at_home[rows])
        chance = home_win(edge[rows], error[rows], stretch * one, courts, game_sd * one)
        right = np.where(won[rows], chance, 1.0 - chance)
        return -float(np.log(np.clip(right, 1e-12, None)).sum())

    def regular(x: Array) -> float:
        prior = ((x[0] - default.game_sd) / PRIOR_GAMES_SD) ** 2
        prior += ((x[1] - default.home_court) / PRIOR_HOME_COURT) ** 2
        return loss(~late, 1.0, float(x[1]), max(float(x[0]), 1.0)) + float(prior) / 2

    game_sd, home_court = _minimum(regular, default.game_sd, default.home_court)
    playoff_sd = game_sd * default.playoff_game_sd / default.game_sd

    def playoffs(x: Array) -> float:
        prior = ((x[0] - default.playoff_stretch) / PRIOR_STRETCH) ** 2
        prior += ((x[1] - default.playoff_home_court) / PRIOR_PLAYOFF_HOME_COURT) ** 2
        return loss(late, float(x[0]), float(x[1]), playoff_sd) + float(prior) / 2

    stretch, playoff_court = _minimum(playoffs, default.playoff_stretch, default.playoff_home_court)
    fitted = (game_sd, home_court, playoff_sd, playoff_court, stretch)
    return GameModel(*map(rounded_number, fitted))


def _minimum(loss: Callable[[Array], float], *start: float) -> tuple[float, float]:
    """Return the minimum of a function of two numbers."""
    found = minimize(loss, np.array(start), method="Nelder-Mead", options={"xatol": 1e-4})
    return float(found.x[0]), float(found.x[1])
