"""Attention: sets in, one weight per player out, always finite."""

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from nbarank.rankers.deepset.attention import (
    PlayerAttention,
    SpectralNormalised,
    share_of_minutes,
    with_fallback,
)
from nbarank.rankers.deepset.network import DeepSetNetwork
from nbarank.rankers.deepset.roster_arrays import RosterArrays, bucket_of
from nbarank.rankers.deepset.rosters import Rosters
from nbarank.rankers.deepset.scoring import network_scores

from .sections import model

TEAMS, PLAYERS, STATS, TEAM_STATS = 5, 7, 6, 3
POOLINGS = [
    {},
    {"query": "learned"},
    {"sigma_reparam": True},
    {"pooling": "mean"},
    {"embedding_buckets": 16},
]


def rosters(seed: int = 0, teams: int = TEAMS, players: int = PLAYERS) -> Rosters:
    chance = torch.Generator().manual_seed(seed)
    mask = torch.ones(teams, players, dtype=torch.bool)
    mask[1, 4:] = False
    return Rosters(
        torch.randn(teams, players, STATS, generator=chance),
        torch.rand(teams, players, generator=chance) * 36,
        torch.randint(0, 16, (teams, players), generator=chance),
        mask,
        torch.randn(teams, TEAM_STATS, generator=chance),
    )


def network(seed: int = 0, **changes: Any) -> DeepSetNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return DeepSetNetwork(model(**changes), STATS, TEAM_STATS).eval()


@pytest.mark.parametrize("options", POOLINGS)
@pytest.mark.parametrize("damaged", [False, True])
def test_scores_without_torch_are_those_of_the_network(
    options: dict[str, Any], damaged: bool
) -> None:
    net = network(**options).double()
    batch = rosters().to(torch.device("cpu"), torch.float64)
    batch.minutes[2] = 0.0
    if damaged:
        batch.stats[0, 1, 2], batch.stats[3] = torch.nan, torch.inf
        batch.mask[4] = False
    arrays = RosterArrays(*(values.numpy() for values in batch))
    weights = {name: values.numpy() for name, values in net.state_dict().items()}
    expected = net(batch).scores.detach().numpy()
    np.testing.assert_allclose(
        network_scores(weights, model(**options), arrays)[0], expected, rtol=0, atol=1e-13
    )


