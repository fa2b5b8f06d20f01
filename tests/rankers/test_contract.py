"""Models A, B and C keep the contract; Model A with ranks and with margins."""

from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import Ranker
from nbarank.rankers.trees.forest import ForestRanker
from nbarank.rankers.trees.xgb import XgbRanker

from .deepset.sections import model, training
from .ranker_contract import RankerContract
from .test_trees import FOREST, XGB


class TestDeepSet(RankerContract):
    def make_ranker(self) -> Ranker:
        return DeepSetRanker(model(), training())


class TestDeepSetOnMargins(RankerContract):
    def make_ranker(self) -> Ranker:
        return DeepSetRanker(
            model(embedding_buckets=32, sigma_reparam=True, query="learned"),
            training(loss="margin"),
        )


class TestXgb(RankerContract):
    def make_ranker(self) -> Ranker:
        return XgbRanker(XGB)


class TestForest(RankerContract):
    def make_ranker(self) -> Ranker:
        return ForestRanker(FOREST)
