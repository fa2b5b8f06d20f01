"""What a team feature is: one plain function, made known by one of three decorators.

A feature function takes a `SeasonView` and returns an array of shape (dates, teams):

- `@per_date`: `name(season)` makes the column `name`;
- `@per_window`: `name(season, window)` makes `name_season` (window None: season to date) and
  `name_last_15`, `name_last_30`, ... for every rolling window;
- `@per_recent_game`: `name(season, back)` makes `name_game_1` (the latest game), `name_game_2`, ...

Its name must stand in params.yaml (`features.include_features`) and in docs/data-dictionary.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from nbarank.features.as_of import Floats
from nbarank.features.season import SeasonView

PerDate = Callable[[SeasonView], Floats]
PerWindow = Callable[[SeasonView, int | None], Floats]
PerGame = Callable[[SeasonView, int], Floats]
AnyFeature = TypeVar("AnyFeature", bound=Callable[..., Floats])

PER_DATE: dict[str, PerDate] = {}
PER_WINDOW: dict[str, PerWindow] = {}
PER_RECENT_GAME: dict[str, PerGame] = {}


def per_date(function: PerDate) -> PerDate:
    """Make a function known as a feature with one column."""
    return _add(PER_DATE, function)


def per_window(function: PerWindow) -> PerWindow:
    """Make a function known as a feature with one column a window, and one for the season."""
    return _add(PER_WINDOW, function)


def per_recent_game(function: PerGame) -> PerGame:
    """Make a function known as a feature with one column for each of the latest games."""
    return _add(PER_RECENT_GAME, function)


def feature_names() -> list[str]:
    """Return the names of all features known, in alphabetical order."""
    return sorted([*PER_DATE, *PER_WINDOW, *PER_RECENT_GAME])


def feature_columns(season: SeasonView, name: str) -> Iterator[tuple[str, Floats]]:
    """Compute the columns of one feature, each of shape (dates, teams)."""
    if name in PER_DATE:
        yield name, PER_DATE[name](season)
    elif name in PER_WINDOW:
        yield f"{name}_season", PER_WINDOW[name](season, None)
        for window in season.params.rolling_windows:
            yield f"{name}_last_{window}", PER_WINDOW[name](season, window)
    else:
        for back in range(1, season.params.recent_games + 1):
            yield f"{name}_game_{back}", PER_RECENT_GAME[name](season, back)


def _add(registry: dict[str, AnyFeature], function: AnyFeature) -> AnyFeature:
    name = function.__name__
    if name in feature_names():
        raise ValueError(f"two team features are called {name}")
    registry[name] = function
    return function
