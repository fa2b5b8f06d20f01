"""Integrated gradients: complete, blind to order, and on a league whose truth is known, right."""

import numpy as np
import pandas as pd
import pytest

from nbarank.core.tables import validate
from nbarank.explain.contributors import entropy, leader_has_most_minutes
from nbarank.explain.integrated_gradients import integrated_gradients
from nbarank.explain.score_function import explained_score
from nbarank.rankers.training.contract import RankerInputs
from nbarank.schemas.columns import KEY
from nbarank.schemas.explain import CONTRIBUTORS, GRADIENT, PLAYER_GRADIENTS, TEAM_GRADIENTS
from tests.explain.small_models import batch, contributors, deepset, fitted_deepset, gradients


@pytest.mark.parametrize("score", ["margin", "rank"])
def test_attributions_add_up_to_the_score(score: str) -> None:
    found = gradients(score)
    validate(PLAYER_GRADIENTS, found.players)
    teams = validate(TEAM_GRADIENTS, found.teams)
    predicted = fitted_deepset().predict(batch().inputs)[f"{score}_score"]
    np.testing.assert_allclose(teams["predicted"], predicted, rtol=1e-4, atol=1e-4)
    of_team = teams[[c for c in teams if c.startswith(GRADIENT)]].sum(axis=1)
    of_players = found.players.groupby(KEY)["total"].sum().to_numpy()
    whole = teams["baseline"] + of_team + of_players + teams["missed"]
    np.testing.assert_allclose(whole, teams["predicted"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(of_players, teams["players"], rtol=1e-5, atol=1e-5)
    parts = found.players[[c for c in found.players if c.startswith(GRADIENT)]].sum(axis=1)
    np.testing.assert_allclose(parts, found.players["total"], atol=1e-6)
    assert found.relative_error.max() < 0.01


def test_rows_beyond_the_tolerance_are_done_again_more_finely() -> None:
    ranker, inputs = fitted_deepset(), batch().inputs
    coarse = integrated_gradients(ranker, inputs, "margin", 8, 1.0).relative_error
    finer = integrated_gradients(ranker, inputs, "margin", 8, 1e-12).relative_error
    assert finer.mean() <= coarse.mean()
    assert not np.array_equal(coarse, finer)


def test_skill_counts_and_age_does_not() -> None:
    players = gradients().players
    sums = players.groupby(KEY)[[GRADIENT + "impact", GRADIENT + "age"]].sum().abs().mean()
    assert sums[GRADIENT + "impact"] > 2 * sums[GRADIENT + "age"]
    rosters = batch().inputs.rosters
    value = rosters["impact"] * rosters["expected_minutes"]
    truth = rosters[[*KEY, "player_id"]].assign(value=value)
    joined = players.merge(truth, on=[*KEY, "player_id"])
    assert joined["total"].corr(joined["value"], method="spearman") > 0.5


def test_the_order_of_rows_changes_nothing() -> None:
    inputs = batch().inputs
    rosters = inputs.rosters
    slot = rosters["slot"].max() - rosters["slot"]
    turned = RankerInputs(
        inputs.teams.iloc[::-1], rosters.assign(slot=slot).sample(frac=1.0, random_state=1)
    )
    other = integrated_gradients(fitted_deepset(), turned, "margin", 32, 0.01)
    totals = [
        one.players.set_index([*KEY, "player_id"])["total"].sort_index()
        for one in (gradients(), other)
    ]
    pd.testing.assert_series_equal(*totals, atol=1e-4)


def test_a_score_that_was_not_learnt_is_not_explained() -> None:
    ranker = deepset(epochs=1, members=1)
    assert explained_score(ranker, "margin") == "margin"
    ranker.training = ranker.training.model_copy(update={"margin_weight": 0.0})
    assert explained_score(ranker, "margin") == "rank"


def test_contributors_hold_shares_whose_sizes_add_to_one() -> None:
    rows = validate(CONTRIBUTORS, contributors())
    sizes = rows.assign(size=rows["integrated_gradients_share"].abs()).groupby(KEY)["size"].sum()
    np.testing.assert_allclose(sizes, 1.0)
    assert (np.sign(rows["points"]) == np.sign(rows["integrated_gradients_share"])).all()
    np.testing.assert_allclose(rows.groupby(KEY)["attention_weight"].sum(), 1.0, atol=1e-5)


def shares(weights: list[float], minutes: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "season": "2000-01", "as_of": pd.Timestamp("2000-11-01"), "team_id": 1,
            "attention_weight": weights, "minutes_share": minutes,
        }
    )  # fmt: skip


def test_entropy_and_leaders_by_hand() -> None:
    assert entropy(shares([0.5, 0.5], [1, 0]), "attention_weight") == pytest.approx(1.0)
    assert entropy(shares([0.5, 0.5], [1, 0]), "minutes_share") == pytest.approx(0.0)
    assert leader_has_most_minutes(shares([0.6, 0.4], [0.7, 0.3])) == 1.0
    assert leader_has_most_minutes(shares([0.4, 0.6], [0.7, 0.3])) == 0.0
    assert leader_has_most_minutes(shares([np.nan, np.nan], [0.7, 0.3])) == 0.0
