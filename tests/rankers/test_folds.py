"""Folds: no season is ever scored by a model that may have seen it or what follows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbarank.core.errors import RankerError
from nbarank.rankers.training.folds import season_kfold, walk_forward

SEASONS = [f"{year}-{(year + 1) % 100:02d}" for year in range(2000, 2020)]


@given(st.integers(1, 8), st.integers(0, 8))
def test_walk_forward_trains_on_earlier_seasons_only(n_train: int, n_later: int) -> None:
    folds = walk_forward(SEASONS[:n_train], SEASONS[n_train : n_train + n_later])
    assert [fold.score for fold in folds] == [(s,) for s in SEASONS[1 : n_train + n_later]]
    for fold in folds:
        assert max(fold.train) < fold.score[0]
        assert fold.train == tuple(s for s in SEASONS if s < fold.score[0])


@given(st.integers(2, 8), st.integers(0, 5), st.integers(2, 6))
def test_season_kfold_scores_each_season_once(n_train: int, n_later: int, n_folds: int) -> None:
    train, later = SEASONS[:n_train], SEASONS[n_train : n_train + n_later]
    folds = season_kfold(train, later, n_folds)
    assert sorted(s for fold in folds for s in fold.score) == sorted([*train, *later])
    for fold in folds:
        assert not set(fold.train) & set(fold.score)
        assert set(fold.train) <= set(train), "later seasons train no model under K-fold"


def test_walk_forward_refuses_seasons_out_of_order() -> None:
    with pytest.raises(RankerError, match="time order"):
        walk_forward(["2001-02"], ["2000-01"])


def test_kfold_of_a_single_season_names_walk_forward() -> None:
    with pytest.raises(RankerError) as caught:
        season_kfold(["2000-01"], ["2001-02"], 5)
    assert "walk_forward" in str(caught.value)
