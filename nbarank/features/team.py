"""The table features/teams: every included feature of every team as of every date."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.errors import ParamsError
from nbarank.features import continuity, form, four_factors, motivation, rest, schedule_strength
from nbarank.features.params import FeatureParams
from nbarank.features.registry import feature_columns, feature_names
from nbarank.features.season_view import SeasonView
from nbarank.features.view_builder import season_views
from nbarank.schemas.league import AS_OF, PLAYER_GAMES, SCHEDULE, SEASONS, TEAM_GAMES, TEAMS

FEATURE_MODULES = (continuity, form, four_factors, motivation, rest, schedule_strength)
"""Importing a module registers its features."""


def chosen_features(params: FeatureParams) -> list[str]:
    """Return the features to compute: those included and not excluded, in the order given.

    Raises
    ------
    ParamsError
        If a name is unknown or repeated, or no feature is left.
    """
    known = feature_names()
    included = known if params.include_features is None else params.include_features
    listed = [*included, *params.exclude_features]
    unknown = sorted(set(listed) - set(known))
    if unknown:
        raise ParamsError(
            f"There is no team feature called {', '.join(unknown)}.",
            where="params.yaml: features.include_features, features.exclude_features",
            allowed=", ".join(known),
            next_command="see docs/data-dictionary.md, 'Team features'",
        )
    chosen = [name for name in included if name not in params.exclude_features]
    if not chosen or len(set(chosen)) < len(chosen):
        raise ParamsError(
            "The list of team features is empty or names a feature twice.",
            where="params.yaml: features.include_features",
            allowed="each name once, at least one not excluded",
            next_command="git diff params.yaml",
        )
    return chosen


LEAGUE_TABLES = (SEASONS, TEAMS, TEAM_GAMES, PLAYER_GAMES, SCHEDULE, AS_OF)


def describe_teams(
    tables: dict[str, pd.DataFrame], ratings: pd.DataFrame, params: FeatureParams
) -> pd.DataFrame:
    """Return the table features/teams; float columns in the order of `include_features`.

    A row sees games with `game_date < as_of` only, all fixtures (which have no results) and the
    calendar.

    Parameters
    ----------
    tables
        LEAGUE_TABLES by name.
    ratings
        features/ratings, for the strength of opponents.

    Raises
    ------
    ParamsError
        As `chosen_features`.
    TableError
        As `season_views`.
    """
    names = chosen_features(params)
    frames = [_frame(view, names) for view in season_views(tables, ratings, params)]
    return pd.concat(frames, ignore_index=True)


def _frame(season: SeasonView, names: list[str]) -> pd.DataFrame:
    """Return the (dates, teams) arrays of one season as rows."""
    dates, n_teams = len(season.as_of), len(season.teams)
    columns = {
        column: np.asarray(values, dtype=np.float64).ravel()
        for name in names
        for column, values in feature_columns(season, name)
    }
    keys = {
        "season": np.full(dates * n_teams, season.season, dtype=object),
        "as_of": np.repeat(season.as_of, n_teams),
        "team_id": np.tile(season.teams, dates),
    }
    return pd.DataFrame({**keys, **columns})
