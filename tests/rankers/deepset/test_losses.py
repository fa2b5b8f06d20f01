"""Losses against numbers worked out by hand, a brute-force likelihood, and their invariances."""

import itertools
import math
from collections.abc import Callable

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from torch import Tensor

from nbarank.rankers.deepset.losses.listmle import listmle
from nbarank.rankers.deepset.losses.margins import margin, pairwise
from nbarank.rankers.deepset.losses.soft_ranks import (
    rank_rmse,
    soft_ranks,
    soft_spearman,
    true_ranks,
)

ListLoss = Callable[[Tensor, Tensor, Tensor], Tensor]
LIST_LOSSES: list[ListLoss] = [listmle, soft_spearman, rank_rmse]
LOG2, LOG3 = math.log(2), math.log(3)
STRENGTHS = st.lists(st.floats(-5, 5, width=32), min_size=2, max_size=9)


def one(values: list[float], padded: int = 0) -> tuple[Tensor, Tensor]:
    """Return one list, with places behind it that hold rubbish, and its mask."""
    row = torch.tensor([[*values, *[123.0] * padded]])
    return row, torch.arange(row.shape[1])[None] < len(values)


def value(loss: ListLoss, scores: list[float], targets: list[float], padded: int = 0) -> float:
    row, mask = one(scores, padded)
    return float(loss(row, one(targets, padded)[0], mask)[0])


@pytest.mark.parametrize("padded", [0, 3])
@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        # the odds of the three are 1 : 2 : 3
        ([0.0, 1.0, 2.0], math.log(6 / 3 * 3 / 2 * 1)),
        ([2.0, 1.0, 0.0], math.log(6 / 1 * 5 / 2 * 1)),
        ([1.0, 1.0, 0.0], math.log(6 / 1 * 6 / 2 * 1)),  # tied: both stand before all three
        ([7.0, 7.0, 7.0], math.log(6**3 / (1 * 2 * 3))),
    ],
)
def test_listmle_by_hand(targets: list[float], expected: float, padded: int) -> None:
    assert value(listmle, [0.0, LOG2, LOG3], targets, padded) == pytest.approx(expected, rel=1e-6)


def test_listmle_of_fifteen_equal_scores_is_the_signature_of_collapse() -> None:
    flat = value(listmle, [0.3] * 15, [float(n) for n in range(15)])
    assert flat == pytest.approx(27.8993, abs=1e-4)
    assert flat == pytest.approx(math.log(math.factorial(15)), rel=1e-6)


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.lists(st.floats(-3, 3, width=32), min_size=2, max_size=5))
def test_listmle_is_the_plackett_luce_likelihood(scores: list[float]) -> None:
    odds = [math.exp(score) for score in scores]
    total = 0.0
    for order in itertools.permutations(range(len(scores))):
        likelihood = 1.0
        for place, team in enumerate(order):
            likelihood *= odds[team] / sum(odds[other] for other in order[place:])
        targets = [0.0] * len(scores)
        for place, team in enumerate(order):
            targets[team] = float(len(scores) - place)
        found = math.exp(-value(listmle, scores, targets))
        assert found == pytest.approx(likelihood, rel=1e-4)
        total += found
    assert total == pytest.approx(1.0, rel=1e-4)


def test_listmle_is_never_negative_and_finite_with_runaway_scores() -> None:
    scores = torch.tensor([[1e6, 0.0, -1e6], [-1e6, 0.0, 1e6]], requires_grad=True)
    targets = torch.tensor([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]])
    loss = listmle(scores, targets, torch.ones(2, 3, dtype=torch.bool))
    loss.sum().backward()
    assert loss.tolist() == pytest.approx([0.0, 3e6])
    assert torch.isfinite(scores.grad).all()


@pytest.mark.parametrize("padded", [0, 2])
def test_soft_ranks_by_hand(padded: int) -> None:
    # sigmoid(-log 3) = 1/4, sigmoid(-log 9) = 1/10
    row, mask = one([LOG3, 0.0, -LOG3], padded)
    expected = [1.35, 2.0, 2.65] + [0.0] * padded
    assert soft_ranks(row, mask, 1.0)[0].tolist() == pytest.approx(expected)
    assert soft_ranks(row, mask, 1e-3)[0].tolist() == pytest.approx([1, 2, 3] + [0] * padded)


def test_true_ranks_average_ties() -> None:
    row, mask = one([5.0, 7.0, 7.0, 1.0], 1)
    assert true_ranks(row, mask)[0].tolist() == [3.0, 1.5, 1.5, 4.0, 0.0]


