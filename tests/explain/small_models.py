"""Small fitted models on the synthetic batch, whose truth is known."""

from __future__ import annotations

from functools import cache

import pandas as pd

from nbarank.core.sections import PARAMS_FILE, load_section
from nbarank.explain.contributors import contributors_of
from nbarank.explain.integrated_gradients import Attributions, integrated_gradients
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.deepset.synthetic_batch import synthetic_batch
from nbarank.rankers.training.contract import RankerInputs, TrainingData
from nbarank.rankers.trees.forest import ForestRanker
from nbarank.rankers.trees.params import ForestParams, XgbParams
from nbarank.rankers.trees.xgb import XgbRanker
from nbarank.schemas.columns import KEY
from tests.conftest import ROOT


@cache
def batch() -> TrainingData:
    """Thirty teams on eight dates; `impact` is skill, `age` is noise, `rating` noisy strength."""
    return synthetic_batch(1, "expected_minutes")


def deepset(**changes: object) -> DeepSetRanker:
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
def gradients(score: str = "margin") -> Attributions:
    return integrated_gradients(fitted_deepset(), batch().inputs, score, 32, 0.01)


@cache
def contributors() -> pd.DataFrame:
    inputs = batch().inputs
    names = inputs.rosters[[*KEY, "player_id"]].assign(player_name="A. Player")
    return contributors_of(fitted_deepset().attend(inputs), gradients().players, names)


@cache
def fitted_trees() -> tuple[XgbRanker, ForestRanker]:
    data = tree_data()
    xgb = load_section(XgbParams, ROOT / PARAMS_FILE)
    xgb = xgb.model_copy(update={"n_estimators": 30, "bags": 3})
    forest = load_section(ForestParams, ROOT / PARAMS_FILE)
    forest = forest.model_copy(update={"n_estimators": 40})
    up = {"rating": 1}
    return (
        XgbRanker(xgb, directions=up).fit(data, seed=1),
        ForestRanker(forest, directions=up).fit(data, seed=1),
    )


@cache
def tree_data() -> TrainingData:
    data = batch()
    teams = data.inputs.teams.assign(constant=1.0)
    return TrainingData(RankerInputs(teams), data.targets)
