"""Small fitted models on the made-up batch, whose truth is known."""

from __future__ import annotations

from functools import cache

from nbarank.rankers.deepset.made_up import made_up_batch
from nbarank.rankers.trees.ranker import ForestRanker, XgbRanker

from nbarank.core.sections import PARAMS_FILE, load_section
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import RankerInputs, TrainingData
from nbarank.rankers.trees.params import ForestParams, XgbParams
from tests.conftest import ROOT


@cache
def batch() -> TrainingData:
    """Thirty teams on eight dates; `impact` is skill, `age` is nothing, `rating` is noisy."""
    return made_up_batch(1, "expected_minutes")


def deepset(**changes: object) -> DeepSetRanker:
    """A Deep Set after a few epochs."""
    model = load_section(ModelAParams, ROOT / PARAMS_FILE).model_copy(
        update={
            "epochs": 12, "members": 2, "roster_features": None, "team_features": None,
            "mc_dropout_samples": 0, "early_stopping_val_frac": 0.0, "learning_rate": 0.01,
            **changes,
        }
    )  # fmt: skip
    training = load_section(TrainingParams, ROOT / PARAMS_FILE)
    return DeepSetRanker(model, training).fit(batch(), seed=1)


@cache
def fitted_deepset() -> DeepSetRanker:
    return deepset()


@cache
def fitted_trees() -> tuple[XgbRanker, ForestRanker]:
    """Both tree models on `rating` and a column that says nothing."""
    data = tree_data()
    directions = {"increasing": ["rating"], "decreasing": []}
    xgb = load_section(XgbParams, ROOT / PARAMS_FILE).model_copy(
        update={"n_estimators": 30, "bags": 3, **directions}
    )
    forest = load_section(ForestParams, ROOT / PARAMS_FILE).model_copy(
        update={"n_estimators": 40, **directions}
    )
    return XgbRanker(xgb).fit(data, seed=1), ForestRanker(forest).fit(data, seed=1)


@cache
def tree_data() -> TrainingData:
    data = batch()
    teams = data.inputs.teams.assign(constant=1.0)
    return TrainingData(RankerInputs(teams), data.targets)
