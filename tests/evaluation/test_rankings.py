"""From tables to rankings: orientation, targets, and the simulated truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import EvaluationError
from nbarank.core.tables import validate
from nbarank.evaluation.rankings import (
    baseline_rankings,
    ensemble_rankings,
    model_rankings,
    strength_scores,
)
from nbarank.evaluation.scorecard import RANKERS, checkpoint_days
from nbarank.evaluation.true_strength import true_strength_rows
from nbarank.schemas.evaluation import RANKED

from .league_data import as_of_table, outcomes_table

DAYS = checkpoint_days(as_of_table())
BASE = as_of_table()[["season", "as_of"]].merge(outcomes_table()[["season", "team_id"]])
STRONG = BASE["team_id"].astype(float)  # team 30 is the strongest by every measure


def ratings() -> pd.DataFrame:
    return BASE.assign(
        win_pct=STRONG / 31,
        point_diff=STRONG - 15,
        srs=STRONG - 15,
        elo=1500 + STRONG,
        last_season_rank=31 - STRONG,
    )


def scores() -> pd.DataFrame:
    return BASE.assign(rank_score=STRONG, margin_score=STRONG, rank_score_sd=0.1)


def forecast() -> pd.DataFrame:
    ranks = {"expected_final_rank": 31 - STRONG, "expected_playoff_rank": 31 - STRONG}
    return BASE.assign(strength=STRONG, **ranks)


def test_every_ranker_puts_the_strongest_first_on_checkpoints_only() -> None:
    places = BASE.assign(league_rank=31 - BASE["team_id"])
    rankings = pd.concat(
        [
            baseline_rankings(ratings(), places, DAYS),
            model_rankings({"xgb": scores(), "rf": scores()}, DAYS),
            ensemble_rankings(forecast(), DAYS),
        ]
    )
    checked = validate(RANKED, rankings)
    assert checked["ranker"].nunique() == 8
    assert len(checked) == 8 * 2 * len(DAYS) * 30
    order = checked.sort_values("score").groupby(["season", "as_of", "target", "ranker"])
    assert (order["team_id"].last() == 30).all() and (order["team_id"].first() == 1).all()


def test_missing_standings_are_named() -> None:
    places = BASE.assign(league_rank=31 - BASE["team_id"])
    with pytest.raises(EvaluationError, match="no ratings or no standings"):
        baseline_rankings(ratings(), places[places["season"] != "2015-16"], DAYS)


def test_truth_correlates_with_strength_of_that_day() -> None:
    scored = strength_scores(ratings(), {"xgb": scores()}, forecast())
    assert set(scored["ranker"]) == set(RANKERS) - {"deepset", "rf"}
    truth = BASE.assign(strength=STRONG - 15.5, talent=15.5 - STRONG)
    got = true_strength_rows(scored, truth, DAYS)
    assert len(got) == 7 * len(DAYS) * 3
    by_metric = got.groupby("metric")["value"]
    np.testing.assert_allclose(by_metric.min()["truth_spearman"], 1.0)
    np.testing.assert_allclose(by_metric.max()["talent_spearman"], -1.0)
    with pytest.raises(EvaluationError, match="no true strength"):
        true_strength_rows(scored, truth[truth["season"] != "2016-17"], DAYS)
    with pytest.raises(EvaluationError, match="misses teams"):
        true_strength_rows(
            scored[~((scored["ranker"] == "elo") & (scored["team_id"] == 3))], truth, DAYS
        )
