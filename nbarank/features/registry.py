"""Team features: functions registered by a decorator, from a `SeasonView` to (dates, teams) arrays.

To add a feature:

1. write a function in four_factors.py, form.py, schedule_strength.py, rest.py, motivation.py or
   continuity.py, decorated with `@per_date`, `@per_window` or `@per_recent_game`;
2. describe it in docs/data-dictionary.md, 'Team features'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nbarank.features.running_sums import Floats
from nbarank.features.season_view import SeasonView

PerDate = Callable[[SeasonView], Floats]
PerWindow = Callable[[SeasonView, int | None], Floats]
PerGame = Callable[[SeasonView, int], Floats]
Columns = Iterator[tuple[str, Floats]]

_FEATURES: dict[str, Callable[[SeasonView], Columns]] = {}


def per_date(function: PerDate) -> PerDate:
    """Register `name(season)`: makes the column `name`."""

    def columns(season: SeasonView) -> Columns:
        yield function.__name__, function(season)

    _register(function.__name__, columns)
    return function


def per_window(function: PerWindow) -> PerWindow:
    """Register `name(season, window)`: makes `name_season` (window None) and `name_last_15`, ..."""

    def columns(season: SeasonView) -> Columns:
        yield f"{function.__name__}_season", function(season, None)
        for window in season.params.rolling_windows:
            yield f"{function.__name__}_last_{window}", function(season, window)

    _register(function.__name__, columns)
    return function


def per_recent_game(function: PerGame) -> PerGame:
    """Register `name(season, back)`: makes `name_game_1` (the latest game), `name_game_2`, ..."""

    def columns(season: SeasonView) -> Columns:
        for back in range(1, season.params.recent_games + 1):
            yield f"{function.__name__}_game_{back}", function(season, back)

    _register(function.__name__, columns)
    return function


def feature_names() -> list[str]:
    """Return the names of all features in alphabetical order."""
    return sorted(_FEATURES)


def feature_columns(season: SeasonView, name: str) -> Columns:
    """Compute the columns of one feature, each of shape (dates, teams)."""
    return _FEATURES[name](season)


def _register(name: str, columns: Callable[[SeasonView], Columns]) -> None:
    if name in _FEATURES:
        raise ValueError(f"two team features are called {name}")
    _FEATURES[name] = columns
