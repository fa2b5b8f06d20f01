"""Trees: they learn, repeat themselves, survive saving, and stop early on whole seasons."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nbarank.rankers.trees.ranker import ForestRanker, XgbRanker, _first_not_bettered, _kept_rows
from scipy.stats import spearmanr

from nbarank.core.errors import RankerError
from nbarank.rankers.training.contract import RankerInputs, TrainingData
from nbarank.rankers.trees.params import ForestParams, XgbParams
from nbarank.rankers.trees.skops_file import read_skops

XGB = XgbParams(
    max_depth=3,
    learning_rate=0.1,
    n_estimators=40,
    subsample=0.8,
    colsample_bytree=0.7,
    min_child_weight=1.0,
    reg_lambda=1.0,
    reg_alpha=0.0,
    increasing=(),
    decreasing=(),
    bags=3,
    early_stopping_rounds=0,
    early_stopping_seasons=1,
)
FOREST = ForestParams(
    n_estimators=30,
    min_samples_leaf=5,
    max_depth=8,
    max_features=0.5,
    increasing=(),
    decreasing=(),
    early_stopping_rounds=0,
    early_stopping_seasons=1,
)
SEASONS = ["2012-13", "2013-14", "2014-15"]


def described(seasons: list[str], seed: int = 0, noise: float = 1.0) -> TrainingData:
    """Teams whose feature `form` is their strength plus noise; `dull` says nothing."""
    random = np.random.default_rng(seed)
    frames = []
    for season in seasons:
        days = pd.date_range(f"{season[:4]}-11-01", periods=6, freq="14D")
        key = pd.MultiIndex.from_product([[season], days, range(1, 31)]).to_frame(index=False)
        key.columns = ["season", "as_of", "team_id"]
        strength = np.tile(random.normal(0, 4.5, 30), len(days))
        key["strength"] = strength
        key["form"] = strength + random.normal(0, noise, len(key))
        key["dull"] = random.normal(size=len(key))
        frames.append(key)
    rows = pd.concat(frames, ignore_index=True)
    rank = rows.groupby(["season", "as_of"])["strength"].rank(ascending=False)
    last = rows["as_of"] == rows.groupby("season")["as_of"].transform("max")
    targets = rows[["season", "as_of", "team_id"]].assign(
        conference=np.where(rows["team_id"] <= 15, "East", "West"),
        rank_target=30 - rank,
        margin_target=rows["strength"].mask(last),
        margin_games=np.where(last, 0.0, 20.0),
    )
    return TrainingData(RankerInputs(rows.drop(columns="strength")), targets)


def both() -> list:
    return [XgbRanker(XGB), ForestRanker(FOREST)]


@pytest.mark.parametrize("ranker", both(), ids=["xgb", "rf"])
def test_scores_rank_unseen_teams_and_margins_are_in_points(ranker) -> None:
    ranker.fit(described(SEASONS), 42)
    unseen = described(["2015-16"], seed=9)
    scores = ranker.predict(unseen.inputs)
    truth = unseen.targets
    assert spearmanr(scores["rank_score"], truth["rank_target"]).statistic > 0.9
    known = truth["margin_target"].notna()
    error = (scores["margin_score"] - truth["margin_target"])[known]
    assert error.std() < 2.5  # points; the teams' own spread is 4.5
    assert (scores[["rank_score_sd", "margin_score_sd"]].to_numpy() > 0).all()


@pytest.mark.parametrize("ranker", both(), ids=["xgb", "rf"])
def test_nothing_depends_on_the_order_of_rows_or_columns(ranker) -> None:
    data = described(SEASONS)
    first = ranker.fit(data, 42).predict(data.inputs)
    shuffled = data.inputs.teams.sample(frac=1.0, random_state=1)
    shuffled = shuffled[shuffled.columns[::-1]]
    again = TrainingData(RankerInputs(shuffled), data.targets.sample(frac=1.0, random_state=2))
    second = ranker.fit(again, 42).predict(RankerInputs(shuffled))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    other_seed = ranker.fit(data, 43).predict(data.inputs)
    assert not np.allclose(other_seed["rank_score"], first["rank_score"])


@pytest.mark.parametrize("ranker", both(), ids=["xgb", "rf"])
def test_saved_models_are_the_same_bytes_and_give_the_same_scores(ranker, tmp_path: Path) -> None:
    data = described(SEASONS)
    scores = ranker.fit(data, 42).predict(data.inputs)
    ranker.save(tmp_path / "one")
    loaded = type(ranker).load(tmp_path / "one")
    pd.testing.assert_frame_equal(loaded.predict(data.inputs), scores, check_exact=True)
    assert loaded.sizes == ranker.sizes
    ranker.fit(data, 42).save(tmp_path / "two")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(files) > 2
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_forest_is_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]);"
        "from test_trees import *;"
        "ForestRanker(FOREST).fit(described(SEASONS), 42).save(Path(sys.argv[1]))"
    )
    here = str(Path(__file__).parent)
    for name in ("one", "two"):
        subprocess.run([sys.executable, "-c", code, str(tmp_path / name), here], check=True)
    for task in ("rank.skops", "margin.skops"):
        assert (tmp_path / "one" / task).read_bytes() == (tmp_path / "two" / task).read_bytes()


@pytest.mark.parametrize("ranker", both(), ids=["xgb", "rf"])
def test_missing_features_are_allowed(ranker) -> None:
    data = described(SEASONS)
    data.inputs.teams.loc[::3, "form"] = np.nan
    scores = ranker.fit(data, 42).predict(data.inputs)
    assert spearmanr(scores["rank_score"], data.targets["rank_target"]).statistic > 0.5


def test_early_stopping_finds_that_noise_is_not_worth_many_trees() -> None:
    data = described(SEASONS, noise=60.0)
    stopping = XGB.model_copy(update={"n_estimators": 200, "early_stopping_rounds": 10})
    ranker = XgbRanker(stopping)
    ranker.fit(data, 42)
    assert ranker.sizes["rank"] < 60
    assert ranker.members["rank"][0].num_boosted_rounds() == ranker.sizes["rank"]
    forest = ForestRanker(FOREST.model_copy(update={"early_stopping_rounds": 2})).fit(data, 42)
    assert forest.sizes["rank"] < FOREST.max_depth
    clear = ForestRanker(FOREST.model_copy(update={"early_stopping_rounds": 2}))
    assert clear.fit(described(SEASONS, noise=0.1), 42).sizes["rank"] > forest.sizes["rank"]


def test_held_out_rows_are_whole_newest_seasons() -> None:
    seasons = np.array(["2012-13", "2014-15", "2013-14", "2014-15"])
    assert _kept_rows(seasons, 1).tolist() == [True, False, True, False]
    assert _kept_rows(seasons, 2).tolist() == [True, False, False, False]
    assert _kept_rows(seasons, 3).all()  # nothing would be left to learn from


def test_the_search_stops_after_patience_and_returns_the_best() -> None:
    tried: list[int] = []

    def error(size: int) -> float:
        tried.append(size)
        return {1: 5.0, 2: 3.0, 3: 4.0, 4: 3.5, 5: 0.0}[size]

    assert _first_not_bettered(error, 5, 2) == 2
    assert tried == [1, 2, 3, 4]


def test_the_spread_of_xgboost_grows_when_seasons_disagree() -> None:
    def spread(flip: bool) -> float:
        data = described(["2011-12", "2012-13", "2013-14", "2014-15"])
        if flip:
            odd = data.targets["season"].isin(["2011-12", "2013-14"])
            data.targets.loc[odd, "rank_target"] = 29 - data.targets.loc[odd, "rank_target"]
        ranker = XgbRanker(XGB.model_copy(update={"bags": 6}))
        return float(ranker.fit(data, 1).predict(data.inputs)["rank_score_sd"].mean())

    assert spread(flip=True) > 2 * spread(flip=False)


@pytest.mark.parametrize("ranker", both(), ids=["xgb", "rf"])
def test_directions_are_kept(ranker) -> None:
    data = described(SEASONS, noise=8.0)
    row = data.inputs.teams.iloc[[0]]
    steps = pd.concat([row.assign(team_id=k, form=form) for k, form in enumerate(np.arange(-9, 9))])

    def lowest_step(**directions: tuple[str, ...]) -> float:
        settings = ranker.params.model_copy(update=directions)
        scores = type(ranker)(settings).fit(data, 42).predict(RankerInputs(steps))
        return float(np.diff(scores["rank_score"]).min())

    assert lowest_step() < -0.05  # left alone, it follows the noise
    assert lowest_step(increasing=("form",)) >= -1e-6
    with pytest.raises(RankerError, match="from, which is no feature"):
        lowest_step(increasing=("from",))
    with pytest.raises(RankerError, match="form, which has two"):
        lowest_step(increasing=("form",), decreasing=("form",))


def test_refusals_name_what_is_wrong(tmp_path: Path) -> None:
    data = described(SEASONS)
    data.targets["margin_target"] = np.nan
    with pytest.raises(RankerError, match="margin_target"):
        XgbRanker(XGB).fit(data, 1)
    gappy = described(SEASONS)
    gappy.inputs.teams.loc[3, "dull"] = np.nan
    with pytest.raises(RankerError, match="missing"):
        ForestRanker(FOREST.model_copy(update={"increasing": ("form",)})).fit(gappy, 1)
    ranker = ForestRanker(FOREST).fit(described(SEASONS), 1)
    ranker.save(tmp_path)
    (tmp_path / "rank.skops").write_bytes(b"not a zip file")
    with pytest.raises(RankerError, match="cannot be read"):
        ForestRanker.load(tmp_path)
    with pytest.raises(RankerError, match="cannot be read"):
        read_skops(tmp_path / "nowhere.skops")
