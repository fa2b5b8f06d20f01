"""No rating and no team feature sees the day itself or later."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.features.team import describe_teams
from nbarank.ratings.efficiency import adjusted_efficiency
from nbarank.ratings.params import SrsParams
from tests.as_of_league import (
    WAYS,
    Tables,
    assert_same_until,
    change_future,
    day_at,
    real_changes,
    real_tables,
    section,
)
from tests.features.team_rows import PARAMS, rated


def everything(tables: Tables) -> list[pd.DataFrame]:
    """Ratings, offence and defence, and team features, all windows and features."""
    ratings = rated(tables)
    sides = adjusted_efficiency(
        tables["games"], tables["team_games"], tables["teams"], tables["as_of"], section(SrsParams)
    )
    return [ratings, sides, describe_teams(tables, ratings, PARAMS)]


def assert_past_unmoved(
    tables: Tables, before: list[pd.DataFrame], day: pd.Timestamp, how: str, seed: int
) -> None:
    changed = change_future(tables, day, how, np.random.default_rng(seed))
    assert_same_until(day, before, everything(changed))


@pytest.fixture(scope="module")
def before(tables: Tables) -> list[pd.DataFrame]:
    return everything(tables)


@settings(max_examples=18, derandomize=True, deadline=None)
@given(place=st.floats(0, 1), how=st.sampled_from(WAYS), seed=st.integers(0, 2**16))
def test_games_on_or_after_a_date_move_no_row_of_that_date(
    tables: Tables, before: list[pd.DataFrame], place: float, how: str, seed: int
) -> None:
    assert_past_unmoved(tables, before, day_at(tables, place), how, seed)


@pytest.mark.parametrize("how", WAYS)
def test_the_change_moves_later_rows(tables: Tables, before: list[pd.DataFrame], how: str) -> None:
    """The test above can fail: rows of later dates do move."""
    day = day_at(tables, 0.5)
    changed = change_future(tables, day, how, np.random.default_rng(1))
    for old, new in zip(before, everything(changed), strict=True):
        late = (old["as_of"] > day).to_numpy()
        numbers = old.select_dtypes("float").columns
        moved = (old.loc[late, numbers] != new.loc[late, numbers]).any(axis=1)
        assert moved.mean() > 0.9


@pytest.fixture(scope="module")
def real(real_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return real_tables(real_raw, ("2018-19", "2019-20"), tmp_path_factory.mktemp("real"))


@pytest.mark.real
@real_changes
def test_real_games_move_no_earlier_row(real: Tables, how: str, day: str) -> None:
    assert_past_unmoved(real, everything(real), pd.Timestamp(day), how, 5)
