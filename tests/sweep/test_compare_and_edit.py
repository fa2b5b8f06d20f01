"""The interval of a gain, and values changed in params.yaml with everything else kept."""

import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nbarank.core.errors import ParamsError, SweepError
from nbarank.dvc.outputs import changed_values
from nbarank.dvc.params_edit import with_values, yaml_text
from nbarank.dvc.params_file import ORIGIN, check_content, document
from nbarank.sweep.gain import Gain, gain_of, season_gains
from nbarank.sweep.objectives import OBJECTIVES, Objective

ROOT = Path(__file__).parents[2]
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


def _gain(
    ours: dict[str, float], theirs: dict[str, float], aim: Objective = SPEARMAN, test: Any = ()
) -> Gain:
    return gain_of(season_gains(_card(ours, aim.metric), _card(theirs, aim.metric), aim, test))


LOCKED = {"2015-16": 0.5, "2016-17": 0.9, "2017-18": 0.7}


def test_a_constant_gain_over_seasons_that_differ_is_certain() -> None:
    """Pairing removes what differs between seasons: the interval has no width."""
    gain = _gain({s: v + 0.02 for s, v in LOCKED.items()}, LOCKED)
    assert gain.mean == pytest.approx(0.02)
    assert gain.low == pytest.approx(0.02)
    assert gain.high == pytest.approx(0.02)
    assert gain.beyond_noise


def test_less_is_a_gain_where_less_is_better() -> None:
    worse = _gain({s: v + 0.1 for s, v in LOCKED.items()}, LOCKED, RMSE)
    assert worse.mean == pytest.approx(-0.1)
    assert not worse.beyond_noise


def test_test_seasons_are_not_looked_at() -> None:
    better = {**LOCKED, "2022-23": 0.99}
    gain = _gain(better, {**LOCKED, "2022-23": 0.1}, test=["2022-23"])
    assert (gain.mean, gain.seasons) == (pytest.approx(0.0), 3)


def test_one_season_gives_no_interval_and_so_no_lock() -> None:
    gain = gain_of(pd.Series([0.3]))
    assert math.isnan(gain.low)
    assert not gain.beyond_noise
    assert "no interval" in str(gain)


def test_seasons_that_disagree_give_an_interval_around_zero() -> None:
    gain = gain_of(pd.Series([0.05, -0.04, 0.06, -0.05]))
    # By hand: mean .005, SD .0580, t of 3 degrees of freedom 3.182.
    assert (gain.low, gain.high) == pytest.approx((-0.0873, 0.0973), abs=1e-4)


def test_checkpoints_are_compared_one_by_one() -> None:
    better = _card({s: v + 0.02 for s, v in LOCKED.items()})
    better.loc[better["checkpoint"] == 50, "value"] += 0.02
    gains = season_gains(better, _card(LOCKED), SPEARMAN, [])
    assert [gain_of(gains[point]).mean for point in (10, 50)] == pytest.approx([0.02, 0.04])
    assert gain_of(gains).mean == pytest.approx(0.03)
    with pytest.raises(SweepError, match="no rows"):
        season_gains(better, _card(LOCKED), OBJECTIVES["ndcg4"], [])
    with pytest.raises(SweepError, match="no season in common"):
        season_gains(better, _card({"2001-02": 0.5}), SPEARMAN, [])


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
    origin = "  # Origin: s-3, spearman +0.01\n"
    expected = (
        TEXT.replace("  # Origin: an older winner\n", "")
        .replace("  depth: 4", f"{origin}  depth: 7")
        .replace("  rate: 0.05", f"{origin}  rate: 1.0e-05")
        .replace("  windows: [10, 30]", f"{origin}  windows: [20]")
        .replace("  names:\n    - one\n    - two", f"{origin}  names:\n    [three]")
    )
    assert text == expected


def test_the_comments_of_the_projects_own_params_are_renewed() -> None:
    """File and models agree after a lock, also where the value's comment had been edited away."""
    before = (ROOT / "params.yaml").read_text()
    assert document(before) == before
    assert "  learning_rate:" in before
    bare = re.sub(r"(?m)^(  max_depth: \d+).*$", r"\1", before)
    text = with_values(
        bare, {"model_b.learning_rate": 1e-05, "features.rolling_windows": [20]}, "s-3"
    )
    assert document(text) == text
    added = [line.strip() for line in text.splitlines() if line not in before.splitlines()]
    assert [line.split("  #")[0] for line in added] == [
        "# Origin: s-3",
        "rolling_windows: [20]",
        "# Origin: s-3",
        "learning_rate: 1.0e-05",
    ]
    once_more = with_values(text, {"model_b.learning_rate": 0.1}, "s-4")
    assert once_more.count(ORIGIN) == 2
    content = YAML(typ="safe").load(once_more)
    assert content["model_b"]["learning_rate"] == 0.1
    check_content(content, "params.yaml")


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ParamsError, match="is not in params"):
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
    before = {"report": {"run_id": None, "features": 12}, "model_b": {"max_depth": 3}}
    after = {"report": {"run_id": "run-007", "features": 12}, "model_b": {"max_depth": 4}}
    assert changed_values(before, after) == {"model_b.max_depth": (3, 4)}
