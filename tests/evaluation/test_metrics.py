"""Measures of rankings: hand-computed values, scipy and scikit-learn as oracles, invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kendalltau, spearmanr
from sklearn.metrics import ndcg_score, roc_auc_score

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.rank_metrics import (
    METRICS,
    kendall,
    lower_is_better,
    ndcg,
    precision,
    rank_mae,
    rank_rmse,
    ranked_lists,
    reciprocal_rank,
    roc_auc,
    spearman,
)

BOUNDS = {"spearman": (-1, 1), "kendall": (-1, 1), "rank_mae": (0, 29), "rank_rmse": (0, 29)}
bounded = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def lists_of_scores(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Scores with many ties [3, teams], and a true order of the teams."""
    teams = draw(st.integers(2, 30))
    scores = draw(arrays(np.int64, (3, teams), elements=st.integers(-4, 4)))
    orders = [draw(st.permutations(range(1, teams + 1))) for _ in range(3)]
    return scores.astype(float), np.array(orders, dtype=float)


def one(scores: list[float], truth: list[float]):
    return ranked_lists(np.array([scores], dtype=float), np.array([truth], dtype=float))


def test_hand_computed() -> None:
    # True order A B C D; predicted B A D C.
    lists = one([3, 4, 1, 2], [1, 2, 3, 4])
    assert spearman(lists) == pytest.approx([1 - 6 * 4 / (4 * 15)])  # 0.6
    assert kendall(lists) == pytest.approx([(4 - 2) / 6])
    assert rank_mae(lists) == pytest.approx([1.0])
    assert rank_rmse(lists) == pytest.approx([1.0])
    # Relevances 3 2 1 0; predicted order has 2 3 0 1.
    ideal = 3 / 1 + 2 / np.log2(3) + 1 / 2
    got = 2 / 1 + 3 / np.log2(3) + 0 + 1 / np.log2(5)
    assert ndcg(lists, 4) == pytest.approx([got / ideal])
    assert ndcg(lists, 1) == pytest.approx([2 / 3])
    assert ndcg(lists, 1, exponential=True) == pytest.approx([3 / 7])
    assert precision(lists, 2) == pytest.approx([1.0])
    assert precision(lists, 1) == pytest.approx([0.0])
    assert reciprocal_rank(lists, 1) == pytest.approx([1 / 2])
    assert reciprocal_rank(lists, 2) == pytest.approx([1.0])


def test_ties_are_shared_fairly() -> None:
    # A leads; B and C, true second and third, are tied for second place.
    lists = one([5, 1, 1, 0], [1, 2, 3, 4])
    assert precision(lists, 2) == pytest.approx([(1 + 0.5) / 2])
    assert rank_mae(lists) == pytest.approx([(0.5 + 0.5) / 4])
    tied_top = one([5, 5, 1, 0], [1, 2, 3, 4])
    assert reciprocal_rank(tied_top, 2) == pytest.approx([1 / 1.5])


@bounded
@given(lists_of_scores())
def test_oracles(data: tuple[np.ndarray, np.ndarray]) -> None:
    scores, truth = data
    lists = ranked_lists(scores, truth)
    teams = scores.shape[1]
    for row in range(3):
        relevance = (teams - truth[row])[None]
        for top in (4, 10, 30):
            want = ndcg_score(relevance, scores[[row]], k=top)
            assert ndcg(lists, top)[row] == pytest.approx(want)
            want = ndcg_score(2.0**relevance - 1, scores[[row]], k=top)
            assert ndcg(lists, top, exponential=True)[row] == pytest.approx(want)
        if len(set(scores[row])) > 1:
            want = spearmanr(scores[row], -truth[row]).statistic
            assert spearman(lists)[row] == pytest.approx(want)
            want = kendalltau(scores[row], -truth[row]).statistic
            assert kendall(lists)[row] == pytest.approx(want)
        positive = truth[row] <= teams // 2
        area = roc_auc(scores[[row]], positive[None], np.ones((1, teams), dtype=bool))[0]
        assert area == pytest.approx(roc_auc_score(positive, scores[row]))


