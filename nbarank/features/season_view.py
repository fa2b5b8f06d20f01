"""One season as team features see it: games before each date, fixtures, last season.

Arrays have the shape (dates, teams) unless stated otherwise; teams are in ascending order of id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbarank.features.params import FeatureParams
from nbarank.features.running_sums import Days, Floats, Ints, window_sums
from nbarank.schemas.league import BOX_COUNTS

COLUMNS = (
    *BOX_COUNTS,
    *(f"opponent_{name}" for name in BOX_COUNTS),
    "minutes",
    "possessions",
    "margin",
    "won",
    "games",
)
"""Per-game columns of `SeasonView.running`; `games` is 1 for every game."""


@dataclass(frozen=True)
class Fixtures:
    """The regular season's fixtures, played or not, without results.

    `home` and `away` (indices of teams), `day`, and the days from and until which (exclusive) a
    fixture is known have the shape (fixtures,).
    """

    home: Ints
    away: Ints
    day: Days
    known_from: Days
    known_until: Days

    def hosted_ahead(self, as_of: Days, n_teams: int, within: int | None = None) -> Floats:
        """Count known fixtures on or after each date; shape (dates, home teams, away teams).

        `within` limits them to that many days from the date.
        """
        date = as_of[:, None]
        ahead = (self.known_from <= date) & (date < self.known_until) & (self.day >= date)
        if within is not None:
            ahead &= self.day < date + np.timedelta64(within, "D")
        at, fixture = np.nonzero(ahead)
        pair = (at * n_teams + self.home[fixture]) * n_teams + self.away[fixture]
        counts = np.bincount(pair, minlength=len(as_of) * n_teams * n_teams)
        return counts.reshape(len(as_of), n_teams, n_teams).astype(np.float64)


@dataclass(frozen=True)
class Appearances:
    """Players' games of the season, by stint (a player with a team).

    Attributes
    ----------
    team, player
        Index of the team and of the player of each stint, shape (stints,).
    returning
        1.0 where the player also played for the team last season, else 0.0; for a team without a
        last season the league's share of returning minutes. Shape (stints,).
    minutes, games
        Running sums over the *team's* games, shape (stints, games + 1).
    last_day
        Day number of the player's latest game for the team among its first n games, 0 for none,
        shape (stints, games + 1).
    player_ids
        Id of each player, ascending, shape (players,).
    """

    team: Ints
    player: Ints
    returning: Floats
    minutes: Floats
    games: Floats
    last_day: Ints
    player_ids: Ints


@dataclass(frozen=True)
class SeasonView:
    """Everything a team feature may see.

    Attributes
    ----------
    end
        Last day of the regular season by the calendar.
    teams, conference
        Team ids and conferences, shape (teams,).
    as_of
        As-of dates, shape (dates,).
    played
        Regular-season games of each team before each date, whole numbers.
    running
        Running sums of `COLUMNS`, shape (teams, games + 1) each.
    game_day
        Day of each team's games in order, shape (teams, games).
    prior
        Average game expected of each team before the season: last season's average of each of
        `COLUMNS`, regressed to the league's, shape (teams,).
    strength
        `srs_carried` of features/ratings as of the date, points per game.
    meetings
        Games played between each pair of teams before each date, shape (dates, teams, teams).
    prior_returning
        Share of minutes expected from returning players before the season, a league average.
    """

    season: str
    end: np.datetime64
    play_in: str
    teams: Ints
    conference: NDArray[np.str_]
    as_of: Days
    played: Ints
    running: Mapping[str, Floats]
    game_day: Days
    prior: Mapping[str, Floats]
    strength: Floats
    meetings: Floats
    fixtures: Fixtures
    appearances: Appearances
    prior_returning: float
    params: FeatureParams

    def total(self, column: str, window: int | None = None) -> Floats:
        """Sum a column over the games (the latest `window` games) before each date."""
        return window_sums(self.running[column], self.played, window)

    def pseudo_games(self, window: int | None) -> Floats:
        """Return the number of games at the prior in a rate.

        Season to date: `shrink_games`. A rolling window: `shrink_games`, down to 0 as it fills.
        """
        if window is None:
            return np.full(self.played.shape, self.params.shrink_games)
        filled = np.minimum(self.played, window) / window
        return np.asarray(self.params.shrink_games * (1.0 - filled))

    def rate(
        self, above: Mapping[str, float], below: Mapping[str, float], window: int | None
    ) -> Floats:
        """Divide two weighted sums of columns, both shrunk with games at the prior.

        Parameters
        ----------
        above, below
            Weight of each column in the numerator and in the denominator.
        window
            Number of latest games, None for the season to date.

        Returns
        -------
        Shape (dates, teams); the prior's rate where the denominator is 0.
        """
        games = self.pseudo_games(window)
        prior_above, prior_below = self._prior(above), self._prior(below)
        return self._ratio(
            self._sum(above, self.played, window) + games * prior_above,
            self._sum(below, self.played, window) + games * prior_below,
            prior_above / np.where(prior_below != 0, prior_below, 1.0),
        )

    def recent(self, above: Mapping[str, float], below: Mapping[str, float], back: int) -> Floats:
        """Divide two weighted sums of one game: the latest (back 1), the one before it (2), ...

        The prior's rate where a team has not played that many games.
        """
        prior_above, prior_below = self._prior(above), self._prior(below)
        shifted = np.maximum(self.played - back + 1, 0)
        return self._ratio(
            self._sum(above, shifted, 1),
            self._sum(below, shifted, 1),
            prior_above / np.where(prior_below != 0, prior_below, 1.0),
        )

    def _sum(self, weights: Mapping[str, float], played: Ints, window: int | None) -> Floats:
        return np.asarray(
            sum(
                weight * window_sums(self.running[name], played, window)
                for name, weight in weights.items()
            )
        )

    def _prior(self, weights: Mapping[str, float]) -> Floats:
        return np.asarray(sum(weight * self.prior[name] for name, weight in weights.items()))

    @staticmethod
    def _ratio(numerator: Floats, denominator: Floats, fallback: Floats) -> Floats:
        exists = denominator > 0
        return np.where(exists, numerator / np.where(exists, denominator, 1.0), fallback)
