"""League tables for tests of features, and what may happen to them in the future. Nothing is real.

`change_future` replaces, deletes or adds every game on or after a day. Fixtures, teams, calendar
and the as-of grid stay: they are known beforehand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.sections import SectionT, load_section
from nbarank.league.ingest import LeagueTables, ingest
from nbarank.schemas.calendar import CALENDAR_FILE, read_calendar
from nbarank.schemas.league import BOX_COUNTS
from nbarank.sources.folder import collect_folder
from nbarank.sources.raw import read_raw
from tests.tiny_league import TinyLeague, write_tiny_league

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("seasons", "teams", "games", "schedule", "team_games", "player_games", "as_of")
RESULTS = ("games", "team_games", "player_games")
Tables = dict[str, pd.DataFrame]


def section(model: type[SectionT]) -> SectionT:
    """Return a section as params.yaml has it."""
    return load_section(model, ROOT / "params.yaml")


def as_dict(made: LeagueTables) -> Tables:
    """Return the tables by name."""
    return {name: getattr(made, name) for name in NAMES}


def tiny_tables(folder: Path, league: TinyLeague | None = None) -> Tables:
    """Return the league tables of a tiny league, with an as-of date every third day."""
    raw = read_raw(write_tiny_league(folder, league))
    return as_dict(ingest(raw, False, 3, (0.1, 0.25, 0.5, 0.75, 1.0)))


def real_tables(source: Path, seasons: tuple[str, ...], folder: Path) -> Tables:
    """Return the league tables of some real seasons."""
    box_scores = folder / "box_scores"
    box_scores.mkdir()
    for season in seasons:
        for file in source.glob(f"*_logs_{season.replace('-', '_')}.parquet"):
            (box_scores / file.name).symlink_to(file)
    raw = folder / "raw"
    raw.mkdir()
    collect_folder(box_scores, raw, read_calendar(ROOT / CALENDAR_FILE))
    return as_dict(ingest(read_raw(raw), False, 7, (0.1, 0.25, 0.5, 0.75, 1.0)))


def change_future(tables: Tables, day: pd.Timestamp, how: str, rng: np.random.Generator) -> Tables:
    """Return tables in which every game on or after a day is another.

    Parameters
    ----------
    how
        'delete': none of them is played; 'replace': every result, box score and minute is drawn
        anew; 'add': they stay, and as many games more are played, by other pairs.
    """
    changed = dict(tables)
    if how == "delete":
        for name in RESULTS:
            frame = tables[name]
            changed[name] = frame[frame["game_date"] < day].reset_index(drop=True)
        return changed
    if how == "replace":
        for name in RESULTS:
            frame = tables[name]
            late = (frame["game_date"] >= day).to_numpy()
            changed[name] = pd.concat([frame[~late], _redrawn(frame[late], rng)], ignore_index=True)
        return changed
    games = tables["games"]
    extra = games[games["game_date"] >= day].copy()
    extra["game_id"] = "9" + extra["game_id"].str[1:]
    extra[["home_id", "away_id"]] = extra[["away_id", "home_id"]].to_numpy()
    changed["games"] = pd.concat([games, extra], ignore_index=True)
    for name in ("team_games", "player_games"):
        frame = tables[name]
        more = _redrawn(frame[frame["game_date"] >= day], rng)
        more["game_id"] = "9" + more["game_id"].str[1:]
        changed[name] = pd.concat([frame, more], ignore_index=True)
    return changed


def _redrawn(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return rows with other results, counts and minutes."""
    result = frame.copy()
    counts = [name for name in frame if name.removeprefix("opponent_") in BOX_COUNTS]
    result[counts] = rng.integers(1, 150, (len(frame), len(counts)))
    if "home_pts" in frame:
        result[["home_pts", "away_pts"]] = rng.permutation(
            np.arange(60, 60 + 2 * len(frame))
        ).reshape(-1, 2)
    if "won" in frame:
        result["won"] = ~frame["won"]
        result["margin"] = -frame["margin"] * rng.integers(1, 5, len(frame))
        result["possessions"] = rng.uniform(60.0, 140.0, len(frame))
    if "player_id" in frame:
        result["minutes"] = rng.uniform(0.0, 48.0, len(frame))
        result["player_id"] = rng.permutation(frame["player_id"].to_numpy())
        result = result.drop_duplicates(["game_id", "player_id"])
    return result
