"""The training loop: many lists a step, the same result from the same seed, and no silent failure.

A fold is trained once on its older seasons, to watch how it does on its newest (the probe: the
validation curve, and the number of epochs where early stopping is on), and then on everything.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from nbarank.core.seeds import generator
from nbarank.rankers.deepset.attention import share_of_minutes
from nbarank.rankers.deepset.batches import PaddedGames
from nbarank.rankers.deepset.diagnostics import Verdict, describe, is_flat, verdicts
from nbarank.rankers.deepset.fold import Fold
from nbarank.rankers.deepset.losses.listmle import listmle
from nbarank.rankers.deepset.losses.margin import margin
from nbarank.rankers.deepset.losses.pairwise import pairwise
from nbarank.rankers.deepset.losses.rank_rmse import rank_rmse
from nbarank.rankers.deepset.losses.soft_rank import true_ranks
from nbarank.rankers.deepset.losses.soft_spearman import soft_spearman
from nbarank.rankers.deepset.network import MARGIN, RANK, DeepSetNetwork
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams

LOG = logging.getLogger(__name__)
LIST_LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "listmle": listmle,
    "soft_spearman": soft_spearman,
    "rank_rmse": rank_rmse,
}
WATCHED_TEAMS = 600
"""Teams whose attention is described after each epoch: enough for stable means, cheap enough."""
WATCHED_LISTS = 64
"""Lists whose Spearman is measured after each epoch where nothing is held out."""


@dataclass
class Run:
    """One trained network and its epochs.

    Parameters
    ----------
    network
        The network after the last epoch that left it finite.
    epochs
        One row of numbers an epoch, see `train`.
    verdict
        Names of the last epoch, see `diagnostics.verdicts`.
    stopped
        Why training ended early; empty where it did not.
    """

    network: DeepSetNetwork
    epochs: list[dict[str, float]] = field(default_factory=list)
    verdict: list[Verdict] = field(default_factory=list)
    stopped: str = ""


def list_loss(
    scores: Tensor, fold: Fold, rows: Tensor, mask: Tensor, loss: str, games: PaddedGames | None
) -> Tensor:
    """Return the rank loss of each list.

    Parameters
    ----------
    scores
        [lists, places, 2], float32.
    rows, mask
        [lists, places]: the lists' rows, and where a team stands.
    loss
        `training.loss`.
    games
        For the pairwise loss: games as places in `scores` flattened to [lists * places].
    """
    if loss == "margin":
        return margin(scores[..., MARGIN], fold.margin_target[rows], fold.margin_games[rows], mask)
    if loss == "pairwise":
        assert games is not None
        flat = scores[..., RANK].reshape(-1)
        per_game = pairwise(flat[games.home] - flat[games.away], games.margin)
        total = torch.where(games.mask, per_game, 0.0).sum(dim=1)
        return total / games.mask.sum(dim=1).clamp_min(1)
    return LIST_LOSSES[loss](scores[..., RANK], fold.rank_target[rows], mask)


def _places(games: PaddedGames, rows: Tensor, mask: Tensor, teams: int) -> PaddedGames:
    """Turn rows of teams into places of flattened scores."""
    place = torch.zeros(teams, dtype=torch.long, device=rows.device)
    spots = torch.arange(rows.numel(), device=rows.device).view_as(rows)
    place[rows[mask]] = spots[mask]
    return PaddedGames(place[games.home], place[games.away], games.margin, games.mask)


def spearman(scores: Tensor, targets: Tensor, mask: Tensor) -> float:
    """Return the mean over lists of Spearman's correlation; 0 for a list of equal scores."""
    own, true = (true_ranks(values.double(), mask) for values in (scores, targets))
    count = mask.sum(dim=1, keepdim=True).clamp_min(1)
    own = torch.where(mask, own - own.sum(dim=1, keepdim=True) / count, 0.0)
    true = torch.where(mask, true - true.sum(dim=1, keepdim=True) / count, 0.0)
    scale = (own.square().sum(dim=1) * true.square().sum(dim=1)).sqrt()
    return float(((own * true).sum(dim=1) / scale.clamp_min(1e-9)).mean())