@pytest.mark.parametrize("options", POOLINGS)
@settings(max_examples=10, derandomize=True, deadline=None)
@given(order=st.permutations(range(PLAYERS)), teams=st.permutations(range(TEAMS)))
def test_order_does_not_matter(options: dict[str, Any], order: list[int], teams: list[int]) -> None:
    net, batch = network(**options), rosters()
    turned = Rosters(*(tensor[:, order] for tensor in batch[:4]), batch.team)
    expected = net(batch)
    found = net(turned)
    torch.testing.assert_close(found.scores, expected.scores, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(
        found.attention.weights, expected.attention.weights[:, order], rtol=1e-4, atol=1e-5
    )
    some = net(batch.rows(torch.tensor(teams)))
    torch.testing.assert_close(some.scores, expected.scores[teams], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", POOLINGS)
@pytest.mark.parametrize("invalid", [7.0, float("nan"), float("inf")])
def test_unused_slots_change_nothing(options: dict[str, Any], invalid: float) -> None:
    net, batch = network(**options), rosters()
    wide = Rosters(
        torch.cat([batch.stats, torch.full((TEAMS, 3, STATS), invalid)], dim=1),
        torch.cat([batch.minutes, torch.full((TEAMS, 3), invalid)], dim=1),
        torch.cat([batch.buckets, torch.ones(TEAMS, 3, dtype=torch.long)], dim=1),
        torch.cat([batch.mask, torch.zeros(TEAMS, 3, dtype=torch.bool)], dim=1),
        batch.team,
    )
    torch.testing.assert_close(net(wide).scores, net(batch).scores, rtol=1e-4, atol=1e-5)
    assert (net(wide).attention.weights[:, PLAYERS:] == 0).all()


@pytest.mark.parametrize("options", POOLINGS)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("invalid", [float("nan"), float("inf")])
def test_scores_are_always_finite(options: dict[str, Any], training: bool, invalid: float) -> None:
    net, batch = network(**options).train(training), rosters()
    stats, minutes, mask = batch.stats.clone(), batch.minutes.clone(), batch.mask.clone()
    stats[0, 2, 1] = invalid  # one statistic of one player
    stats[2] = invalid  # a whole team
    minutes[3] = invalid
    mask[4] = False  # no players
    team = batch.team.clone()
    team[0, 0] = invalid
    net.zero_grad()
    output = net(batch._replace(stats=stats, minutes=minutes, mask=mask, team=team))
    output.scores.sum().backward()
    assert torch.isfinite(output.scores).all()
    assert torch.isfinite(output.attention.weights).all()
    sums = output.attention.weights.sum(dim=1)
    torch.testing.assert_close(sums, torch.tensor([1.0, 1.0, 1.0, 1.0, 0.0]))
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)
    if options.get("pooling") != "mean":
        assert output.attention.fallback.tolist() == [True, False, True, False, False]


def test_an_invalid_player_gets_no_weight() -> None:
    batch = rosters()
    stats = batch.stats.clone()
    stats[0, 2, 1] = float("nan")
    weights = network()(batch._replace(stats=stats)).attention.weights[0]
    assert weights[2] == 0.0
    others = batch.minutes[0].clone()
    others[2] = 0.0
    torch.testing.assert_close(weights, others / others.sum())


LOGITS = {
    "nan": torch.full((2, 3, 4), float("nan")),
    "minus infinity": torch.full((2, 3, 4), -torch.inf),
    "plus infinity": torch.full((2, 3, 4), torch.inf),
    "one nan": torch.zeros(2, 3, 4).index_put(
        (torch.tensor([0, 1]), torch.tensor([1, 1]), torch.tensor([2, 0])), torch.tensor(torch.nan)
    ),
}


@pytest.mark.parametrize("name", LOGITS)
def test_fallback_weights_are_minutes_and_the_gradient_flows(name: str) -> None:
    mask = torch.tensor([[True, True, True, False], [True, True, False, False]])
    minutes = torch.tensor([[30.0, 10.0, 0.0, 99.0], [0.0, 0.0, 0.0, 0.0]])
    shares, meaningful = share_of_minutes(minutes, mask, 1e-6)
    assert meaningful.tolist() == [True, False]
    source = torch.zeros(2, 3, 4, requires_grad=True)
    logits = LOGITS[name] + source
    whole = torch.zeros(2, dtype=torch.bool)
    weights, _, fallback = with_fallback(logits, mask, shares, whole, 1e-6)
    assert fallback.tolist() == [True, True]
    expected = torch.tensor([[0.75, 0.25, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]])
    torch.testing.assert_close(weights, expected[:, None].expand(2, 3, 4))
    values = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    (weights * values).sum().backward()
    assert torch.isfinite(source.grad).all()
    assert (values.grad != 0).any()
    if name == "one nan":
        assert (source.grad[:, 0].abs().sum(dim=1) > 0).all()


def test_attention_below_the_collapse_threshold_falls_back() -> None:
    mask = torch.ones(1, 4, dtype=torch.bool)
    shares = torch.full((1, 4), 0.25)
    logits = torch.tensor([[[9.0, 0.0, 0.0, 0.0]]], requires_grad=True)
    whole = torch.zeros(1, dtype=torch.bool)
    healthy, _, fallback = with_fallback(logits, mask, shares, whole, 1e-6)
    assert not fallback.any()
    assert healthy[0, 0, 0] > 0.99
    held, _, fallback = with_fallback(logits, mask, shares, whole, 1.5)  # attention adds to 1
    assert fallback.all()
    torch.testing.assert_close(held, torch.full((1, 1, 4), 0.25))
    (held * torch.arange(4.0)).sum().backward()
    assert (logits.grad != 0).all()


def test_minutes_bias_blends_only_where_minutes_mean_something() -> None:
    players = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(1))
    minutes = torch.tensor([[30.0, 10.0, 0.0], [0.0, 0.0, 0.0]])
    mask, whole = torch.ones(2, 3, dtype=torch.bool), torch.zeros(2, dtype=torch.bool)
    options = {"hidden_width": 8, "attention_heads": 2}
    torch.manual_seed(0)
    biased = PlayerAttention(model(**options, minutes_bias_weight=0.3))
    plain = PlayerAttention(model(**options, minutes_bias_weight=0.0))
    plain.load_state_dict(biased.state_dict())
    with_bias = biased(players, minutes, mask, whole).weights
    without = plain(players, minutes, mask, whole).weights
    expected = 0.7 * without[0] + 0.3 * torch.tensor([0.75, 0.25, 0.0])
    torch.testing.assert_close(with_bias[0], expected)
    torch.testing.assert_close(with_bias[1], without[1])


def test_sigma_reparam_bounds_the_largest_singular_value() -> None:
    torch.manual_seed(0)
    weight = torch.randn(8, 8) * 100
    normalised = SpectralNormalised(weight)
    for _ in range(50):
        matrix = normalised(weight)
    assert float(torch.linalg.matrix_norm(matrix, 2).detach()) == pytest.approx(1.0, rel=1e-2)
    held = normalised.eval().vector.clone()
    normalised(torch.randn(8, 8))
    torch.testing.assert_close(held, normalised.vector)  # only training moves the estimate


def test_buckets_are_stable_and_spread() -> None:
    buckets = bucket_of(np.arange(2544, 2544 + 4000), 64)
    assert buckets.min() >= 0
    assert buckets.max() < 64
    counts = np.bincount(buckets, minlength=64)
    assert counts.min() > 30
    some = [2544, 201939, 1629029]
    by_hand = [player * 2654435761 % 2**32 * 64 // 2**32 for player in some]
    assert bucket_of(np.array(some), 64).tolist() == by_hand == [17, 10, 18]
