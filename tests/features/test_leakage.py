"""No rating and no team feature sees the day itself or later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.features.team import describe_teams
from tests.as_of_league import Tables, change_future, real_tables
from tests.features.team_rows import PARAMS, rated

WAYS = ("delete", "replace", "add")


def everything(tables: Tables) -> list[pd.DataFrame]:
    """Ratings and team features, all windows and features."""
    ratings = rated(tables)
    return [ratings, describe_teams(tables, ratings, PARAMS)]


def assert_past_unmoved(
    tables: Tables, before: list[pd.DataFrame], day: pd.Timestamp, how: str, seed: int
) -> None:
    changed = change_future(tables, day, how, np.random.default_rng(seed))
    for old, new in zip(before, everything(changed), strict=True):
        past = old["as_of"] <= day
        pd.testing.assert_frame_equal(
            old[past].reset_index(drop=True),
            new[new["as_of"] <= day].reset_index(drop=True),
            check_exact=True,
        )


@pytest.fixture(scope="module")
def before(tables: Tables) -> list[pd.DataFrame]:
    return everything(tables)


@settings(max_examples=18, derandomize=True, deadline=None)
@given(place=st.floats(0, 1), how=st.sampled_from(WAYS), seed=st.integers(0, 2**16))
def test_games_on_or_after_a_date_move_no_row_of_that_date(
    tables: Tables, before: list[pd.DataFrame], place: float, how: str, seed: int
) -> None:
    days = np.sort(tables["as_of"]["as_of"].unique())
    day = pd.Timestamp(days[round(place * (len(days) - 1))])
    assert_past_unmoved(tables, before, day, how, seed)


@pytest.mark.parametrize("how", WAYS)
def test_the_change_reaches_later_rows(
    tables: Tables, before: list[pd.DataFrame], how: str
) -> None:
    """The test above can fail: rows of later dates do move."""
    days = np.sort(tables["as_of"]["as_of"].unique())
    day = pd.Timestamp(days[len(days) // 2])
    changed = change_future(tables, day, how, np.random.default_rng(1))
    for old, new in zip(before, everything(changed), strict=True):
        late = (old["as_of"] > day).to_numpy()
        numbers = old.select_dtypes("float").columns
        moved = (old.loc[late, numbers] != new.loc[late, numbers]).any(axis=1)
        assert moved.mean() > 0.9


@pytest.mark.real
@pytest.mark.parametrize(
    ("how", "day"),
    [("delete", "2018-11-20"), ("replace", "2019-02-12"), ("add", "2019-11-05")],
)
def test_real_games_on_or_after_a_date_move_no_row_of_that_date(
    real_raw: Path, tmp_path: Path, how: str, day: str
) -> None:
    tables = real_tables(real_raw, ("2018-19", "2019-20"), tmp_path)
    assert_past_unmoved(tables, everything(tables), pd.Timestamp(day), how, 5)