class Trainer:
    """Trains one network on the lists of a fold.

    Parameters
    ----------
    model, training
        Sections `model_a` and `training`.
    fold
        The fold, on `device`.
    device
        Where to train; on CUDA the network runs in mixed precision and the loss in float32.
    seed
        Of this network: initialisation, dropout and the order of the lists.
    """

    def __init__(
        self,
        model: ModelAParams,
        training: TrainingParams,
        fold: Fold,
        device: torch.device,
        seed: int,
    ) -> None:
        self.model, self.training, self.fold, self.device = model, training, fold, device
        self.order = generator(seed, "order of the lists")
        torch.manual_seed(int(generator(seed, "network").integers(2**62)))
        features = fold.rosters.stats.shape[2], fold.rosters.team.shape[1]
        self.network = DeepSetNetwork(model, *features).to(device)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=model.learning_rate, weight_decay=model.weight_decay
        )
        self.amp = device.type == "cuda"
        self.scaler = torch.amp.GradScaler("cuda", enabled=self.amp)

    def scores(self, rows: Tensor, mask: Tensor) -> Tensor:
        """Return the network's scores of some lists: [lists, places, 2], float32."""
        with torch.autocast(self.device.type, dtype=torch.float16, enabled=self.amp):
            output = self.network(self.fold.rosters.rows(rows[mask]))
        padded = torch.zeros((*rows.shape, 2), device=self.device)
        padded[mask] = output.scores.float()
        return padded

    def losses(self, scores: Tensor, rows: Tensor, mask: Tensor, which: Tensor) -> Tensor:
        """Return the rank loss of each list of the fold named by `which`."""
        games = self.fold.games
        if games is not None:
            games = _places(games.pick(which), rows, mask, len(self.fold.rank_target))
        return list_loss(scores, self.fold, rows, mask, self.training.loss, games)

    def step(self, which: Tensor) -> dict[str, float]:
        """Take one optimiser step on some lists; returns the losses and the gradient norms."""
        rows, mask = self.fold.lists.rows[which], self.fold.lists.mask[which]
        scores = self.scores(rows, mask)
        loss = self.losses(scores, rows, mask, which)
        with torch.no_grad():
            flat = self.losses(torch.zeros_like(scores), rows, mask, which)
        # a list of n teams is a product of about n choices: per choice, lists weigh alike
        size = mask.sum(dim=1).clamp_min(1) if self.training.loss == "listmle" else 1.0
        total = (loss / size).mean()
        if self.training.loss != "margin" and self.training.margin_weight > 0:
            total = (
                total
                + self.training.margin_weight
                * list_loss(scores, self.fold, rows, mask, "margin", None).mean()
            )
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(self.scaler.scale(total))
        self.scaler.unscale_(self.optimiser)
        norms = {
            "gradient_encoder": _gradient_norm(self.network.encoder, self.network.encoder_linear),
            "gradient_attention": _gradient_norm(self.network.pooling),
        }
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.model.gradient_clip)
        # A step along a gradient that is not finite would end the network; the loss tells of it.
        if self.amp or bool(torch.isfinite(norm)):
            self.scaler.step(self.optimiser)
        self.scaler.update()
        return {"loss": float(loss.detach().mean()), "flat_loss": float(flat.mean()), **norms}

    def epoch(self, number: int, epochs: int) -> dict[str, float]:
        """Pass once over all lists, as pass `number` (from 0); returns the means over its steps."""
        self.network.train()
        order = torch.from_numpy(self.order.permutation(len(self.fold.lists))).to(self.device)
        size = self.model.lists_per_batch
        steps = []
        for start in range(0, len(order), size):
            share = _decay(self.model, number + start / len(order), epochs)
            for group in self.optimiser.param_groups:
                group["lr"] = self.model.learning_rate * share
            which = order[start : start + size]
            steps.append((self.step(which), len(which)))
        weights = np.array([weight for _, weight in steps], dtype=float)
        return {
            name: float(np.average([numbers[name] for numbers, _ in steps], weights=weights))
            for name in steps[0][0]
        }

    @torch.no_grad()
    def watch(self, watched: Fold) -> dict[str, float]:
        """Describe attention on some of the watched lists and measure Spearman on all of them."""
        self.network.eval()
        lists = watched.lists
        scores = self.scores(lists.rows, lists.mask)
        column = MARGIN if self.training.loss == "margin" else RANK
        targets = watched.rank_target[lists.rows]
        rows = lists.rows[lists.mask]
        spread = torch.linspace(0, len(rows) - 1, min(len(rows), WATCHED_TEAMS))
        some = self.fold.rosters.rows(rows[spread.long()])
        output = self.network(some)
        shares, meaningful = share_of_minutes(some.minutes, some.mask, self.model.minutes_sum_min)
        return {
            "spearman": spearman(scores[..., column], targets, lists.mask),
            **describe(output, shares, meaningful, some.mask),
        }

    @torch.no_grad()
    def finite(self) -> bool:
        """Tell whether every parameter is finite."""
        return all(bool(torch.isfinite(p).all()) for p in self.network.parameters())


