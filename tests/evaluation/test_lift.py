"""The ensemble's lead over its parts, by hand-computed figures; the classifier beside the rest."""

from __future__ import annotations

import pandas as pd
import pytest

from nbarank.errors import EvaluationError
from nbarank.evaluation.lift import ensemble_lift
from nbarank.evaluation.playoffs import classifier_events, playoff_rows


def _scorecard(metric: str, figures: dict[str, list[float]]) -> pd.DataFrame:
    rows = [
        ("2014-15", checkpoint, "final_rank", ranker, metric, value)
        for ranker, values in figures.items()
        for checkpoint, value in zip((10, 50), values, strict=True)
    ]
    columns = ["season", "checkpoint", "target", "ranker", "metric", "value"]
    return pd.DataFrame(rows, columns=columns)


def test_lift_is_over_the_best_of_the_list_and_over_the_best_on_average() -> None:
    card = _scorecard(
        "spearman", {"ensemble": [0.80, 0.90], "xgb": [0.70, 0.92], "rf": [0.78, 0.80]}
    )
    lift = ensemble_lift(card, ["xgb", "rf"]).set_index("checkpoint")
    assert list(lift["best_model"]) == ["rf", "xgb"]
    assert list(lift["lift"]) == pytest.approx([0.02, -0.02])
    assert list(lift["steady_model"]) == ["xgb", "xgb"]  # .81 on average against .79
    assert list(lift["steady_lift"]) == pytest.approx([0.10, -0.02])


def test_less_is_better_for_places_off() -> None:
    card = _scorecard("rank_mae", {"ensemble": [3.0, 2.0], "xgb": [4.0, 1.0], "rf": [5.0, 3.0]})
    lift = ensemble_lift(card, ["xgb", "rf"]).set_index("checkpoint")
    assert list(lift["best"]) == pytest.approx([4.0, 1.0])
    assert list(lift["lift"]) == pytest.approx([1.0, -1.0])


def test_a_model_without_rows_is_named() -> None:
    card = _scorecard("spearman", {"ensemble": [0.8, 0.9], "xgb": [0.7, 0.9]})
    with pytest.raises(EvaluationError, match="deepset"):
        ensemble_lift(card, ["xgb", "deepset"])


DAY = {"season": "2014-15", "as_of": pd.Timestamp("2015-01-01")}


def _tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    teams = [1, 2, 3, 4]
    classified = pd.DataFrame({**DAY, "team_id": teams, "probability": [0.9, 0.2, 0.6, 0.1]})
    forecast = pd.DataFrame({**DAY, "team_id": teams, "playoffs": [0.9, 0.8, 0.2, 0.1]})
    standings = pd.DataFrame({**DAY, "team_id": teams, "conference_rank": [2, 1, 1, 2]})
    outcomes = pd.DataFrame(
        {"season": "2014-15", "team_id": teams, "made_playoffs": [True, True, False, False]}
    )
    return classified, forecast, standings, outcomes, pd.DataFrame([{**DAY, "checkpoint": 50}])


def test_auc_of_classifier_monte_carlo_and_standings_by_hand() -> None:
    rows = playoff_rows(*_tables()).set_index(["metric", "ranker"])["value"]
    assert rows["playoffs_auc", "ensemble"] == 1.0
    assert rows["playoffs_auc", "playoff_classifier"] == 0.75  # one pair of four upside down
    assert rows["playoffs_auc", "standings"] == 0.5  # two pairs tied, one right, one wrong
    brier = (0.1**2 + 0.8**2 + 0.6**2 + 0.1**2) / 4
    assert rows["playoffs_brier", "playoff_classifier"] == pytest.approx(brier)


def test_a_team_without_a_chance_is_refused() -> None:
    classified, *others = _tables()
    with pytest.raises(EvaluationError, match="missing on a scored day"):
        playoff_rows(classified.iloc[1:], *others)


def test_the_classifier_is_judged_on_the_rows_of_the_forecast() -> None:
    classified, forecast, _, outcomes, _ = _tables()
    events = classifier_events(classified, forecast.iloc[:3], outcomes)
    ((probability, happened),) = events.values()
    assert list(probability) == [0.9, 0.2, 0.6] and list(happened) == [True, True, False]
