"""Small fitted models on the synthetic batch, whose truth is known."""

from functools import cache

import pandas as pd

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
from tests.as_of_league import section


@cache
def batch() -> TrainingData:
    """Thirty teams on eight dates; `impact` is skill, `age` is noise, `rating` noisy strength."""
    return synthetic_batch(1, "expected_minutes")


def deepset(**changes: object) -> DeepSetRanker:
    small = {"epochs": 12, "members": 2, "roster_features": None, "team_features": None}
    small |= {"mc_dropout_samples": 0, "early_stopping_val_frac": 0.0, "learning_rate": 0.01}
    model = section(ModelAParams, **small | changes)
    return DeepSetRanker(model, section(TrainingParams)).fit(batch(), seed=1)


@cache
def fitted_deepset() -> DeepSetRanker:
    return deepset()


@cache
def gradients(score: str = "margin") -> Attributions:
    return integrated_gradients(fitted_deepset(), batch().inputs, score, 32, 0.01)


@cache
def contributors() -> pd.DataFrame:
    inputs = batch().inputs
    members = inputs.rosters[[*KEY, "player_id"]].assign(
        player_name="A. Player", offence=1.0, defence=-1.0
    )
    return contributors_of(fitted_deepset().attend(inputs), gradients().players, members)


@cache
def fitted_trees() -> tuple[XgbRanker, ForestRanker]:
    """Both on `rating` and a constant column."""
    data, up = tree_data(), {"rating": 1}
    xgb = XgbRanker(section(XgbParams, n_estimators=30, bags=3), directions=up)
    forest = ForestRanker(section(ForestParams, n_estimators=40), directions=up)
    return xgb.fit(data, seed=1), forest.fit(data, seed=1)


@cache
def tree_data() -> TrainingData:
    data = batch()
    teams = data.inputs.teams.assign(constant=1.0)
    return TrainingData(RankerInputs(teams), data.targets)
