"""Dean Oliver's four factors, of the team and of its opponents, and pace.

Shooting (effective field-goal share), turnovers, offensive rebounds, free throws: "Basketball on
Paper" (2004). All are per possession or per attempt, so pace does not matter.
"""

from __future__ import annotations

from nbarank.features.registry import per_window
from nbarank.features.running_sums import Floats
from nbarank.features.season_view import SeasonView


@per_window
def efg(season: SeasonView, window: int | None) -> Floats:
    """Effective field-goal share: (FGM + 0.5 3PM) / FGA."""
    return season.rate({"fgm": 1.0, "fg3m": 0.5}, {"fga": 1.0}, window)


@per_window
def tov_rate(season: SeasonView, window: int | None) -> Floats:
    """Turnovers per possession."""
    return season.rate({"tov": 1.0}, {"possessions": 1.0}, window)


@per_window
def orb_rate(season: SeasonView, window: int | None) -> Floats:
    """Share of own misses rebounded: OREB / (OREB + opponents' DREB)."""
    return season.rate({"oreb": 1.0}, {"oreb": 1.0, "opponent_dreb": 1.0}, window)


@per_window
def ft_rate(season: SeasonView, window: int | None) -> Floats:
    """Free throws made per field-goal attempt: FTM / FGA."""
    return season.rate({"ftm": 1.0}, {"fga": 1.0}, window)


@per_window
def opponent_efg(season: SeasonView, window: int | None) -> Floats:
    """Effective field-goal share allowed."""
    return season.rate({"opponent_fgm": 1.0, "opponent_fg3m": 0.5}, {"opponent_fga": 1.0}, window)


@per_window
def opponent_tov_rate(season: SeasonView, window: int | None) -> Floats:
    """Opponents' turnovers per possession."""
    return season.rate({"opponent_tov": 1.0}, {"possessions": 1.0}, window)


@per_window
def opponent_orb_rate(season: SeasonView, window: int | None) -> Floats:
    """Share of opponents' misses that they rebounded: 1 - own defensive-rebound share."""
    return season.rate({"opponent_oreb": 1.0}, {"opponent_oreb": 1.0, "dreb": 1.0}, window)


@per_window
def opponent_ft_rate(season: SeasonView, window: int | None) -> Floats:
    """Opponents' free throws made per field-goal attempt."""
    return season.rate({"opponent_ftm": 1.0}, {"opponent_fga": 1.0}, window)


@per_window
def efg_difference(season: SeasonView, window: int | None) -> Floats:
    """Effective field-goal share, own minus allowed; positive is good."""
    return efg(season, window) - opponent_efg(season, window)


@per_window
def tov_difference(season: SeasonView, window: int | None) -> Floats:
    """Turnovers per possession, opponents' minus own; positive is good."""
    return opponent_tov_rate(season, window) - tov_rate(season, window)


@per_window
def orb_difference(season: SeasonView, window: int | None) -> Floats:
    """Share of misses rebounded, own minus opponents'; positive is good."""
    return orb_rate(season, window) - opponent_orb_rate(season, window)


@per_window
def ft_difference(season: SeasonView, window: int | None) -> Floats:
    """Free throws made per field-goal attempt, own minus opponents'; positive is good."""
    return ft_rate(season, window) - opponent_ft_rate(season, window)


@per_window
def pace(season: SeasonView, window: int | None) -> Floats:
    """Possessions per 48 minutes."""
    return season.rate({"possessions": 48.0}, {"minutes": 1.0}, window)
