"""From strength to who wins a game: SD of the margin, home court, the playoffs' stretch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from nbarank.params.forecast import ForecastParams


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
        self, edge: NDArray[np.float64], neutral: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the home side's chance in a regular-season game.

        Parameters
        ----------
        edge
            Home strength minus away strength, in points.
        neutral
            Played on neutral ground.
        """
        court = np.where(neutral, 0.0, self.home_court)
        return np.asarray(norm.cdf((edge + court) / self.game_sd))


def default_model(params: ForecastParams) -> GameModel:
    """Return the model as params.yaml gives it."""
    return GameModel(
        game_sd=params.game_sd,
        home_court=params.home_court,
        playoff_game_sd=params.playoff_game_sd,
        playoff_home_court=params.playoff_home_court,
        playoff_stretch=params.playoff_stretch,
    )
