"""Closing lines of the betting market: scored next to the forecasts, never an input of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.errors import SourceError
from nbarank.sources.layout import (
    list_nearest,
    read_any,
    require_columns,
    whole_numbers,
    write_parquet,
)

FILE = "market.parquet"
PROBABILITY, SPREAD = "ML_PROB_HOME", "CLOSE_HOME_SPREAD"
MARGIN_SD = 12.0
"""SD of a game's margin about the spread, in points; used where there is no probability."""
LARGEST_SPREAD = 60.0
_REMEDY = "correct the file, or set data.market.path: null in params.yaml"


def collect_market(location: Path, raw: Path) -> None:
    """Copy a user's closing lines into the raw layout: game_id and home_win_probability.

    Parameters
    ----------
    location
        Parquet or CSV file: game_id, and ml_prob_home (probability without the bookmaker's margin)
        or close_home_spread (points, negative for a home favourite). Games without either are
        left out.

    Raises
    ------
    SourceError
        If the file is missing or has no such columns, a game is repeated, or a value is invalid.
    """
    if not location.is_file():
        raise SourceError(
            f"The file of closing lines {location} does not exist.",
            where="params.yaml: data.market.path",
            allowed="a parquet or CSV file: game_id, ml_prob_home or close_home_spread; or null",
            next_command=list_nearest(location),
        )
    lines = read_any(location)
    one = [PROBABILITY] if PROBABILITY in lines else [SPREAD]
    require_columns(location.name, lines, ["GAME_ID", *one], str(location), _REMEDY)
    numbers = {
        name: pd.to_numeric(lines[name], errors="coerce").to_numpy(float)
        if name in lines
        else np.full(len(lines), np.nan)
        for name in (PROBABILITY, SPREAD)
    }
    from scipy.special import ndtr  # takes .4 s, and most pipelines have no closing lines

    chance, spread = numbers[PROBABILITY], numbers[SPREAD]
    chance = np.where(np.isnan(chance), ndtr(-spread / MARGIN_SD), chance)
    number = whole_numbers(lines["GAME_ID"])
    ids = number.fillna(0).astype("int64").astype(str).str.zfill(10)
    text = np.any(
        [np.isnan(numbers[name]) & lines[name].notna() for name in numbers if name in lines], axis=0
    )
    wrong = (chance <= 0.0) | (chance >= 1.0) | text | (np.abs(spread) > LARGEST_SPREAD)
    wrong |= number.isna().to_numpy() | ids.duplicated().to_numpy()
    if wrong.any():
        raise SourceError(
            f"{location.name} has {int(wrong.sum())} row(s) with a missing or repeated game or "
            "an invalid number.",
            where=f"{location}, first game {lines['GAME_ID'][wrong].iloc[0]}",
            allowed="one row a game, its id a whole number; probabilities between 0 and 1, spreads "
            f"of at most {LARGEST_SPREAD:.0f} points",
            next_command=_REMEDY,
        )
    frame = pd.DataFrame({"game_id": ids, "home_win_probability": chance}).dropna()
    write_parquet(frame, raw / FILE)


def read_market(raw: Path, games: pd.DataFrame) -> pd.DataFrame:
    """Return table market of games in league/games; empty without closing lines."""
    path = raw / FILE
    if path.is_file():
        lines = pd.read_parquet(path)
    else:
        lines = pd.DataFrame({"game_id": [], "home_win_probability": []}).astype({"game_id": "str"})
    return games[["game_id", "season"]].merge(lines, on="game_id")
