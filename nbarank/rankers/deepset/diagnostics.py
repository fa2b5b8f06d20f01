"""Does the Deep Set learn, and is its attention alive? One row of numbers an epoch, and a name.

The signature to catch: attention collapses to nothing or to equal shares, every team gets the
same vector, all scores are equal, and ListMLE stands still at log(n!) (27.8993 for fifteen
teams). A likelihood cannot be negative either: a loss that falls below its bound is broken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from nbarank.rankers.deepset.network import Output

Verdict = Literal[
    "healthy", "uniform", "collapsed", "on fallback", "not learning", "impossible loss"
]
SEVEREST_FIRST: tuple[Verdict, ...] = (
    "impossible loss",
    "on fallback",
    "collapsed",
    "uniform",
    "not learning",
    "healthy",
)
EXPLANATIONS: dict[Verdict, str] = {
    "healthy": "attention tells players apart and the loss is below that of equal scores",
    "uniform": "attention gives every player the same weight: it has learnt nothing about whom to "
    "look at (flat player statistics, or a learning rate that is too low)",
    "collapsed": "attention is zero, or one player has all of it, or every team gets the same "
    "vector: the roster no longer enters the score",
    "on fallback": "attention was zero or not finite for many rosters, so that minutes stand in "
    "for it: look for statistics that are not finite",
    "not learning": "the loss stands where equal scores would leave it (log(n!) for ListMLE), or "
    "where it began: try another learning rate, and look at the targets",
    "impossible loss": "the loss is not finite, or below what it can reach: the loss or its input "
    "is broken (a learning rate far too high, a target that is not finite)",
}
ZERO_ATTENTION = 1e-6
UNIFORM_SPREAD = 0.01
COLLAPSED_ENTROPY = 0.02
COLLAPSED_SHARE = 0.5
FALLBACK_SHARE = 0.05
SCORE_VARIANCE = 1e-8
FLAT_TOLERANCE = 0.002
ATTENTION_COLUMNS = (
    "attention_min",
    "attention_mean",
    "attention_max",
    "attention_zero_share",
    "attention_nan_share",
    "attention_entropy",
    "attention_spread",
    "minutes_entropy",
    "minutes_meaningful",
    "fallback_share",
    "variance_z",
    "variance_scores",
)


def relative_entropy(weights: Tensor, mask: Tensor) -> Tensor:
    """Return the entropy of each roster's weights relative to equal shares, between 0 and 1.

    Parameters
    ----------
    weights
        [..., players], adding to 1; what is not finite counts as 0.
    mask
        [..., players], true for a player; rosters with fewer than two players give 1.
    """
    shares = torch.where(mask & torch.isfinite(weights), weights, 0.0).clamp_min(0.0)
    entropy = -torch.special.xlogy(shares, shares).sum(dim=-1)
    players = mask.sum(dim=-1)
    uniform = players.clamp_min(2).to(weights.dtype).log()
    return torch.where(players > 1, entropy / uniform, 1.0)


@torch.no_grad()
def describe(
    output: Output, minutes_shares: Tensor, meaningful: Tensor, mask: Tensor
) -> dict[str, float]:
    """Return the attention's numbers for one batch of teams, of raw attention where it says so.

    Parameters
    ----------
    output
        What the network made of the batch.
    minutes_shares
        [teams, players]: share of minutes, for comparison.
    meaningful
        [teams], true where the roster's minutes mean something.
    mask
        [teams, players], true for a player.

    Returns
    -------
    dict[str, float]
        `ATTENTION_COLUMNS`. attention_min, mean, max: of raw attention over players and heads;
        zero and NaN share: of the same; attention_entropy and minutes_entropy: mean of
        `relative_entropy`; attention_spread: mean over rosters of the standard deviation of
        attention relative to an equal share; minutes_meaningful: share of rosters whose minutes
        are; fallback_share: share of rosters whose weights are the fallback's; variance_z: mean
        over units of the variance over teams; variance_scores: of the rank score over teams.
    """
    raw = output.attention.raw
    valid = mask.unsqueeze(1).expand_as(raw)
    values = raw[valid]
    finite = values[torch.isfinite(values)]
    share = raw.nan_to_num(0.0)
    players = mask.sum(dim=1).clamp_min(1).to(share.dtype)
    equal = (1.0 / players)[:, None, None]
    off = torch.where(valid, share / equal - 1.0, 0.0).square().sum(dim=2)
    spread = (off / players.unsqueeze(1)).sqrt().mean()
    with_players = mask.any(dim=1)
    numbers = {
        "attention_min": finite.min() if len(finite) else torch.zeros(()),
        "attention_mean": finite.mean() if len(finite) else torch.zeros(()),
        "attention_max": finite.max() if len(finite) else torch.zeros(()),
        "attention_zero_share": (finite < ZERO_ATTENTION).float().mean()
        if len(finite)
        else torch.ones(()),
        "attention_nan_share": (~torch.isfinite(values)).float().mean()
        if len(values)
        else torch.zeros(()),
        "attention_entropy": relative_entropy(raw, valid).mean(),
        "attention_spread": spread,
        "minutes_entropy": relative_entropy(minutes_shares, mask).mean(),
        "minutes_meaningful": meaningful.float().mean(),
        "fallback_share": output.attention.fallback[with_players].float().mean()
        if bool(with_players.any())
        else torch.zeros(()),
        "variance_z": output.attention.pooled.var(dim=0, unbiased=False).mean(),
        "variance_scores": output.scores[:, 0].var(unbiased=False),
    }
    return {name: float(numbers[name]) for name in ATTENTION_COLUMNS}


def verdicts(row: Mapping[str, float], flat_epochs: int = 0, patience: int = 1) -> list[Verdict]:
    """Name what is wrong with one epoch, most severe first; ['healthy'] where nothing is.

    Parameters
    ----------
    row
        `ATTENTION_COLUMNS`, `loss` (mean over lists), `flat_loss` (what equal scores give on the
        same lists), and `attention` (1 where the network pools by attention).
    flat_epochs
        For how many epochs the loss has stood at, or above, that of equal scores or of the first
        epoch.
    patience
        After how many such epochs that is called not learning.
    """
    found: set[Verdict] = set()
    if not math.isfinite(row["loss"]) or row["loss"] < 0.0:
        found.add("impossible loss")
    if row["fallback_share"] > FALLBACK_SHARE:
        found.add("on fallback")
    if row["variance_scores"] < SCORE_VARIANCE or row["variance_z"] < SCORE_VARIANCE:
        found.add("collapsed")
    if row["attention"] and (
        row["attention_zero_share"] > COLLAPSED_SHARE
        or row["attention_entropy"] < COLLAPSED_ENTROPY
    ):
        found.add("collapsed")
    if row["attention"] and row["attention_spread"] < UNIFORM_SPREAD:
        found.add("uniform")
    if flat_epochs >= patience:
        found.add("not learning")
    return [name for name in SEVEREST_FIRST if name in found] or ["healthy"]


def is_flat(loss: float, flat_loss: float) -> bool:
    """Tell whether a loss is no better than that of equal scores."""
    return not loss < flat_loss * (1.0 - FLAT_TOLERANCE)


def flat_signature(loss: float, list_sizes: Sequence[int]) -> bool:
    """Tell whether a mean ListMLE loss is that of equal scores: the mean of log(n!)."""
    expected = sum(math.lgamma(size + 1) for size in list_sizes) / max(len(list_sizes), 1)
    return abs(loss - expected) <= FLAT_TOLERANCE * expected


def explain(names: Sequence[Verdict]) -> str:
    """Return the verdicts with what each of them means, one a line."""
    return "\n".join(f"{name}: {EXPLANATIONS[name]}" for name in names)
