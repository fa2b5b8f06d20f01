"""League tables for tests of features, and changes to their future.

`change_future` replaces, deletes or adds every game on or after a day. Fixtures, teams, calendar
and the as-of grid stay: they are known beforehand.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbarank.core.sections import SectionT, load_section
from nbarank.league.ingest import ingest
from nbarank.schemas.calendar import CALENDAR_FILE, read_calendar
from nbarank.schemas.league import BOX_COUNTS
from nbarank.schemas.raw import RawLeague
from nbarank.sources.folder import collect_folder
from nbarank.sources.raw import read_raw

ROOT = Path(__file__).resolve().parent.parent
CHECKPOINTS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
NAMES = ("seasons", "teams", "games", "schedule", "team_games", "player_games", "as_of")
RESULTS = ("games", "team_games", "player_games")
Tables = dict[str, pd.DataFrame]
WAYS = ("delete", "replace", "add")
real_changes = pytest.mark.parametrize(
    ("how", "day"), [("delete", "2018-11-20"), ("replace", "2019-02-12"), ("add", "2019-11-05")]
)


def day_at(tables: Tables, share: float) -> pd.Timestamp:
    days = np.sort(tables["as_of"]["as_of"].unique())
    return pd.Timestamp(days[round(share * (len(days) - 1))])


def assert_same_until(
    day: pd.Timestamp, before: Iterable[pd.DataFrame], after: Iterable[pd.DataFrame]
) -> None:
    """Compare rows of as-of dates up to a day, bit by bit."""
    for old, new in zip(before, after, strict=True):
        past, same = (frame[frame["as_of"] <= day].reset_index(drop=True) for frame in (old, new))
        pd.testing.assert_frame_equal(past, same, check_exact=True)


def section(model: type[SectionT], **changes: object) -> SectionT:
    """Return a section as params.yaml has it, some values changed."""
    return load_section(model, ROOT / "params.yaml").model_copy(update=changes)


def documented(title: str) -> list[str]:
    """Return the names in the first column of a section of the data dictionary."""
    text = (ROOT / "docs" / "data-dictionary.md").read_text()
    part = text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([\w{}]+)` \|", part, flags=re.MULTILINE)


def league_tables(raw: RawLeague, every_days: int) -> Tables:
    made = ingest(raw, False, every_days, CHECKPOINTS)
    return {name: getattr(made, name) for name in NAMES}


def collected(box_scores: Path, raw: Path) -> RawLeague:
    collect_folder(box_scores, raw, read_calendar(ROOT / CALENDAR_FILE))
    return read_raw(raw)


def real_tables(source: Path, seasons: tuple[str, ...], folder: Path) -> Tables:
    box_scores = folder / "box_scores"
    box_scores.mkdir()
    for season in seasons:
        for file in source.glob(f"*_logs_{season.replace('-', '_')}.parquet"):
            (box_scores / file.name).symlink_to(file)
    raw = folder / "raw"
    raw.mkdir()
    return league_tables(collected(box_scores, raw), 7)


def change_future(tables: Tables, day: pd.Timestamp, how: str, rng: np.random.Generator) -> Tables:
    """Return tables with other games on or after a day.

    `how` is 'delete' (none is played), 'replace' (every result, box score and minute is redrawn)
    or 'add' (as many additional games, by other pairs).
    """
    changed = dict(tables)
    for name in RESULTS:
        frame = tables[name]
        late = (frame["game_date"] >= day).to_numpy()
        other = frame[late].copy()
        if how == "add" and name == "games":
            other[["home_id", "away_id"]] = other[["away_id", "home_id"]].to_numpy()
        elif how != "delete":
            other = _redrawn(other, rng)
        if how == "add":
            other["game_id"] = "9" + other["game_id"].str[1:]
        kept = frame if how == "add" else frame[~late]
        parts = [kept] if how == "delete" else [kept, other]
        changed[name] = pd.concat(parts, ignore_index=True)
    return changed


def _redrawn(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
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
