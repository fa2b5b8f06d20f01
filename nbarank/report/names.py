"""Names under which page and analysis show targets, rankers, metrics, units and features."""

from __future__ import annotations

import pandas as pd

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


def words(name: object) -> str:
    """Return the name of a feature without underscores."""
    return str(name).replace("_", " ")
