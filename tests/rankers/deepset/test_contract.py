"""The Deep Set keeps the contract, with ranks and with margins."""

from __future__ import annotations

from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import Ranker

from ..contract.suite import RankerContract
from .sections import model, training


class TestDeepSet(RankerContract):
    def make_ranker(self) -> Ranker:
        return DeepSetRanker(model(), training())


class TestDeepSetOnMargins(RankerContract):
    def make_ranker(self) -> Ranker:
        return DeepSetRanker(
            model(embedding_buckets=32, sigma_reparam=True, query="learned"),
            training(loss="margin"),
        )
