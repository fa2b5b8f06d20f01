"""The training loop: repeatable from its seed, and it stops with a reason if training fails."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from nbarank.core.rounding import rounded_number
from nbarank.core.seeds import generator
from nbarank.rankers.deepset.attention import share_of_minutes
from nbarank.rankers.deepset.fold_tensors import FoldTensors
from nbarank.rankers.deepset.health import Verdict, describe, is_flat, verdicts
from nbarank.rankers.deepset.network import DeepSetNetwork
from nbarank.rankers.deepset.objective import list_loss, spearman
from nbarank.rankers.deepset.optimiser import AdamW
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.scoring import MARGIN, RANK

log = logging.getLogger(__name__)
GRID = 2.0**20
"""Parameters are multiples of its inverse, about 1e-6."""
EPOCH_DECIMALS = 6
"""Decimals of the numbers of an epoch."""
WATCHED_TEAMS = 600
"""Maximum number of teams whose attention is described after each epoch."""
FAILURES = {"impossible loss", "not learning"}
"""Verdicts that stop training."""


@dataclass
class Run:
    """A network after its last finite epoch, and its epochs.

    `epochs` has one row per epoch (see `train`), `verdict` the verdicts on the last one; `stopped`
    is why training ended early, otherwise empty.
    """

    network: DeepSetNetwork
    epochs: list[dict[str, float]] = field(default_factory=list)
    verdict: list[Verdict] = field(default_factory=list)
    stopped: str = ""

    @property
    def best_epoch(self) -> int:
        """The epoch with the highest watched Spearman."""
        return int(max(self.epochs, key=lambda row: row["spearman"])["epoch"])


class Trainer:
    """Trains one network on the lists of a fold, which is on `device`.

    The seed decides initialisation, dropout and the order of the lists. The processor computes in
    float64; on CUDA the network runs in mixed precision and the loss in float32.
    """

    def __init__(
        self,
        model: ModelAParams,
        training: TrainingParams,
        fold: FoldTensors,
        device: torch.device,
        seed: int,
    ) -> None:
        self.model, self.training, self.fold, self.device = model, training, fold, device
        self.order = generator(seed, "order of the lists")
        features = fold.rosters.stats.shape[2], fold.rosters.team.shape[1]
        self.dtype = precision_of(device)
        with torch.random.fork_rng(devices=[]):  # torch's own initialisation, replaced below
            self.network = DeepSetNetwork(model, *features).to(dtype=torch.float64)
        self.network.initialise(generator(seed, "network"))
        self.network.draw_from(generator(seed, "dropout"))
        self.network.to(device, self.dtype)
        _round(self.network)
        self.optimiser = AdamW(
            self.network.parameters(), lr=model.learning_rate, weight_decay=model.weight_decay
        )
        self.amp = device.type == "cuda"
        self.scaler = torch.amp.GradScaler("cuda", enabled=self.amp)
        lists = torch.arange(len(fold.lists), device=device)
        equal = torch.zeros((*fold.lists.rows.shape, 2), dtype=self.dtype, device=device)
        self.flat_loss = list_loss(equal, fold, lists, training.loss)

    def scores(self, rows: Tensor, mask: Tensor) -> Tensor:
        """Return the network's scores of some lists: [lists, places, 2]."""
        with torch.autocast(self.device.type, dtype=torch.float16, enabled=self.amp):
            output = self.network(self.fold.rosters.rows(rows[mask]))
        return self._padded(output.scores, mask)

    def _padded(self, scores: Tensor, mask: Tensor) -> Tensor:
        padded = torch.zeros((*mask.shape, 2), dtype=self.dtype, device=self.device)
        padded[mask] = scores.to(self.dtype)
        return padded

    def step(self, which: Tensor) -> dict[str, float]:
        """Take one optimiser step on some lists; return the losses and the gradient norms."""
        mask = self.fold.lists.mask[which]
        scores = self.scores(self.fold.lists.rows[which], mask)
        loss = list_loss(scores, self.fold, which, self.training.loss)
        # ListMLE of n teams sums about n choices: per choice, all lists have the same weight
        size = mask.sum(dim=1).clamp_min(1) if self.training.loss == "listmle" else 1.0
        total = (loss / size).mean()
        if self.training.loss != "margin" and self.training.margin_weight > 0:
            margins = list_loss(scores, self.fold, which, "margin")
            total = total + self.training.margin_weight * margins.mean()
        self.optimiser.zero_grad()
        torch.autograd.backward(self.scaler.scale(total))
        self.scaler.unscale_(self.optimiser)  # type: ignore[arg-type]
        norms = {
            "gradient_encoder": _gradient_norm(self.network.encoder, self.network.encoder_linear),
            "gradient_attention": _gradient_norm(self.network.pooling),
        }
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.model.gradient_clip)
        # a step along a gradient that is not finite would destroy the network
        if self.amp or bool(torch.isfinite(norm)):
            self.scaler.step(self.optimiser)  # type: ignore[arg-type]
        self.scaler.update()
        _round(self.network)
        flat = float(self.flat_loss[which].mean())
        return {"loss": float(loss.detach().mean()), "flat_loss": flat, **norms}

    def epoch(self, number: int, epochs: int) -> dict[str, float]:
        """Pass once over all lists, as pass `number` (from 0); return the means over its steps."""
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
    def watch(self, watched: FoldTensors) -> dict[str, float]:
        """Return Spearman on the watched lists and the state of attention on some of them."""
        self.network.eval()
        lists = watched.lists
        rosters = self.fold.rosters.rows(lists.rows[lists.mask])
        output = self.network(rosters)
        scores = self._padded(output.scores, lists.mask)
        column = MARGIN if self.training.loss == "margin" else RANK
        targets = watched.rank_target[lists.rows]
        teams = len(rosters.mask)
        even = torch.linspace(0, teams - 1, min(teams, WATCHED_TEAMS)).long()
        some = rosters.rows(even)
        shares, meaningful = share_of_minutes(some.minutes, some.mask, self.model.minutes_sum_min)
        return {
            "spearman": spearman(scores[..., column], targets, lists.mask),
            **describe(output.rows(even), shares, meaningful, some.mask),
        }

    @torch.no_grad()
    def finite(self) -> bool:
        """Return whether every parameter is finite."""
        return all(bool(torch.isfinite(p).all()) for p in self.network.parameters())


