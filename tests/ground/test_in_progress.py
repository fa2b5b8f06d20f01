"""The current season: which one it is, and its separate tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.tables import write_table
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.season_split import (
    current_seasons,
    in_progress,
    not_ranked,
    read_with_current,
    write_current_seasons,
)

SEASONS = [f"20{year}-{year + 1}" for year in range(11, 17)]


def _roles() -> SeasonsParams:
    return SeasonsParams(
        warm_up=(),
        train=tuple(SEASONS[:3]),
        validation=(SEASONS[3],),
        test=(SEASONS[4],),
    )


def test_the_season_after_the_last_ended_one_is_in_progress() -> None:
    assert in_progress(_roles(), SEASONS[:5], SEASONS[:4]) == [SEASONS[4]]


def test_none_is_when_all_have_ended() -> None:
    assert in_progress(_roles(), SEASONS[:5], SEASONS[:5]) == []


def test_one_without_a_role_is_not() -> None:
    assert in_progress(_roles(), SEASONS, SEASONS[:5]) == []
    (reason,) = not_ranked(_roles(), SEASONS, SEASONS[:5]).items()
    assert reason[0] == SEASONS[5] and "no role" in reason[1]


def test_an_incomplete_season_before_an_ended_one_is_not() -> None:
    """Models fitted on a later season must not rank it."""
    ended = [season for season in SEASONS[:5] if season != SEASONS[3]]
    assert in_progress(_roles(), SEASONS[:5], ended) == []
    (reason,) = not_ranked(_roles(), SEASONS[:5], ended).items()
    assert reason[0] == SEASONS[3] and "games are missing" in reason[1]


def _strength(season: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "season": season,
            "as_of": pd.Timestamp("2014-01-01"),
            "team_id": [1, 2],
            "rank_score": [1.0, 2.0],
            "strength": [0.5, -0.5],
            "strength_sd": 1.0,
            "win_probability": 0.5,
        }
    )


def test_tables_are_read_with_the_current_season_where_there_is_one(tmp_path: Path) -> None:
    write_table(STRENGTH, _strength(SEASONS[3]), tmp_path)
    assert set(read_with_current(STRENGTH, tmp_path)["season"]) == {SEASONS[3]}
    current = tmp_path / "current" / "results"
    write_current_seasons([], current)
    assert set(read_with_current(STRENGTH, tmp_path)["season"]) == {SEASONS[3]}
    write_current_seasons([SEASONS[4]], current)
    write_table(STRENGTH, _strength(SEASONS[4]), current)
    assert current_seasons(current) == [SEASONS[4]]
    assert set(read_with_current(STRENGTH, tmp_path)["season"]) == {SEASONS[3], SEASONS[4]}