@bounded
@given(lists_of_scores(), st.randoms(use_true_random=False))
def test_invariances_and_bounds(data, random) -> None:
    scores, truth = data
    teams = scores.shape[1]
    order = list(range(teams))
    random.shuffle(order)
    lists = ranked_lists(scores, truth)
    stretched = ranked_lists(np.exp(scores) * 3 + 7, truth)
    permuted = ranked_lists(scores[:, order], truth[:, order])
    wider = np.hstack([scores, np.full((3, 4), 9.0)]), np.hstack([truth, np.ones((3, 4))])
    mask = np.hstack([np.ones((3, teams), dtype=bool), np.zeros((3, 4), dtype=bool)])
    padded = ranked_lists(*wider, mask)
    for name, measure in METRICS.items():
        value = measure(lists)
        low, high = BOUNDS.get(name, (0, 1))
        assert np.isfinite(value).all()
        assert (value >= low - 1e-9).all() and (value <= high + 1e-9).all(), name
        for other in (stretched, permuted, padded):
            np.testing.assert_allclose(measure(other), value, atol=1e-12, err_msg=name)


@bounded
@given(lists_of_scores())
def test_the_true_order_is_best_and_reversal_mirrors(data) -> None:
    scores, truth = data
    perfect, lists = ranked_lists(-truth, truth), ranked_lists(scores, truth)
    for name, measure in METRICS.items():
        if lower_is_better(name):
            assert (measure(perfect) == 0).all()
        elif name.startswith("precision"):
            top = min(int(name[-1]), truth.shape[1])
            np.testing.assert_allclose(measure(perfect), top / int(name[-1]))
        else:
            np.testing.assert_allclose(measure(perfect), 1.0)
    turned = ranked_lists(-scores, truth)
    np.testing.assert_allclose(spearman(turned), -spearman(lists), atol=1e-12)
    np.testing.assert_allclose(kendall(turned), -kendall(lists), atol=1e-12)


def test_constant_scores_say_nothing_and_are_worth_a_random_order() -> None:
    truth = np.arange(1.0, 31.0)[None]
    lists = ranked_lists(np.zeros((1, 30)), truth)
    assert spearman(lists) == kendall(lists) == 0.0
    assert precision(lists, 4) == pytest.approx([4 / 30])
    random = np.random.default_rng(0)
    orders = np.array([random.permutation(30) for _ in range(20000)], dtype=float)
    shuffled = ranked_lists(orders, np.repeat(truth, len(orders), axis=0))
    assert ndcg(lists, 10)[0] == pytest.approx(ndcg(shuffled, 10).mean(), abs=2e-3)
    assert precision(shuffled, 4).mean() == pytest.approx(4 / 30, abs=2e-3)


def test_a_part_of_the_teams_is_ranked_anew() -> None:
    lists = one([9, 1, 8, 7], [4, 1, 2, 3])
    field = lists.among(np.array([[False, True, True, True]]))
    assert field.truth.tolist() == [[0, 1, 2, 3]]
    assert field.ranks.tolist() == [[0, 3, 1, 2]]
    assert spearman(field) == pytest.approx([-0.5])


def test_no_sleepers_no_area() -> None:
    everyone = np.ones((1, 3), dtype=bool)
    assert np.isnan(roc_auc(np.array([[1.0, 2.0, 3.0]]), ~everyone, everyone)).all()


@pytest.mark.parametrize(
    ("scores", "truth", "complaint"),
    [
        ([[1.0, np.nan]], [[1.0, 2.0]], "score is not a finite"),
        ([[1.0, 2.0]], [[1.0, np.inf]], "true rank is not a finite"),
        ([[1.0]], [[1.0]], "fewer than two"),
        ([[1.0, 2.0]], [[3.0, 3.0]], "all equal"),
        ([[1.0, 2.0]], [[1.0, 2.0, 3.0]], "differ in shape"),
    ],
)
def test_faults_are_named(scores, truth, complaint) -> None:
    with pytest.raises(EvaluationError, match=complaint):
        ranked_lists(np.array(scores), np.array(truth))
