"""Names under which page and analysis show targets, rankers, metrics, units and features."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from nbarank.schemas.features import ROSTER_TEAMS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF
from nbarank.schemas.ratings import RATINGS

TARGET_NAMES = {"final_rank": "the final standings", "playoff_outcome": "the playoff result"}
RANKER_NAMES = {
    "ensemble": "ensemble",
    "standings": "standings",
    "point_diff": "point difference",
    "srs": "SRS",
    "srs_carried": "SRS with carry-over",
    "elo": "Elo",
    "last_season": "last season",
    "xgb": "XGBoost",
    "rf": "random forest",
    "deepset": "Deep Set",
}
ODDS_METRICS = {
    "wins_rmse": "Error of projected wins (RMSE)",
    "game_brier": "Brier score of single games",
    "game_logloss": "Log-loss of single games",
    "playoffs_brier": "Brier score of making the playoffs",
    "title_logloss": "Log-loss of the champion",
    "title_brier": "Brier score of the title odds",
}


def unit_of(explained: pd.DataFrame) -> str:
    """Return the unit of the scores that a table of nbarank/schemas/explain explains."""
    return {"margin": "points", "rank": "places"}[str(explained["score"].iloc[0])]


def feature_name(column: str) -> str:
    """Return the name of a feature: that of a ranker, or its column without underscores."""
    return RANKER_NAMES.get(column, column.replace("_", " "))


def feature_meanings(columns: Iterable[str]) -> dict[str, str]:
    """Return meanings by name of the features that the contracts of their tables describe."""
    described = {
        column: (contract.description or "").replace("_", " ")
        for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS, AS_OF)
        for column, contract in table.schema.columns.items()
    }
    return {feature_name(one): described[one] for one in sorted({*columns} & {*described})}
