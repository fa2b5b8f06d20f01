"""Calibration table: predicted against observed, by kind of probability."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.reliability import calibration, game_events, team_events


def test_honest_probabilities_have_a_small_error_and_boastful_ones_a_large_one() -> None:
    random = np.random.default_rng(0)
    truth = random.uniform(0.1, 0.9, 50_000)
    happened = random.uniform(size=len(truth)) < truth
    boast = np.clip(0.5 + 1.8 * (truth - 0.5), 0.001, 0.999)
    table, diagram = calibration({"honest": (truth, happened), "boast": (boast, happened)}, 10)
    ece = table.set_index("what")["ece"]
    assert ece["honest"] < 0.01 < 0.05 < ece["boast"]
    assert table.set_index("what")["log_loss"].idxmin() == "honest"
    assert diagram.groupby("what")["count"].sum().eq(len(truth)).all()


def test_all_kinds_are_scored_on_the_same_games() -> None:
    calibrated = pd.DataFrame(
        {"game_id": ["a", "b", "c"], "home_won": True, "stacked": 0.6, "per_model": 0.7}
    )
    forecast = pd.DataFrame({"game_id": ["b", "c", "d"], "home_win_probability": [0.5, 0.6, 0.7]})
    events = game_events(calibrated, forecast)
    assert {len(chance) for chance, _ in events.values()} == {2}


def test_a_round_counts_as_reached_by_the_series_won_before_it() -> None:
    forecast = pd.DataFrame(
        {
            "season": "2015-16",
            "as_of": pd.Timestamp("2016-01-20"),
            "team_id": [1, 2, 3],
            **dict.fromkeys(
                ("playoffs", "second_round", "conference_final", "final", "title"), 0.5
            ),
        }
    )
    outcomes = pd.DataFrame(
        {
            "season": "2015-16",
            "team_id": [1, 2, 3],
            "made_playoffs": [True, True, False],
            "rounds_won": [4, 0, 0],
        }
    )
    classified = forecast[["season", "as_of", "team_id"]].assign(probability=0.5)
    events = team_events(forecast, classified.head(2), outcomes)
    assert events["teams, title"][1].tolist() == [True, False, False]
    assert events["teams, playoffs"][1].tolist() == [True, True, False]
    assert events["teams, second round"][1].tolist() == [True, False, False]
    assert events["teams, playoffs by classifier"][1].tolist() == [True, True]


def test_no_events_are_refused() -> None:
    with pytest.raises(EvaluationError):
        calibration({}, 10)
