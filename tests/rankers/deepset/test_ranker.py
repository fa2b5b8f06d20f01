"""The Deep Set as a ranker: its own refusals, whom it looks at, and the debugger's report."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from nbarank.core.errors import RankerError
from nbarank.rankers.deepset.attention_report import attention_report
from nbarank.rankers.deepset.ranker import DeepSetRanker, device_of

from ..synthetic_league import N_PLAYERS, synthetic_league
from .sections import model, training


@pytest.fixture(scope="module")
def fitted() -> DeepSetRanker:
    return DeepSetRanker(model(epochs=4), training()).fit(synthetic_league()[0], 5)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"roster_features": ["impact", "wingspan"]}, "wingspan"),
        ({"team_features": ["elo"]}, "elo"),
        ({"minutes_column": "recent_minutes"}, "recent_minutes"),
    ],
)
def test_columns_the_tables_lack_are_refused_by_name(changes: dict, named: str) -> None:
    with pytest.raises(RankerError, match=named):
        DeepSetRanker(model(**changes), training()).fit(synthetic_league()[0], 5)


def test_rosters_are_needed(fitted: DeepSetRanker) -> None:
    with pytest.raises(RankerError, match="needs rosters"):
        fitted.predict(replace(synthetic_league()[0].inputs, rosters=None))


def test_pairwise_needs_games() -> None:
    with pytest.raises(RankerError, match="no game"):
        data = replace(synthetic_league()[0], games=None)
        DeepSetRanker(model(), training(loss="pairwise")).fit(data, 5)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_device_is_refused_and_auto_takes_the_processor() -> None:
    with pytest.raises(RankerError, match="no CUDA device"):
        device_of("cuda")
    assert device_of("auto").type == "cpu"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_mixed_precision_on_cuda_ranks_as_the_processor_does() -> None:
    data, _ = synthetic_league()
    scores = [
        DeepSetRanker(model(), training(), device).fit(data, 5).predict(data.inputs)["rank_score"]
        for device in ("cpu", "cuda")
    ]
    assert scores[0].corr(scores[1], "spearman") > 0.95


def test_a_team_without_players_is_scored_from_its_team_inputs(fitted: DeepSetRanker) -> None:
    inputs = synthetic_league()[0].inputs
    rosters = inputs.rosters[inputs.rosters["team_id"] != 3]
    scores = fitted.predict(replace(inputs, rosters=rosters))
    assert np.isfinite(scores["rank_score"]).all()


def test_weights_add_to_one_and_follow_slots(fitted: DeepSetRanker) -> None:
    inputs = synthetic_league()[0].inputs
    weights = fitted.attend(inputs)
    by_team = weights.groupby(["season", "as_of", "team_id"])
    np.testing.assert_allclose(by_team["weight"].sum(), 1.0, rtol=1e-5)
    np.testing.assert_allclose(by_team["minutes_share"].sum(), 1.0, rtol=1e-5)
    assert (by_team.size() == N_PLAYERS).all()
    assert not weights["contributors_are_fallback"].any()
    merged = weights.merge(inputs.rosters, on=["season", "as_of", "team_id", "slot", "player_id"])
    total = merged.groupby(["season", "as_of", "team_id"])["expected_minutes"].transform("sum")
    np.testing.assert_allclose(merged["minutes_share"], merged["expected_minutes"] / total, 1e-5)


def test_no_contributor_is_named_where_weights_are_the_fallback(fitted: DeepSetRanker) -> None:
    data, _ = synthetic_league()
    broken = DeepSetRanker(fitted.model, fitted.training).fit(data, 5)
    for network in broken.networks:
        with torch.no_grad():
            network.pooling.key.weight.fill_(float("nan"))
    weights = broken.attend(data.inputs)
    assert weights["contributors_are_fallback"].all()
    assert weights["weight"].isna().all()
    scores = broken.predict(data.inputs)
    assert np.isfinite(scores["rank_score"]).all()
    report = attention_report(model(epochs=2), training(), 5, "cpu", data, None, broken)
    assert report.count("no contributors") == 12
    assert "minutes" not in report.split("Players with most weight")[1]


def test_inspection_of_a_made_up_batch_needs_nothing() -> None:
    report = attention_report(model(hidden_width=32), training(), 42, "cpu")
    assert "a synthetic batch" in report
    assert "healthy:" in report
    for name in ("fresh", "10 passes", "attention_entropy", "gradient_attention", "flat_loss"):
        assert name in report
    assert report.count("(minutes") == 90  # three players of thirty teams


def test_a_network_that_does_not_learn_is_not_healthy() -> None:
    stuck = model(hidden_width=32, learning_rate=1e-12)
    report = attention_report(stuck, training(), 42, "cpu")
    assert "not learning:" in report
    assert "healthy:" not in report
    first, last = report.split("spearman ")[-1].split(",")[0].split(" -> ")
    assert first == last


def test_inspection_of_a_date_names_teams_and_players(fitted: DeepSetRanker) -> None:
    data, _ = synthetic_league()
    day = pd.Timestamp("2012-11-15")
    names = {int(player): f"Player {player}" for player in data.inputs.rosters["player_id"]}
    report = attention_report(model(), training(), 5, "cpu", data, day, fitted, {3: "BOS"}, names)
    assert "as of 2012-11-15" in report
    assert "trained model" in report
    assert "BOS" in report
    assert "Player 2012" in report
    with pytest.raises(RankerError, match="as of 2012-12-25") as caught:
        attention_report(model(), training(), 5, "cpu", data, pd.Timestamp("2012-12-25"))
    assert "2012-12-27" in str(caught.value)
