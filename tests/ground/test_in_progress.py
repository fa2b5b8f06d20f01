"""The current season: which one it is, and its separate tables."""

from pathlib import Path

import pandas as pd
import pytest

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
from tests.rankers.synthetic_league import SEASONS

ROLES = SeasonsParams(
    warm_up=(), train=tuple(SEASONS[:3]), validation=(SEASONS[3],), test=(SEASONS[4],)
)


def test_the_season_after_the_last_ended_one_is_in_progress() -> None:
    assert in_progress(ROLES, SEASONS[:5], SEASONS[:4]) == [SEASONS[4]]
    assert in_progress(ROLES, SEASONS[:5], SEASONS[:5]) == []


@pytest.mark.parametrize(
    ("known", "ended", "number", "why"),
    [
        (SEASONS, SEASONS[:5], 5, "no role"),
        # Models fitted on a later season must not rank an incomplete one before it.
        (SEASONS[:5], [*SEASONS[:3], SEASONS[4]], 3, "games are missing"),
    ],
)
def test_a_season_that_cannot_be_ranked_is_not_in_progress(
    known: list[str], ended: list[str], number: int, why: str
) -> None:
    assert in_progress(ROLES, known, ended) == []
    ((season, reason),) = not_ranked(ROLES, known, ended).items()
    assert season == SEASONS[number] and why in reason


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
