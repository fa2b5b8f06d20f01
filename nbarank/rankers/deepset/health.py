"""Health of the Deep Set: one row of numbers per epoch, and verdicts on it.

The failure to detect: attention collapses to zero or to equal shares, every team gets the same
vector, all scores are equal, and ListMLE stays at log(n!) (27.8993 for fifteen teams).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from nbarank.rankers.deepset.network import Output

Verdict = Literal[
    "impossible loss", "on fallback", "collapsed", "uniform", "not learning", "healthy"
]
EXPLANATIONS: dict[Verdict, str] = {
    "impossible loss": "the loss is not finite or below its bound: the loss or its input is "
    "invalid (a learning rate far too high, a target that is not finite)",
    "on fallback": "attention was zero or not finite for many rosters, so minutes replace it: look "
    "for statistics that are not finite",
    "collapsed": "attention is zero, or one player has all of it, or every team gets the same "
    "vector: the roster no longer affects the score",
    "uniform": "attention gives every player the same weight (constant player statistics, or a "
    "learning rate that is too low)",
    "not learning": "the loss stays at its first value, or at that of equal scores (log(n!) for "
    "ListMLE) or above it: try another learning rate, and check the targets",
    "healthy": "attention distinguishes players and the loss is below that of equal scores",
}
"""Meaning of each verdict, most severe first."""
ZERO_ATTENTION = 1e-6
UNIFORM_SD = 0.01
COLLAPSED_ENTROPY = 0.02
COLLAPSED_SHARE = 0.5
FALLBACK_SHARE = 0.05
SCORE_VARIANCE = 1e-8
FLAT_TOLERANCE = 0.002
RAW_ATTENTION_COLUMNS = (
    "attention_min",
    "attention_mean",
    "attention_max",
    "attention_zero_share",
    "attention_nan_share",
    "attention_entropy",
    "attention_spread",
)
ATTENTION_COLUMNS = (
    *RAW_ATTENTION_COLUMNS,
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
        [..., players], summing to 1; values that are not finite count as 0.
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
    """Return `ATTENTION_COLUMNS` for one batch of teams.

    attention_min, mean, max, zero and NaN share: of raw attention over players and heads;
    attention_entropy, minutes_entropy: mean `relative_entropy`; attention_spread: mean over rosters
    of the SD of attention relative to an equal share; minutes_meaningful, fallback_share: shares of
    rosters; variance_z: mean over units of the variance over teams; variance_scores: of the rank
    score over teams.

    Parameters
    ----------
    output
        Of the network.
    minutes_shares, meaningful
        From `share_of_minutes`.
    mask
        [teams, players], true for a player.
    """
    raw = output.attention.raw
    valid = mask.unsqueeze(1).expand_as(raw)
    values = raw[valid]
    finite = values[torch.isfinite(values)]
    finite = finite if len(finite) else torch.zeros(1)
    share = raw.nan_to_num(0.0)
    players = mask.sum(dim=1).clamp_min(1).to(share.dtype)
    equal = (1.0 / players)[:, None, None]
    off = torch.where(valid, share / equal - 1.0, 0.0).square().sum(dim=2)
    fallback = output.attention.fallback[mask.any(dim=1)]
    numbers = (
        finite.min(),
        finite.mean(),
        finite.max(),
        (finite < ZERO_ATTENTION).float().mean(),
        (~torch.isfinite(values)).float().mean().nan_to_num(0.0),
        relative_entropy(raw, valid).mean(),
        (off / players.unsqueeze(1)).sqrt().mean(),
        relative_entropy(minutes_shares, mask).mean(),
        meaningful.float().mean(),
        fallback.float().mean().nan_to_num(0.0),
        output.attention.pooled.var(dim=0, unbiased=False).mean(),
        output.scores[:, 0].var(unbiased=False),
    )
    return dict(zip(ATTENTION_COLUMNS, map(float, numbers), strict=True))


def verdicts(row: Mapping[str, float], flat_epochs: int = 0, patience: int = 1) -> list[Verdict]:
    """Return the verdicts on an epoch, most severe first; ['healthy'] if there is none.

    Parameters
    ----------
    row
        `ATTENTION_COLUMNS`, `loss` (mean over lists) and `attention` (1 if the network pools by
        attention).
    flat_epochs
        Epochs for which the loss has been no lower than that of equal scores or of the first
        epoch.
    patience
        Number of such epochs that counts as not learning.
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
    if row["attention"] and row["attention_spread"] < UNIFORM_SD:
        found.add("uniform")
    if flat_epochs >= patience:
        found.add("not learning")
    return [name for name in EXPLANATIONS if name in found] or ["healthy"]


def is_flat(loss: float, reference: float) -> bool:
    """Return whether a loss is no better than a reference, such as that of equal scores."""
    return not loss < reference * (1.0 - FLAT_TOLERANCE)


def explain(names: Sequence[Verdict]) -> str:
    """Return each verdict with its meaning, one per line."""
    return "\n".join(f"{name}: {EXPLANATIONS[name]}" for name in names)
