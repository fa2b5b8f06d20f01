"""SHAP values: they add up to the score, and give nothing to what says nothing."""

import numpy as np
import pytest

from nbarank.core.errors import RankerError
from nbarank.core.tables import validate
from nbarank.explain.tree_shap import tree_shap
from nbarank.rankers.trees.xgb import XgbRanker
from nbarank.schemas.explain import SHAP_VALUES
from tests.explain.small_models import fitted_trees, tree_data


@pytest.mark.parametrize("which", [0, 1], ids=["xgb", "rf"])
@pytest.mark.parametrize("score", ["margin", "rank"])
def test_values_add_up_to_the_score(which: int, score: str) -> None:
    ranker, inputs = fitted_trees()[which], tree_data().inputs
    values, gap = tree_shap(ranker, inputs, score)
    validate(SHAP_VALUES, values)
    sums = values.groupby(["as_of", "team_id"])["shap"].sum()
    base = values.groupby(["as_of", "team_id"])["base"].first()
    predicted = ranker.predict(inputs).set_index(["as_of", "team_id"])[f"{score}_score"]
    np.testing.assert_allclose((base + sums).loc[predicted.index], predicted, atol=1e-3)
    assert gap < 1e-3


@pytest.mark.parametrize("which", [0, 1], ids=["xgb", "rf"])
def test_values_are_those_of_the_shap_package(which: int) -> None:
    shap = pytest.importorskip("shap")
    ranker, inputs = fitted_trees()[which], tree_data().inputs
    features = inputs.teams[list(ranker.team_columns or ())].to_numpy(dtype=float)
    expected = [shap.TreeExplainer(m).shap_values(features) for m in ranker.members["margin"]]
    values, _ = tree_shap(ranker, inputs, "margin")
    own = values["shap"].to_numpy().reshape(features.shape)
    np.testing.assert_allclose(own, np.mean(expected, axis=0), atol=1e-5)


@pytest.mark.parametrize("which", [0, 1], ids=["xgb", "rf"])
def test_a_constant_feature_adds_nothing(which: int) -> None:
    values, _ = tree_shap(fitted_trees()[which], tree_data().inputs, "margin")
    size = values.groupby("feature")["shap"].apply(lambda shap: shap.abs().max())
    assert size["constant"] == 0.0
    assert size["rating"] > 0.5


def test_values_that_explain_something_else_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ranker, inputs = fitted_trees()[0], tree_data().inputs
    scores = ranker.predict(inputs)
    shifted = scores.assign(margin_score=scores["margin_score"] + 1.0)
    monkeypatch.setattr(XgbRanker, "predict", lambda self, _: shifted)
    with pytest.raises(RankerError, match="miss its scores by up to 1"):
        tree_shap(ranker, inputs, "margin")