@pytest.mark.parametrize("padded", [0, 2])
@pytest.mark.parametrize(
    ("loss", "targets", "expected"),
    [
        (soft_spearman, [2.0, 1.0, 0.0], 0.0),
        # soft ranks less 2: -.65 0 .65; true: -1 1 0; correlation .65 / (.9192 * 1.4142) = .5
        (soft_spearman, [2.0, 0.0, 1.0], 0.5),
        (soft_spearman, [0.0, 1.0, 2.0], 2.0),
        (rank_rmse, [2.0, 1.0, 0.0], math.sqrt(2 * 0.35**2 / 3)),
        (rank_rmse, [0.0, 1.0, 2.0], math.sqrt(2 * 1.65**2 / 3)),
    ],
)
def test_rank_surrogates_by_hand(
    loss: ListLoss, targets: list[float], expected: float, padded: int
) -> None:
    found = value(loss, [LOG3, 0.0, -LOG3], targets, padded)
    assert found == pytest.approx(expected, abs=2e-5)


def test_rank_surrogates_of_equal_scores() -> None:
    targets = [float(n) for n in range(7)]
    assert value(soft_spearman, [0.0] * 7, targets) == pytest.approx(1.0)
    assert value(rank_rmse, [0.0] * 7, targets) == pytest.approx(math.sqrt((49 - 1) / 12))


def test_pairwise_by_hand() -> None:
    # probability of the score difference log 3: 3/4; of the margins: 1/2 and 3/4
    difference = torch.tensor([LOG3, LOG3, 0.0])
    loss = pairwise(difference, torch.tensor([0.0, 7 * LOG3, 40.0]))
    three_quarters = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    half = -0.5 * math.log(0.75) - 0.5 * math.log(0.25)
    assert loss.tolist() == pytest.approx([half, three_quarters, LOG2])


@pytest.mark.parametrize("padded", [0, 2])
def test_margin_by_hand(padded: int) -> None:
    predicted, mask = one([1.0, 0.0, 9.0], padded)
    margins, games = one([0.0, 2.0, math.nan], padded)[0], one([1.0, 3.0, 0.0], padded)[0]
    found = float(margin(predicted, margins, games, mask)[0])
    assert found == pytest.approx((1 * 0.5 * 1 + 3 * 0.5 * 4) / 4)
    far = margin(torch.tensor([[5.0]]), torch.zeros(1, 1), torch.ones(1, 1), torch.ones(1, 1) > 0)
    assert float(far[0]) == pytest.approx(3 * (5 - 1.5))  # linear beyond the bound


def test_margin_without_games_gives_no_loss_and_no_gradient() -> None:
    predicted = torch.ones(1, 2, requires_grad=True)
    nothing = torch.full((1, 2), math.nan)
    loss = margin(predicted, nothing, torch.zeros(1, 2), torch.ones(1, 2, dtype=torch.bool))
    loss.sum().backward()
    assert float(loss.detach()[0]) == 0.0
    assert predicted.grad.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("loss", LIST_LOSSES)
@settings(max_examples=30, derandomize=True, deadline=None)
@given(scores=STRENGTHS, shift=st.floats(-20, 20), padded=st.integers(0, 5), data=st.data())
def test_shift_padding_and_order_of_teams_change_nothing(
    loss: ListLoss, scores: list[float], shift: float, padded: int, data: st.DataObject
) -> None:
    levels = st.lists(st.integers(0, 4), min_size=len(scores), max_size=len(scores))
    targets = [float(level) for level in data.draw(levels)]  # ties are frequent
    order = data.draw(st.permutations(range(len(scores))))
    expected = value(loss, scores, targets)
    assert expected >= 0.0
    same = {"rel": 1e-3, "abs": 1e-3}
    shifted = [score + shift for score in scores]
    assert value(loss, shifted, targets, padded) == pytest.approx(expected, **same)
    turned = value(loss, [scores[n] for n in order], [targets[n] for n in order])
    assert turned == pytest.approx(expected, **same)


@pytest.mark.parametrize("loss", LIST_LOSSES)
def test_gradients_are_finite_and_padding_gets_none(loss: ListLoss) -> None:
    scores = torch.zeros(3, 4, requires_grad=True)
    mask = torch.tensor([[True] * 4, [True, True, False, False], [False] * 4])
    targets = torch.tensor([[1.0, 2.0, 3.0, 4.0]] * 3)
    loss(scores, targets, mask).sum().backward()
    assert torch.isfinite(scores.grad).all()
    assert (scores.grad[~mask] == 0).all()
    assert (scores.grad[0] != 0).any()
    # a step against the gradient favours the better team
    assert scores.grad[0, 3] < scores.grad[0, 0]