def _gradient_norm(*modules: nn.Module) -> float:
    gradients = [p.grad for module in modules for p in module.parameters() if p.grad is not None]
    if not gradients:
        return 0.0
    return float(torch.stack([gradient.norm() for gradient in gradients]).norm())


def train(
    model: ModelAParams,
    training: TrainingParams,
    fold: Fold,
    watched: Fold,
    device: torch.device,
    seed: int,
    epochs: int,
    patience: int = 0,
) -> Run:
    """Train one network; stop and say why where it does not learn or breaks.

    Parameters
    ----------
    fold
        Lists to learn from.
    watched
        Lists to measure Spearman and attention on after each epoch: held out, or some of those
        learnt.
    epochs
        The most passes.
    patience
        Epochs without a better watched Spearman before stopping; 0: never.

    Returns
    -------
    Run
        Rows hold: epoch, loss, flat_loss (equal scores on the same lists: log(n!) for ListMLE),
        relative_loss, gradient_encoder, gradient_attention, spearman (watched), attention (0 or
        1), and `diagnostics.ATTENTION_COLUMNS`.
    """
    fold, watched = fold.to(device), watched.to(device)
    # a short run that never left the start is told of too, a single epoch tells nothing
    flat_patience = min(model.not_learning_patience, max(epochs, 2))
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        trainer = Trainer(model, training, fold, device, seed)
        run = Run(trainer.network)
        sound = _state(trainer.network)
        flat_epochs, best, best_epoch = 0, -math.inf, 0
        for epoch in range(1, epochs + 1):
            row = trainer.epoch(epoch - 1, epochs)
            finite = trainer.finite()
            if not finite:
                trainer.network.load_state_dict(sound)
                row["loss"] = math.nan
            row |= trainer.watch(watched)
            row["attention"] = float(model.pooling == "attention")
            flat = is_flat(row["loss"], row["flat_loss"])
            stuck = bool(run.epochs) and is_flat(row["loss"], run.epochs[0]["loss"])
            lowest = min((before["loss"] for before in run.epochs), default=row["loss"])
            if not (flat or stuck):
                flat_epochs = 0
            elif is_flat(row["loss"], lowest):  # a slow start that gains ground is no standstill
                flat_epochs += 1
            row = {"epoch": float(epoch), "relative_loss": row["loss"] / row["flat_loss"], **row}
            run.epochs.append(row)
            run.verdict = verdicts(row, flat_epochs, flat_patience)
            broken = {"impossible loss", "not learning"} & set(run.verdict)
            if broken:
                run.stopped = f"{', '.join(sorted(broken))} after epoch {epoch}"
                LOG.warning("training stopped: %s", run.stopped)
                break
            sound = _state(trainer.network)
            if row["spearman"] > best:
                best, best_epoch = row["spearman"], epoch
            if patience and epoch - best_epoch >= patience:
                run.stopped = f"no better Spearman on held-out lists since epoch {best_epoch}"
                break
    trainer.network.eval()
    return run


def best_epoch(run: Run) -> int:
    """Return the epoch with the highest watched Spearman."""
    return int(max(run.epochs, key=lambda row: row["spearman"])["epoch"])


def _decay(model: ModelAParams, done: float, epochs: int) -> float:
    """Return the share of the peak learning rate after `done` of `epochs` passes."""
    if model.learning_rate_decay == "none":
        return 1.0
    return 0.5 * (1.0 + math.cos(math.pi * min(done / epochs, 1.0)))


def _state(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}