def precision_of(device: torch.device) -> torch.dtype:
    """Return the precision of parameters and losses: float64 on the processor."""
    return torch.float64 if device.type == "cpu" else torch.float32


@torch.no_grad()
def _round(network: nn.Module) -> None:
    """Round parameters and buffers to multiples of 1 / `GRID`.

    The last bits of a step depend on the processor and on the number of threads. On a grid that is
    coarse relative to those bits, all take the same step, so the difference cannot grow.
    """
    for values in (*network.parameters(), *network.buffers()):
        values.mul_(GRID).round_().div_(GRID)


def _gradient_norm(*modules: nn.Module) -> float:
    gradients = [p.grad for module in modules for p in module.parameters() if p.grad is not None]
    if not gradients:
        return 0.0
    return float(torch.stack([gradient.norm() for gradient in gradients]).norm())


def train(
    model: ModelAParams,
    training: TrainingParams,
    fold: FoldTensors,
    watched: FoldTensors,
    device: torch.device,
    seed: int,
    epochs: int,
    patience: int = 0,
) -> Run:
    """Train one network; stop with a reason if it does not learn or its loss is invalid.

    Parameters
    ----------
    fold
        Lists to train on.
    watched
        Lists to measure Spearman and attention on after each epoch: held out, or some of `fold`.
    epochs
        Maximum number of passes.
    patience
        Epochs without a higher watched Spearman before stopping; 0: never.

    Returns
    -------
    Run
        Rows have: epoch, loss, flat_loss (of equal scores on the same lists), relative_loss,
        gradient_encoder, gradient_attention, spearman, attention (0 or 1), `ATTENTION_COLUMNS`.
    """
    dtype = precision_of(device)
    fold, watched = fold.to(device, dtype), watched.to(device, dtype)
    # short runs are judged too, but not after a single epoch
    flat_patience = min(model.not_learning_patience, max(epochs, 2))
    trainer = Trainer(model, training, fold, device, seed)
    run = Run(trainer.network)
    sound = _state(trainer.network)
    flat_epochs, best, best_epoch = 0, -math.inf, 0
    for epoch in range(1, epochs + 1):
        row = trainer.epoch(epoch - 1, epochs)
        if not trainer.finite():
            trainer.network.load_state_dict(sound)
            row["loss"] = math.nan
        row |= trainer.watch(watched)
        row["attention"] = float(model.pooling == "attention")
        row = {name: rounded_number(value, EPOCH_DECIMALS) for name, value in row.items()}
        flat = is_flat(row["loss"], row["flat_loss"])
        stuck = bool(run.epochs) and is_flat(row["loss"], run.epochs[0]["loss"])
        lowest = min((before["loss"] for before in run.epochs), default=row["loss"])
        if not (flat or stuck):
            flat_epochs = 0
        elif is_flat(row["loss"], lowest):  # a slow start that still improves does not count
            flat_epochs += 1
        relative = rounded_number(row["loss"] / row["flat_loss"], EPOCH_DECIMALS)
        row = {"epoch": float(epoch), "relative_loss": relative, **row}
        run.epochs.append(row)
        run.verdict = verdicts(row, flat_epochs, flat_patience)
        failures = FAILURES & set(run.verdict)
        if failures:
            run.stopped = f"{', '.join(sorted(failures))} after epoch {epoch}"
            log.warning("training stopped: %s", run.stopped)
            break
        sound = _state(trainer.network)
        if row["spearman"] > best:
            best, best_epoch = row["spearman"], epoch
        if patience and epoch - best_epoch >= patience:
            run.stopped = f"no better Spearman on held-out lists since epoch {best_epoch}"
            break
    last = run.epochs[-1]
    if last["loss"] > last["flat_loss"] and "not learning" not in run.verdict:
        run.verdict = verdicts(last, flat_epochs=1, patience=1)
    trainer.network.eval()
    return run


def _decay(model: ModelAParams, done: float, epochs: int) -> float:
    """Return the share of the peak learning rate after `done` of `epochs` passes."""
    if model.learning_rate_decay == "none":
        return 1.0
    return 0.5 * (1.0 + math.cos(math.pi * min(done / epochs, 1.0)))


def _state(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}
