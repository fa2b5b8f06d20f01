"""Upsets of the first round, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from nbarank.evaluation.probability_rows import first_series, upset_rows

DAY = {"season": "2014-15", "as_of": pd.Timestamp("2015-04-16")}


def _outcomes() -> pd.DataFrame:
    """One conference: the seventh beats the second, the fifth the fourth; two teams are out."""
    rows = [(seed, int(seed in (1, 3, 5, 7))) for seed in range(1, 9)] + [(0, 0), (0, 0)]
    return pd.DataFrame(
        {
            "season": "2014-15",
            "team_id": range(101, 111),
            "conference": "East",
            "seed": [seed for seed, _ in rows],
            "rounds_won": [won for _, won in rows],
        }
    )


def _forecast(second_round: list[float], playoffs: float = 1.0) -> pd.DataFrame:
    teams = range(101, 109)
    return pd.DataFrame(
        {**DAY, "team_id": teams, "second_round": second_round, "playoffs": playoffs}
    )


def _rankings() -> pd.DataFrame:
    standings = pd.DataFrame({"team_id": range(101, 109), "score": [8.0, 7, 6, 5, 4, 3, 2, 1]})
    return standings.assign(**DAY, target="playoff_outcome", ranker="standings")


DAYS = pd.DataFrame([{**DAY, "checkpoint": 100}])


def test_who_met_and_who_won() -> None:
    series = first_series(_outcomes()).set_index(["favourite", "underdog"])["upset"]
    assert series.to_dict() == {
        (101, 108): False,
        (102, 107): True,
        (103, 106): False,
        (104, 105): True,
    }


def test_upsets_by_hand() -> None:
    chances = [0.9, 0.6, 0.8, 0.7, 0.3, 0.2, 0.4, 0.1]
    rows = upset_rows(_forecast(chances), _rankings(), _outcomes(), DAYS)
    found = rows.set_index(["ranker", "metric"])["value"]
    assert found["ensemble", "upset_auc"] == 1.0  # .4 and .3 were upsets, .2 and .1 were not
    brier = (0.1**2 + 0.6**2 + 0.2**2 + 0.7**2) / 4
    assert found["ensemble", "upset_brier"] == pytest.approx(brier)
    # Places apart: 7, 5, 3 and 1; the upsets are 5 and 1. Three of four pairs are right.
    assert found["standings", "upset_auc"] == 0.75


def test_a_place_in_the_playoffs_that_is_still_open_is_no_argument_against_an_upset() -> None:
    """A team that may miss the playoffs is judged by what it does if it gets there."""
    sure = _forecast([0.9, 0.6, 0.8, 0.7, 0.3, 0.2, 0.4, 0.1])
    open_place = sure.copy()
    open_place.loc[7, ["second_round", "playoffs"]] = [0.05, 0.5]
    pd.testing.assert_frame_equal(
        upset_rows(sure, _rankings(), _outcomes(), DAYS),
        upset_rows(open_place, _rankings(), _outcomes(), DAYS),
    )


def test_a_season_without_upsets_has_no_auc() -> None:
    outcomes = _outcomes().assign(
        rounds_won=lambda frame: (frame["seed"].between(1, 4)).astype(int)
    )
    rows = upset_rows(_forecast([0.5] * 8), _rankings(), outcomes, DAYS)
    assert set(rows["metric"]) == {"upset_brier", "upset_logloss"}


def test_without_seeds_or_the_end_of_the_season_there_are_no_rows() -> None:
    unseeded = _outcomes().assign(seed=0)
    assert upset_rows(_forecast([0.5] * 8), _rankings(), unseeded, DAYS).empty
    half = DAYS.assign(checkpoint=50)
    assert upset_rows(_forecast([0.5] * 8), _rankings(), _outcomes(), half).empty
