"""Confidence by hand-computed figures: agreement, spreads, restless ranks, and no look ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbarank.ensemble.confidence import confidence
from nbarank.errors import RankerError

DAYS = [pd.Timestamp("2015-11-02") + pd.Timedelta(days=days) for days in (0, 7, 9, 16)]


def _strength(values: list[list[float]]) -> pd.DataFrame:
    rows = [
        {"season": "2015-16", "as_of": day, "team_id": team, "strength": value}
        for day, of_day in zip(DAYS, values, strict=False)
        for team, value in enumerate(of_day, start=1)
    ]
    return pd.DataFrame(rows)


def _scores(strength: pd.DataFrame, shift: float = 0.0, sd: float = 1.0) -> pd.DataFrame:
    key = strength[["season", "as_of", "team_id"]]
    return key.assign(
        rank_score=strength["strength"],
        rank_score_sd=sd,
        margin_score=strength["strength"] + shift,
        margin_score_sd=sd,
    )


def test_models_that_agree_differ_by_nothing_but_their_own_spread() -> None:
    strength = _strength([[3.0, 1.0, -4.0]])
    found = confidence(
        {"a": _scores(strength, sd=3.0), "b": _scores(strength, shift=50.0, sd=4.0)}, strength
    )
    assert (found["rank_sd"] == 0).all()
    np.testing.assert_allclose(found["between_sd"], 0.0, atol=1e-9)  # level within the date
    np.testing.assert_allclose(found["model_sd"], np.sqrt(12.5))
    np.testing.assert_allclose(found["total_sd"], np.sqrt(12.5))


def test_disagreement_is_the_spread_of_ranks_and_margins() -> None:
    first, second = _strength([[2.0, 0.0, -2.0]]), _strength([[-2.0, 0.0, 2.0]])
    found = confidence({"a": _scores(first, sd=0.0), "b": _scores(second, sd=0.0)}, first)
    assert list(found["rank_sd"]) == [1.0, 0.0, 1.0]
    assert list(found["total_sd"]) == pytest.approx([2.0, 0.0, 2.0])


def test_places_moved_a_week_over_dates_of_unequal_distance() -> None:
    strength = _strength([[3, 2, 1], [2, 3, 1], [2, 3, 1], [1, 2, 3]])
    models = {"a": _scores(strength), "b": _scores(strength)}
    moved = confidence(models, strength).pivot(
        index="as_of", columns="team_id", values="rank_volatility"
    )
    assert list(moved.iloc[0]) == [0.0, 0.0, 0.0]
    assert list(moved.iloc[1]) == [1.0, 1.0, 0.0]
    assert list(moved.iloc[2]) == pytest.approx([7 / 9, 7 / 9, 0.0])
    assert list(moved.iloc[3]) == pytest.approx([7 * 2 / 16, 7 * 2 / 16, 7 * 2 / 16])


def test_what_comes_later_changes_nothing_before() -> None:
    strength = _strength([[3, 2, 1], [2, 3, 1], [2, 3, 1], [1, 2, 3]])
    early = strength[strength["as_of"] < DAYS[2]]
    models = {"a": _scores(strength), "b": _scores(strength)}
    whole = confidence(models, strength)
    pd.testing.assert_frame_equal(
        whole[whole["as_of"] < DAYS[2]].reset_index(drop=True),
        confidence({name: _scores(early) for name in models}, early),
    )


def test_a_model_that_lacks_a_row_is_named() -> None:
    strength = _strength([[3.0, 2.0, 1.0]])
    with pytest.raises(RankerError, match="b has not scored 1 row"):
        confidence({"a": _scores(strength), "b": _scores(strength).iloc[1:]}, strength)
    with pytest.raises(RankerError, match="two models"):
        confidence({"a": _scores(strength)}, strength)
