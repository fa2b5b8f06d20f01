"""Motivation: how much of the season is left, and whether a team can still gain or lose a place.

Clinching and elimination follow magic numbers: with W wins, R fixtures left and N fixtures in all,
team i is certain to finish ahead of rival j once W_i / N_i > (W_j + R_j) / N_j. A place among the
first s of a conference is

- clinched when fewer than s rivals can still reach the team's share of wins;
- out of reach when s rivals are certain of a larger share than the team can still reach.

Shares, because teams may play unequal numbers of games (2019-20). Ties count as open (they would
need the tie-break procedure), so both flags are certain.

Places: the first 8 of a conference; with the standard play-in, 6 are safe and 10 are alive. The
play-in of 2020 was not known before that summer and is not assumed.
"""

from __future__ import annotations

import numpy as np

from nbarank.features.registry import per_date
from nbarank.features.running_sums import Floats
from nbarank.features.schedule_strength import games_left
from nbarank.features.season_view import SeasonView

SAFE_PLACES = {"none": 8, "bubble": 8, "standard": 6}
ALIVE_PLACES = {"none": 8, "bubble": 8, "standard": 10}


@per_date
def days_left(season: SeasonView) -> Floats:
    """Days to the end of the regular season; 0 after it."""
    left = (season.end - season.as_of).astype("timedelta64[D]").astype(float)
    return np.asarray(np.repeat(np.maximum(left, 0.0)[:, None], len(season.teams), axis=1))


@per_date
def late_season(season: SeasonView) -> Floats:
    """1 within `late_season_days` of the end of the regular season, else 0."""
    return np.asarray(days_left(season) <= season.params.late_season_days, dtype=np.float64)


@per_date
def clinch_number(season: SeasonView) -> Floats:
    """Own wins plus rival's losses that make a safe playoff place certain; 0 when clinched."""
    wins, reach, games = _wins_reach_games(season)
    own, rival = games[:, :, None], games[:, None, :]
    needed = (reach[:, None, :] * own - wins[:, :, None] * rival) / rival + 1.0
    return _nth_largest_rival(needed, season, SAFE_PLACES[season.play_in])


@per_date
def elimination_number(season: SeasonView) -> Floats:
    """Own losses plus rival's wins that rule the playoffs (and play-in) out; 0 when out."""
    wins, reach, games = _wins_reach_games(season)
    own, rival = games[:, :, None], games[:, None, :]
    needed = (reach[:, :, None] * rival - wins[:, None, :] * own) / rival + 1.0
    return _nth_smallest_rival(needed, season, ALIVE_PLACES[season.play_in])


@per_date
def clinched(season: SeasonView) -> Floats:
    """1 where a safe playoff place is certain."""
    return np.asarray(clinch_number(season) == 0.0, dtype=np.float64)


@per_date
def eliminated(season: SeasonView) -> Floats:
    """1 where neither playoffs nor play-in can be reached."""
    return np.asarray(elimination_number(season) == 0.0, dtype=np.float64)


@per_date
def late_and_clinched(season: SeasonView) -> Floats:
    """Product of late_season and clinched: a team that may rest its players."""
    return np.asarray(late_season(season) * clinched(season))


@per_date
def late_and_eliminated(season: SeasonView) -> Floats:
    """Product of late_season and eliminated: a team that may look to the draft."""
    return np.asarray(late_season(season) * eliminated(season))


def _wins_reach_games(season: SeasonView) -> tuple[Floats, Floats, Floats]:
    """Return wins to date, wins if every fixture left is won, and games in all (at least 1)."""
    wins, left = season.total("won"), games_left(season)
    return wins, wins + left, np.maximum(season.played + left, 1.0)


def _rivals(season: SeasonView) -> Floats:
    """Return 1 where a column's team is a conference rival of the row's team, else 0."""
    same = season.conference[:, None] == season.conference[None, :]
    return np.asarray(same & ~np.eye(len(season.teams), dtype=bool), dtype=np.float64)


def _nth_largest_rival(needed: Floats, season: SeasonView, nth: int) -> Floats:
    """Return the nth largest value over rivals, not below 0; 0 where there are fewer rivals."""
    among = np.where(_rivals(season)[None] > 0, needed, -np.inf)
    if among.shape[2] < nth:
        return np.zeros(among.shape[:2])
    return np.asarray(np.maximum(np.floor(np.sort(among, axis=2)[:, :, -nth]), 0.0))


def _nth_smallest_rival(needed: Floats, season: SeasonView, nth: int) -> Floats:
    """Return the nth smallest value over rivals, not below 0.

    With fewer rivals than places no team can be eliminated: the value is then the number of
    fixtures left plus one.
    """
    among = np.where(_rivals(season)[None] > 0, needed, np.inf)
    open_ended = games_left(season) + 1.0
    if among.shape[2] < nth:
        return open_ended
    smallest = np.sort(among, axis=2)[:, :, nth - 1]
    return np.where(np.isfinite(smallest), np.maximum(np.floor(smallest), 0.0), open_ended)
