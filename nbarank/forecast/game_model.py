"""From strength to who wins a game: SD of the margin, home court, the playoffs' stretch.

Judged by wins, not by margins: games that are decided are played out loosely, so margins vary by
12.7 points about the difference in strength while wins behave as if they varied by 11.4 to 12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from nbarank.forecast.params import ForecastParams

Array = NDArray[np.float64]

PRIOR_GAMES_SD, PRIOR_HOME_COURT = 3.0, 2.0
"""SD of what is believed before the first season is seen: wide, a season of games outweighs it."""
PRIOR_STRETCH, PRIOR_PLAYOFF_HOME_COURT = 0.12, 0.6
"""The same for the playoffs: narrow, 85 games a season say little."""


@dataclass(frozen=True)
class GameModel:
    """A game's margin is normal about the difference in strength plus home court, in points.

    Parameters
    ----------
    game_sd, home_court
        Regular season and play-in.
    playoff_game_sd, playoff_home_court, playoff_stretch
        Playoffs; the stretch multiplies differences in strength.
    """

    game_sd: float
    home_court: float
    playoff_game_sd: float
    playoff_home_court: float
    playoff_stretch: float

    def home_win(
        self,
        edge: Array,
        error: Array,
        neutral: NDArray[np.bool_],
        playoffs: NDArray[np.bool_],
    ) -> Array:
        """Return the home side's chance of winning.

        Parameters
        ----------
        edge
            Home strength minus away strength, in points.
        error
            SD of the error of that difference.
        neutral
            Played on neutral ground.
        playoffs
            A playoff game.
        """
        return home_win(
            edge,
            error,
            np.where(playoffs, self.playoff_stretch, 1.0),
            np.where(neutral, 0.0, np.where(playoffs, self.playoff_home_court, self.home_court)),
            np.where(playoffs, self.playoff_game_sd, self.game_sd),
        )


def home_win(edge: Array, error: Array, stretch: Array, court: Array, game_sd: Array) -> Array:
    """Return P(stretch x (edge + error) + court + chance > 0)."""
    spread = np.sqrt(game_sd**2 + (stretch * error) ** 2)
    return np.asarray(norm.cdf((stretch * edge + court) / spread))


def default_model(params: ForecastParams) -> GameModel:
    """Return the model as params.yaml gives it."""
    return GameModel(
        game_sd=params.game_sd,
        home_court=params.home_court,
        playoff_game_sd=params.playoff_game_sd,
        playoff_home_court=params.playoff_home_court,
        playoff_stretch=params.playoff_stretch,
    )


def games_with_strength(games: pd.DataFrame, strength: pd.DataFrame) -> pd.DataFrame:
    """Put beside every game what was known of both teams before its day.

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
    DataFrame
        The games with an as_of date on or before their day, and: as_of (the latest such date of
        the season), edge (home minus away), error (SD of the edge).
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
        As in `games_with_strength`. Pairs without strengths are left out.
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
    """Estimate the model from games, by penalised maximum likelihood of who won.

    Parameters
    ----------
    paired
        Games of earlier seasons out of `games_with_strength`, played. Play-in games count as
        regular ones. No game at all gives `default_model`.
    params
        Section `forecast`: the values that the estimates are drawn towards.

    Notes
    -----
    Wins tell only the ratio of stretch and SD, so the playoffs' SD keeps its ratio to the regular
    season's as in params.yaml, and the stretch is estimated given it.
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
    return GameModel(game_sd, home_court, playoff_sd, playoff_court, stretch)


def _minimum(loss: Callable[[Array], float], *start: float) -> tuple[float, float]:
    """Return where a function of two numbers is lowest."""
    found = minimize(loss, np.array(start), method="Nelder-Mead", options={"xatol": 1e-4})
    return float(found.x[0]), float(found.x[1])
