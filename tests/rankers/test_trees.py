"""Models B and C: early stopping on whole seasons, directions, uncertainty, invalid inputs."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from nbarank.core.errors import RankerError
from nbarank.rankers.training.contract import RankerInputs, TrainingData
from nbarank.rankers.trees.forest import ForestRanker, best_size
from nbarank.rankers.trees.params import ForestParams, XgbParams
from nbarank.rankers.trees.tree_ranker import TaskRows
from nbarank.rankers.trees.xgb import XgbRanker
from tests.as_of_league import section
from tests.conftest import contents

from .synthetic_league import known_strengths

XGB = section(XgbParams, learning_rate=0.1, n_estimators=40, bags=3)
FOREST = section(ForestParams, n_estimators=30, max_depth=8, max_features=0.5)
SEASONS = ["2012-13", "2013-14", "2014-15"]
MAKERS = [lambda **more: XgbRanker(XGB, **more), lambda **more: ForestRanker(FOREST, **more)]
each_model = pytest.mark.parametrize("make", MAKERS, ids=["xgb", "rf"])


def described(seasons: list[str], seed: int = 0, noise: float = 1.0) -> TrainingData:
    """Teams whose feature `form` is their strength plus noise; `dull` is pure noise."""
    random = np.random.default_rng(seed)
    rows = known_strengths(random, seasons, sd=4.5)
    rows["form"] = rows["strength"] + random.normal(0, noise, len(rows))
    rows["dull"] = random.normal(size=len(rows))
    rank = rows.groupby(["season", "as_of"])["strength"].rank(ascending=False)
    last = rows["as_of"] == rows.groupby("season")["as_of"].transform("max")
    targets = rows[["season", "as_of", "team_id"]].assign(
        conference=np.where(rows["team_id"] <= 15, "East", "West"),
        rank_target=30 - rank,
        margin_target=rows["strength"].mask(last),
        margin_games=np.where(last, 0.0, 20.0),
    )
    return TrainingData(RankerInputs(rows.drop(columns="strength")), targets)


@each_model
def test_scores_rank_unseen_teams_and_margins_are_in_points(make: Any) -> None:
    unseen = described(["2015-16"], seed=9)
    scores = make().fit(described(SEASONS), 42).predict(unseen.inputs)
    truth = unseen.targets
    assert spearmanr(scores["rank_score"], truth["rank_target"]).statistic > 0.9
    known = truth["margin_target"].notna()
    error = (scores["margin_score"] - truth["margin_target"])[known]
    assert error.std() < 2.5  # points; strength has an SD of 4.5
    assert (scores[["rank_score_sd", "margin_score_sd"]].to_numpy() > 0).all()


@each_model
def test_another_seed_gives_another_model_and_sizes_are_saved(make: Any, tmp_path: Path) -> None:
    data = described(SEASONS)
    ranker, other = make().fit(data, 42), make().fit(data, 43)
    scores = [one.predict(data.inputs)["rank_score"] for one in (ranker, other)]
    assert not np.allclose(*scores)
    ranker.save(tmp_path)
    assert type(ranker).load(tmp_path).sizes == ranker.sizes


@each_model
def test_threads_change_nothing(make: Any, tmp_path: Path) -> None:
    for threads in (1, 3):
        make(threads=threads).fit(described(SEASONS), 42).save(tmp_path / str(threads))
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_the_sd_of_the_forest_is_that_of_a_tree() -> None:
    data = described(SEASONS, noise=8.0)

    def sd(trees: int) -> float:
        forest = ForestRanker(FOREST.model_copy(update={"n_estimators": trees}))
        return float(forest.fit(data, 1).predict(data.inputs)["rank_score_sd"].mean())

    assert sd(8) == pytest.approx(sd(320), rel=0.15)  # one tree in a group, and forty


@each_model
def test_missing_features_are_allowed(make: Any) -> None:
    data = described(SEASONS)
    data.inputs.teams.loc[::3, "form"] = np.nan
    scores = make().fit(data, 42).predict(data.inputs)
    assert spearmanr(scores["rank_score"], data.targets["rank_target"]).statistic > 0.5


def test_early_stopping_finds_that_noise_does_not_need_many_trees() -> None:
    data = described(SEASONS, noise=60.0)
    stopping = XGB.model_copy(update={"n_estimators": 200, "early_stopping_rounds": 10})
    ranker = XgbRanker(stopping).fit(data, 42)
    assert ranker.sizes["rank"] < 60
    assert ranker.members["rank"][0].num_boosted_rounds() == ranker.sizes["rank"]
    stopping = FOREST.model_copy(update={"early_stopping_rounds": 2})
    forest = ForestRanker(stopping).fit(data, 42)
    assert forest.sizes["rank"] < FOREST.max_depth
    clear = ForestRanker(stopping).fit(described(SEASONS, noise=0.1), 42)
    assert clear.sizes["rank"] > forest.sizes["rank"]


def test_held_out_rows_are_whole_newest_seasons() -> None:
    seasons = np.array(["2012-13", "2014-15", "2013-14", "2014-15"])
    rows = TaskRows(np.zeros((4, 1)), np.zeros(4), np.ones(4), seasons)
    assert rows.before_newest(1).tolist() == [True, False, True, False]
    assert rows.before_newest(2).tolist() == [True, False, False, False]
    assert rows.before_newest(3).all()  # otherwise no row would be left


def test_the_search_stops_after_patience_and_returns_the_best() -> None:
    tried: list[int] = []

    def error(size: int) -> float:
        tried.append(size)
        return {1: 5.0, 2: 3.0, 3: 4.0, 4: 3.5, 5: 0.0}[size]

    assert best_size(error, 5, 2) == 2
    assert tried == [1, 2, 3, 4]


def test_the_sd_of_xgboost_grows_when_seasons_disagree() -> None:
    def sd(flip: bool) -> float:
        data = described(["2011-12", "2012-13", "2013-14", "2014-15"])
        if flip:
            odd = data.targets["season"].isin(["2011-12", "2013-14"])
            data.targets.loc[odd, "rank_target"] = 29 - data.targets.loc[odd, "rank_target"]
        ranker = XgbRanker(XGB.model_copy(update={"bags": 6}))
        return float(ranker.fit(data, 1).predict(data.inputs)["rank_score_sd"].mean())

    assert sd(flip=True) > 2 * sd(flip=False)


@each_model
def test_directions_are_kept(make: Any) -> None:
    data = described(SEASONS, noise=8.0)
    row = data.inputs.teams.iloc[[0]]
    steps = pd.concat([row.assign(team_id=k, form=form) for k, form in enumerate(np.arange(-9, 9))])

    def changes(directions: dict[str, int]) -> np.ndarray:
        scores = make(directions=directions).fit(data, 42).predict(RankerInputs(steps))
        return np.diff(scores["rank_score"])

    assert changes({}).min() < -0.05  # without a direction it follows the noise
    assert changes({"form": 1}).min() >= -1e-6
    assert changes({"form": -1}).max() <= 1e-6
    with pytest.raises(RankerError, match="from, which is not a feature"):
        changes({"from": 1})


def test_a_target_without_values_is_named() -> None:
    data = described(SEASONS)
    data.targets["margin_target"] = np.nan
    with pytest.raises(RankerError, match="margin_target"):
        XgbRanker(XGB).fit(data, 1)
