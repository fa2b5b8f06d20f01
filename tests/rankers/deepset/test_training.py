"""Training learns, is repeatable, and names the reason when it does not learn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nbarank.rankers.deepset.fold_tensors import fold_tensors
from nbarank.rankers.deepset.health import relative_entropy, verdicts
from nbarank.rankers.deepset.lists import held_out_lists, lists_of, recent_lists
from nbarank.rankers.deepset.optimiser import AdamW
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.deepset.training_loop import train
from nbarank.rankers.training.contract import RankerInputs, TrainingData

from ..synthetic_league import N_TEAMS, synthetic_league
from .sections import both

CPU = torch.device("cpu")
NONE: dict[str, float] = {}
NO_MINUTES = {"minutes": 0.0}
EQUAL = {"stats": 0.5, "minutes": 10.0}
LOSSES = ["listmle", "soft_spearman", "rank_rmse", "pairwise", "margin"]


def fit(data: TrainingData | None = None, **changes: Any) -> DeepSetRanker:
    data = synthetic_league(noise=1.0)[0] if data is None else data
    return DeepSetRanker(*both(**changes), final=True).fit(data, 5)


def spearman_on_unseen(ranker: DeepSetRanker, column: str = "rank_score") -> float:
    data, truth = synthetic_league(seasons=("2014-15",), seed=99, noise=1.0)
    scores = ranker.predict(data.inputs).merge(truth)
    return float(
        np.mean([own[column].corr(own["truth"], "spearman") for _, own in scores.groupby("as_of")])
    )


@pytest.mark.parametrize("lists", ["league", "conference"])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_learns_to_rank_teams_never_seen(loss: str, lists: str) -> None:
    ranker = fit(loss=loss, lists=lists, epochs=12)
    epochs = ranker.history
    assert epochs["relative_loss"].iloc[-1] < 0.97
    assert epochs["spearman"].iloc[-1] > 0.6
    assert ranker.verdict == ["healthy"], ranker.verdict
    assert spearman_on_unseen(ranker) > 0.6


def test_players_carry_the_signal_without_any_team_input() -> None:
    ranker = fit(team_features=[], epochs=15)
    assert spearman_on_unseen(ranker) > 0.6


def test_epoch_rows_have_loss_and_attention() -> None:
    history = fit(epochs=3).history
    assert list(history["epoch"]) == [1, 2, 3]
    flat = sum(np.log(np.arange(1, N_TEAMS + 1)))
    np.testing.assert_allclose(history["flat_loss"], flat, rtol=1e-5)
    np.testing.assert_allclose(history["relative_loss"], history["loss"] / flat, rtol=1e-5)
    np.testing.assert_allclose(history["attention_mean"], 1 / 8, rtol=1e-5)
    assert (history["gradient_attention"] > 0).all()
    assert np.isfinite(history.select_dtypes("number").to_numpy()).all()


def test_global_generators_neither_matter_nor_move() -> None:
    torch.manual_seed(1)
    first = fit(epochs=2).predict(synthetic_league()[0].inputs)
    before = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(before, torch.rand(1))
    torch.manual_seed(2)
    second = fit(epochs=2).predict(synthetic_league()[0].inputs)
    assert first.equals(second)


VARIANTS = [{}, {"sigma_reparam": True}, {"embedding_buckets": 64, "query": "learned"}]


@pytest.mark.parametrize("changes", VARIANTS)
def test_last_bits_change_nothing(changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def weights() -> dict[str, torch.Tensor]:
        ranker = fit(epochs=4, early_stopping_val_frac=0.0, **changes)
        return dict(ranker.networks[0].state_dict())

    exact, clip = weights(), torch.nn.utils.clip_grad_norm_
    noise = np.random.default_rng(3)

    def inexact(parameters: Any, *more: Any) -> torch.Tensor:
        parameters = list(parameters)
        for parameter in parameters:
            last_bits = 1e-14 * noise.normal(size=parameter.shape)
            parameter.grad *= 1.0 + torch.from_numpy(np.asarray(last_bits))
        return clip(parameters, *more)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", inexact)
    other = weights()
    assert all(torch.equal(exact[name], other[name]) for name in exact)


@pytest.mark.parametrize("changes", VARIANTS)
def test_saved_networks_score_as_before(changes: dict[str, Any], tmp_path: Path) -> None:
    ranker, inputs = fit(epochs=2, **changes), synthetic_league()[0].inputs
    ranker.save(tmp_path)
    before = torch.get_rng_state()
    loaded = DeepSetRanker.load(tmp_path)
    assert torch.equal(before, torch.get_rng_state())
    assert loaded.predict(inputs).equals(ranker.predict(inputs))


def test_early_stopping_refits_everything_with_the_best_number_of_epochs() -> None:
    ranker = fit(epochs=12, early_stopping_patience=2, learning_rate=0.03)
    probe = ranker.history[ranker.history["phase"] == "probe"]
    final = ranker.history[ranker.history["phase"] == "final"]
    assert len(final) == probe.loc[probe["spearman"].idxmax(), "epoch"]
    assert len(probe) <= min(12, len(final) + 2)


def test_held_out_are_the_newest_whole_seasons_or_dates() -> None:
    data, _ = synthetic_league()
    lists = lists_of(data.targets, ["season", "as_of", "conference"])
    watched = held_out_lists(lists, 0.2)
    assert set(lists.seasons[watched]) == {"2013-14"}
    assert "2013-14" not in set(lists.seasons[~watched])
    one = lists.pick(lists.seasons == "2011-12")
    watched = held_out_lists(one, 0.2)
    assert watched.sum() == 2  # two conferences on the last of five dates
    assert one.dates[watched].min() > one.dates[~watched].max()
    assert not held_out_lists(one, 0.0).any()


def test_lists_are_limited_to_recent_ones_spread_in_time() -> None:
    lists = lists_of(synthetic_league()[0].targets, ["season", "as_of"])
    assert recent_lists(lists, None, None).all()
    assert recent_lists(lists, 15, None).sum() == 2  # dates are 14 days apart
    chosen = recent_lists(lists, None, 4)
    assert np.flatnonzero(chosen).tolist() == [0, 5, 9, 14]


def test_margin_score_needs_its_weight() -> None:
    scores = fit(margin_weight=0.0, epochs=2).predict(synthetic_league()[0].inputs)
    assert (scores["margin_score"] == 0).all()
    assert scores["rank_score"].std() > 0


def test_members_are_averaged_and_have_an_sd() -> None:
    ranker = fit(members=3, mc_dropout_samples=0, epochs=3)
    scores = ranker.predict(synthetic_league()[0].inputs)
    assert len(ranker.networks) == 3
    assert (scores["rank_score_sd"] > 0).all()


def test_dropout_samples_move_scores_little_when_dropout_is_small() -> None:
    data = synthetic_league()[0].inputs
    small = fit(dropout=0.02, epochs=3).predict(data)["rank_score_sd"].mean()
    large = fit(dropout=0.4, epochs=3).predict(data)["rank_score_sd"].mean()
    assert 0 < small < large


def verdict_after(missing: str = "", filled: dict[str, float] = NONE, **changes: Any) -> list[str]:
    """Train on a fold with missing values or filled inputs after scaling; return the verdict."""
    data, _ = synthetic_league()
    ranker = DeepSetRanker(*both(**changes)).fit(data, 5)
    inputs = ranker.ordered(data.inputs)
    fold = fold_tensors(replace(data, inputs=inputs), ranker.tensors(inputs), ranker.training)
    for name, value in filled.items():
        getattr(fold.rosters, name).fill_(value)
    if missing == "statistic":
        fold.rosters.stats[:, 3, 1] = float("nan")
    elif missing == "target":
        fold.rank_target[3] = float("nan")
        fold.margin_target[:] = float("nan")
    run = train(ranker.model, ranker.training, fold, fold, CPU, 7, ranker.model.epochs)
    assert torch.isfinite(run.network(fold.rosters).scores).all()
    return list(run.verdict)


@pytest.mark.parametrize("filled", [NONE, NO_MINUTES], ids=["as it is", "no minutes"])
def test_a_sound_batch_is_healthy(filled: dict[str, float]) -> None:
    assert verdict_after(filled=filled) == ["healthy"]


@pytest.mark.parametrize(
    ("changes", "first", "more"),
    [
        ({"missing": "statistic"}, "", {"on fallback"}),
        ({"missing": "statistic", "filled": NO_MINUTES}, "", {"on fallback"}),
        ({"filled": EQUAL}, "", {"uniform"}),
        ({"filled": EQUAL | {"team": 0.0}}, "collapsed", {"uniform", "not learning"}),
        ({"missing": "target", "loss": "margin"}, "impossible loss", set()),
        ({"learning_rate": 1e-12, "margin_weight": 0.0}, "", {"not learning"}),
        ({"learning_rate": 9.0, "gradient_clip": 1e9}, "", {"not learning"}),
    ],
)
def test_verdicts_of_what_cannot_learn(changes: dict[str, Any], first: str, more: set[str]) -> None:
    found = verdict_after(**changes)
    assert more <= set(found)
    if first:
        assert found[0] == first, "most severe first"


def test_a_slow_start_that_improves_is_not_stopped() -> None:
    ranker = fit(epochs=12, learning_rate=4e-3, lists_per_batch=64, not_learning_patience=2)
    assert "not learning" not in ranker.verdict
    assert len(ranker.history) == 12


def test_training_that_fails_stops_with_a_reason_and_still_scores() -> None:
    data, _ = synthetic_league()
    flat = replace(
        data,
        inputs=RankerInputs(
            data.inputs.teams.assign(rating=0.0, pace=0.0),
            data.inputs.rosters.assign(impact=1.0, height=1.0, expected_minutes=10.0),
        ),
    )
    ranker = fit(flat, epochs=9, not_learning_patience=3)
    assert "not learning" in ranker.verdict
    assert "after epoch 3" in ranker.stopped
    assert len(ranker.history) == 3
    assert np.isfinite(ranker.predict(flat.inputs)["rank_score"]).all()


HEALTHY = {
    "loss": 10.0,
    "attention": 1.0,
    "attention_zero_share": 0.0,
    "attention_entropy": 0.9,
    "attention_spread": 0.4,
    "fallback_share": 0.0,
    "variance_z": 0.3,
    "variance_scores": 2.0,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ["healthy"]),
        ({"loss": -720.0}, ["impossible loss"]),
        ({"loss": float("nan")}, ["impossible loss"]),
        ({"fallback_share": 0.4}, ["on fallback"]),
        ({"variance_scores": 0.0}, ["collapsed"]),
        ({"variance_z": 0.0}, ["collapsed"]),
        ({"attention_zero_share": 0.9}, ["collapsed"]),
        ({"attention_entropy": 0.001}, ["collapsed"]),
        ({"attention_spread": 0.001}, ["uniform"]),
        ({"attention_spread": 0.001, "attention": 0.0}, ["healthy"]),
        ({"loss": -1.0, "variance_z": 0.0}, ["impossible loss", "collapsed"]),
    ],
)
def test_verdicts_by_name(change: dict[str, float], expected: list[str]) -> None:
    assert verdicts({**HEALTHY, **change}) == expected


def test_flat_epochs_are_not_learning_after_the_patience() -> None:
    assert verdicts(HEALTHY, flat_epochs=4, patience=5) == ["healthy"]
    assert verdicts(HEALTHY, flat_epochs=5, patience=5) == ["not learning"]


def test_relative_entropy_by_hand() -> None:
    weights = torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    mask = torch.ones(3, 4, dtype=torch.bool)
    assert relative_entropy(weights, mask).tolist() == pytest.approx([1.0, 0.5, 0.0])


@pytest.mark.parametrize("scaled", [False, True], ids=["plain", "mixed precision"])
def test_a_step_is_that_of_torch(scaled: bool) -> None:
    torch.manual_seed(3)
    own = torch.nn.Linear(4, 3, dtype=torch.float64)
    theirs = torch.nn.Linear(4, 3, dtype=torch.float64)
    theirs.load_state_dict(own.state_dict())
    settings = {"lr": 0.01, "weight_decay": 0.1}
    pairs: list[Any] = [
        (own, AdamW(own.parameters(), **settings)),
        (theirs, torch.optim.AdamW(theirs.parameters(), **settings)),
    ]
    for network, optimiser in pairs:
        scaler = torch.amp.GradScaler("cpu", enabled=scaled)
        for step in range(5):
            optimiser.param_groups[0]["lr"] = 0.01 / (step + 1)
            optimiser.zero_grad()
            loss = network(torch.arange(4.0, dtype=torch.float64)).square().sum()
            torch.autograd.backward(scaler.scale(loss))
            scaler.unscale_(optimiser)
            scaler.step(optimiser)
            scaler.update()
    assert torch.equal(own.weight, theirs.weight)
    assert torch.equal(own.bias, theirs.bias)
