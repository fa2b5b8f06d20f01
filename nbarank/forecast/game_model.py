"""From strength to win probability: home court, fatigue, absences, stretch in the playoffs.

Fitted to wins, not to margins: decided games are played out loosely, so margins have an SD of 12.7
points about the difference in strength, while wins imply an SD of 11.4 to 12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from nbarank.core.rounding import rounded, rounded_number
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.team_news import tired

Array = NDArray[np.float64]

PRIOR_GAMES_SD, PRIOR_HOME_COURT = 1.0, 0.6
"""SD of the priors: as much as one season of games."""
PRIOR_STRETCH, PRIOR_PLAYOFF_HOME_COURT, PRIOR_FIRST_ROUND = 0.12, 0.6, 0.6
"""The same for the playoffs: narrow, because there are only 85 games a season."""
BACK_TO_BACK, PRIOR_BACK_TO_BACK = -1.5, 0.5
"""Points of a team that played the day before: mean and SD of the prior."""
PRIOR_ABSENCE = 0.2
FITTED_DECIMALS = 5


@dataclass(frozen=True)
class GameModel:
    """A game's margin is normal about the difference in strength plus other points.

    `playoff_stretch` multiplies differences in strength in the playoffs, `first_round` once more in
    the first round. `back_to_back` is added for a team that played the day before; `absence`
    multiplies the points that absent players are worth. Play-in games follow the regular season.
    """

    game_sd: float
    home_court: float
    playoff_game_sd: float
    playoff_home_court: float
    playoff_stretch: float
    first_round: float = 1.0
    back_to_back: float = 0.0
    absence: float = 0.0

    def home_win(
        self,
        edge: Array,
        error: Array,
        neutral: NDArray[np.bool_],
        playoffs: NDArray[np.bool_],
        points: Array | float = 0.0,
        first_round: NDArray[np.bool_] | bool = False,
    ) -> Array:
        """Return the home side's win probability.

        Parameters
        ----------
        edge, error
            [games] home strength minus away strength, and the SD of its error, in points.
        neutral, playoffs
            [games] played on neutral ground; a playoff game.
        points
            [games] other advantages of the home side, in points.
        first_round
            [games] a playoff game of the first round.
        """
        return np.asarray(ndtr(self._z(edge, error, neutral, playoffs, points, first_round)))

    def _z(
        self,
        edge: Array,
        error: Array,
        neutral: NDArray[np.bool_],
        playoffs: NDArray[np.bool_],
        points: Array | float,
        first_round: NDArray[np.bool_] | bool,
    ) -> Array:
        stretch = np.where(playoffs, self.playoff_stretch, 1.0)
        stretch = stretch * np.where(first_round, self.first_round, 1.0)
        court = np.where(neutral, 0.0, np.where(playoffs, self.playoff_home_court, self.home_court))
        noise = np.where(playoffs, self.playoff_game_sd, self.game_sd)
        return np.asarray((stretch * edge + court + points) / np.hypot(noise, stretch * error))

    def forecast(self, paired: pd.DataFrame) -> pd.DataFrame:
        """Return the expected margin of the home side and its win probability.

        Parameters
        ----------
        paired
            Games of `with_edges` with kind and neutral; optional home_rest, away_rest (days since
            the latest game), home_out_points, away_out_points (worth of absent players),
            assumed_points (added to the margin).

        Returns
        -------
        pandas.DataFrame
            expected_margin, home_win_probability; index of `paired`.
        """
        playoffs = (paired["kind"] == "playoffs").to_numpy(bool)
        facts = (
            paired["edge"].to_numpy(float),
            paired["error"].to_numpy(float),
            paired["neutral"].to_numpy(bool),
            playoffs,
            self.back_to_back * tired(paired)
            - self.absence * out(paired)
            + paired.get("assumed_points", 0.0),
            is_first_round(paired),
        )
        calm = self._z(facts[0], np.zeros(len(paired)), *facts[2:])
        margin = calm * np.where(playoffs, self.playoff_game_sd, self.game_sd)
        return pd.DataFrame(
            {"expected_margin": margin, "home_win_probability": self.home_win(*facts)},
            index=paired.index,
        )


def out(paired: pd.DataFrame) -> Array:
    """Return [games] points that the absent are worth, home side minus away side."""
    if "home_out_points" not in paired:
        return np.zeros(len(paired))
    return (paired["home_out_points"] - paired["away_out_points"]).to_numpy(float)


def is_first_round(paired: pd.DataFrame) -> NDArray[np.bool_]:
    """Return [games] whether the game is of the first playoff round, by its id."""
    if "game_id" not in paired:
        return np.zeros(len(paired), bool)
    return ((paired["kind"] == "playoffs") & (paired["game_id"].str[7] == "1")).to_numpy(bool)


def default_model(params: ForecastParams, absence: float = 0.0) -> GameModel:
    """Return the model with the values of params.yaml and a weight of absences."""
    return GameModel(
        game_sd=params.game_sd,
        home_court=params.home_court,
        playoff_game_sd=params.playoff_game_sd,
        playoff_home_court=params.playoff_home_court,
        playoff_stretch=params.playoff_stretch,
        back_to_back=BACK_TO_BACK,
        absence=absence,
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


def fit_game_model(paired: pd.DataFrame, params: ForecastParams, absence: float = 0.0) -> GameModel:
    """Fit the model by penalised maximum likelihood of who won.

    Parameters
    ----------
    paired
        Played games of earlier seasons from `games_with_strength`, with the optional columns of
        `GameModel.forecast`. Without games the fit is `default_model`.
    params
        Section `forecast`: the means of the priors.
    absence
        Mean of the prior of the absences' weight; 0: absences are not used.

    Notes
    -----
    Wins identify only the ratio of stretch and SD, so the playoffs' SD keeps its ratio to the
    regular season's in params.yaml, and the stretch is fitted given it.
    """
    default = default_model(params)
    late = (paired["kind"] == "playoffs").to_numpy(bool)
    edge, error = paired["edge"].to_numpy(float), paired["error"].to_numpy(float)
    at_home = (~paired["neutral"]).to_numpy(float)
    first = is_first_round(paired).astype(float)
    added = np.column_stack([tired(paired), -out(paired)])
    sign = np.where(paired["home_pts"] > paired["away_pts"], 1.0, -1.0)

    def regular(x: Array) -> tuple[Array, Array]:
        sd = np.hypot(x[0], error[~late])
        slopes = np.column_stack([at_home[~late], added[~late]]) / sd[:, None]
        z = edge[~late] / sd + slopes @ x[1:]
        return z, np.column_stack([-z * x[0] / sd**2, slopes])

    means = np.array([default.game_sd, default.home_court, BACK_TO_BACK, absence])
    fixed = 1e-6
    scales = np.array(
        [
            PRIOR_GAMES_SD,
            PRIOR_HOME_COURT,
            PRIOR_BACK_TO_BACK,
            PRIOR_ABSENCE if absence else fixed,
        ]
    )
    game_sd, home_court, back_to_back, weight = _maximum(regular, sign[~late], means, scales)
    playoff_sd = game_sd * default.playoff_game_sd / default.game_sd
    points = added[late] @ np.array([back_to_back, weight])

    def playoffs(x: Array) -> tuple[Array, Array]:
        factor = 1.0 + (x[2] - 1.0) * first[late]
        stretch = x[0] * factor
        sd = np.hypot(playoff_sd, stretch * error[late])
        z = (stretch * edge[late] + at_home[late] * x[1] + points) / sd
        by_stretch = edge[late] / sd - z * stretch * error[late] ** 2 / sd**2
        columns = [by_stretch * factor, at_home[late] / sd, by_stretch * x[0] * first[late]]
        return z, np.column_stack(columns)

    means = np.array([default.playoff_stretch, default.playoff_home_court, default.first_round])
    scales = np.array([PRIOR_STRETCH, PRIOR_PLAYOFF_HOME_COURT, PRIOR_FIRST_ROUND])
    stretch, playoff_court, first_round = _maximum(playoffs, sign[late], means, scales)
    return GameModel(
        game_sd,
        home_court,
        rounded_number(playoff_sd, FITTED_DECIMALS),
        playoff_court,
        stretch,
        first_round,
        back_to_back,
        weight,
    )


def _maximum(
    z: Callable[[Array], tuple[Array, Array]], sign: Array, means: Array, sds: Array
) -> tuple[float, ...]:
    """Return the most likely parameters, rounded.

    `z` gives [games] probits of a home win and their [games, parameters] derivatives; `sign` is 1
    where the home side won, else -1; the priors are normal.
    """
    from scipy.optimize import minimize  # slow to import, and stored models need no fit

    def loss(scaled: Array) -> tuple[float, Array]:
        value, slopes = z(means + scaled * sds)
        logarithm = log_ndtr(sign * value)
        ratio = sign * np.exp(-(value**2) / 2 - logarithm) / np.sqrt(2 * np.pi)
        total = -logarithm.sum() + (scaled**2).sum() / 2
        return float(total), scaled - (ratio @ slopes) * sds

    found = minimize(loss, np.zeros(len(means)), method="BFGS", jac=True, options={"gtol": 1e-7})
    return tuple(rounded(means + found.x * sds, FITTED_DECIMALS).tolist())
