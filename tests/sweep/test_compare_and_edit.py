"""The interval of a gain, and changing params.yaml without touching anything else."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nbarank.core.errors import SweepError
from nbarank.sweep.compare import gain_over, gains_by_checkpoint, interval_of
from nbarank.sweep.leaderboard import changed_values
from nbarank.sweep.objectives import OBJECTIVES
from nbarank.sweep.params_edit import with_values, yaml_text

SPEARMAN, RMSE = OBJECTIVES["spearman"], OBJECTIVES["rank_rmse"]


def _card(values: dict[str, float], metric: str = "spearman") -> pd.DataFrame:
    return pd.DataFrame(
        [
            (season, checkpoint, "final_rank", ranker, metric, value + checkpoint / 1000)
            for season, value in values.items()
            for checkpoint in (10, 50)
            for ranker in ("ensemble", "standings")
        ],
        columns=["season", "checkpoint", "target", "ranker", "metric", "value"],
    )


LOCKED = {"2015-16": 0.5, "2016-17": 0.9, "2017-18": 0.7}


def test_a_constant_gain_over_seasons_that_differ_is_certain() -> None:
    """Pairing removes what differs between seasons: the interval has no width."""
    gain = gain_over(_card({s: v + 0.02 for s, v in LOCKED.items()}), _card(LOCKED), SPEARMAN, [])
    assert gain.mean == pytest.approx(0.02)
    assert gain.low == pytest.approx(0.02)
    assert gain.high == pytest.approx(0.02)
    assert gain.beyond_noise


def test_less_is_a_gain_where_less_is_better() -> None:
    worse = gain_over(
        _card({s: v + 0.1 for s, v in LOCKED.items()}, "rank_rmse"),
        _card(LOCKED, "rank_rmse"),
        RMSE,
        [],
    )
    assert worse.mean == pytest.approx(-0.1)
    assert not worse.beyond_noise


def test_test_seasons_are_not_looked_at() -> None:
    better = {**LOCKED, "2022-23": 0.99}
    gain = gain_over(_card(better), _card({**LOCKED, "2022-23": 0.1}), SPEARMAN, ["2022-23"])
    assert (gain.mean, gain.seasons) == (pytest.approx(0.0), 3)


def test_one_season_gives_no_interval_and_so_no_lock() -> None:
    gain = interval_of(np.array([0.3]))
    assert math.isnan(gain.low)
    assert not gain.beyond_noise
    assert "no interval" in str(gain)


def test_seasons_that_disagree_give_an_interval_around_zero() -> None:
    gain = interval_of(np.array([0.05, -0.04, 0.06, -0.05]))
    assert gain.low < 0 < gain.high
    # By hand: the means of resamples of four lie between the worst and the best value.
    assert gain.low >= -0.05
    assert gain.high <= 0.06


def test_checkpoints_are_compared_one_by_one() -> None:
    gains = gains_by_checkpoint(_card(LOCKED), _card(LOCKED), SPEARMAN, [])
    assert list(gains) == [10.0, 50.0]
    with pytest.raises(SweepError, match="no rows"):
        gain_over(_card(LOCKED), _card(LOCKED), OBJECTIVES["ndcg4"], [])
    with pytest.raises(SweepError, match="no season in common"):
        gain_over(_card(LOCKED), _card({"2001-02": 0.5}), SPEARMAN, [])


TEXT = """\
# The file's own words.
a:
  # What depth means. Legal: 1 to 9.
  depth: 4   # kept
  # Origin: an older winner
  rate: 0.05
  windows: [10, 30] # also kept
  names:
    - one
    - two   # the second
  # what follows
  on: true
b: {c: 1, d: "x"}
"""


def test_only_the_values_change_and_the_origin_is_noted_once() -> None:
    text = with_values(
        TEXT,
        {"a.depth": 7, "a.rate": 1e-05, "a.windows": [20], "a.names": ["three"]},
        "s-3, spearman +0.01",
    )
    assert (
        text
        == """\
# The file's own words.
a:
  # What depth means. Legal: 1 to 9.
  # Origin: s-3, spearman +0.01
  depth: 7   # kept
  # Origin: s-3, spearman +0.01
  rate: 1.0e-05
  # Origin: s-3, spearman +0.01
  windows: [20] # also kept
  # Origin: s-3, spearman +0.01
  names:
    [three]   # the second
  # what follows
  on: true
b: {c: 1, d: "x"}
"""
    )


def test_a_key_that_is_not_there_is_told() -> None:
    with pytest.raises(SweepError, match="is not in params"):
        with_values(TEXT, {"a.nothing": 1}, "x")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.integers(-(10**12), 10**12),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none(),
        st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12),
        st.lists(st.integers(0, 99), max_size=4),
        st.lists(st.text("ab:#,[ -", max_size=4), max_size=3),
    )
)
def test_whatever_is_written_reads_back_with_value_and_type(value: object) -> None:
    read = YAML(typ="safe").load(f"key: {yaml_text(value)}\n")["key"]
    assert read == value
    assert type(read) is type(value)


def test_the_name_of_a_run_is_no_value_that_it_changed() -> None:
    before = {"report": {"run_id": None, "features": 12}, "model_b": {"xgb": {"max_depth": 3}}}
    after = {"report": {"run_id": "run-007", "features": 12}, "model_b": {"xgb": {"max_depth": 4}}}
    assert changed_values(before, after) == {"model_b.max_depth": (3, 4)}
