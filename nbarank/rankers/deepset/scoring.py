"""The network's scores without torch, whose import takes longer than a day's forecast.

The same function as `DeepSetNetwork` in evaluation, in float64; gradients need the network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from nbarank.rankers.deepset.params import ModelAParams
from nbarank.rankers.deepset.roster_arrays import Floats, RosterArrays

RANK, MARGIN = 0, 1
LOGIT_BOUND = 50.0
"""Logits are clipped to ± this before the softmax: e^50 is already all of the weight."""
TEMPERATURE_BOUNDS = (0.05, 20.0)

Bools = NDArray[np.bool_]
Weights = Mapping[str, Floats]
"""Parameters by the names of `DeepSetNetwork.state_dict`."""


def network_scores(
    weights: Weights,
    params: ModelAParams,
    rosters: RosterArrays,
    draws: Sequence[np.random.Generator] | None = None,
) -> Floats:
    """Return finite scores (rank, scaled margin) of teams: [samples, teams, 2].

    Parameters
    ----------
    draws
        One generator per sampled network, which drops the same units for all teams (Gal and
        Ghahramani, ICML 2016); None: one sample without dropout.
    """
    finite = np.isfinite(rosters.stats.sum(axis=2))
    present = rosters.mask & finite
    invalid = (rosters.mask & ~finite).any(axis=1)
    stats = np.where(present[:, :, None], rosters.stats, 0.0)
    # a roster with invalid players only keeps its mask, with zeros for statistics
    mask = np.where(present.any(axis=1, keepdims=True), present, rosters.mask)
    if params.embedding_buckets:
        stats = np.concatenate([stats, weights["embedding.weight"][rosters.buckets]], axis=2)
    team = np.nan_to_num(rosters.team, nan=0.0, posinf=0.0, neginf=0.0)
    hidden = _hidden(weights, "encoder", stats)
    linear = stats @ weights["encoder_linear.weight"].T
    samples = []
    for random in [None] if draws is None else draws:
        players = _outer(weights, "encoder", _dropped(hidden, params.dropout, random)) + linear
        pooled = _pooled(weights, params, players, rosters.minutes, mask, invalid)
        joint = np.concatenate([pooled, team], axis=1)
        inner = _dropped(_hidden(weights, "scorer", joint), params.dropout, random)
        scores = _outer(weights, "scorer", inner) + joint @ weights["scorer_linear.weight"].T
        samples.append(scores + weights["scorer_linear.bias"])
    return np.stack(samples)


def _hidden(weights: Weights, name: str, values: Floats) -> Floats:
    inner = values @ weights[f"{name}.0.weight"].T + weights[f"{name}.0.bias"]
    return np.asarray(0.5 * inner * (1.0 + erf(inner * math.sqrt(0.5))))  # GELU


def _outer(weights: Weights, name: str, hidden: Floats) -> Floats:
    return hidden @ weights[f"{name}.3.weight"].T + weights[f"{name}.3.bias"]


def _dropped(values: Floats, rate: float, random: np.random.Generator | None) -> Floats:
    if random is None or rate == 0.0:
        return values
    return values * (random.random(values.shape[-1], np.float32) >= rate) / (1.0 - rate)


def _weight(weights: Weights, name: str) -> Floats:
    """Return a projection's matrix, divided by its largest singular value under σReparam."""
    if f"{name}.weight" in weights:
        return weights[f"{name}.weight"]
    stored = f"{name}.parametrizations.weight"
    matrix, gain = weights[f"{stored}.original"], weights[f"{stored}.0.gain"]
    right = _normalised(matrix.T @ weights[f"{stored}.0.vector"])
    sigma = _normalised(matrix @ right) @ (matrix @ right)
    return np.asarray(gain * matrix / max(float(sigma), 1e-6))


def _normalised(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12))


def _shares(
    minutes: Floats, mask: Bools, minutes_sum_min: float
) -> tuple[Floats, Floats, NDArray[np.float32]]:
    """Return shares of minutes, equal shares, and 1 where minutes are meaningful, [teams, 1]."""
    usable = mask & np.isfinite(minutes) & (minutes > 0)
    clean = np.where(usable, minutes, 0.0)
    total = clean.sum(axis=1, keepdims=True)
    meaningful = total > minutes_sum_min
    present = mask.astype(np.float64)
    equal = present / np.maximum(present.sum(axis=1, keepdims=True), 1.0)
    shares = np.where(meaningful, clean / np.where(meaningful, total, 1.0), equal)
    return shares, equal, meaningful.astype(np.float32)


def _pooled(
    weights: Weights,
    params: ModelAParams,
    players: Floats,
    minutes: Floats,
    mask: Bools,
    invalid: Bools,
) -> Floats:
    """Return each team's vector; see `PlayerAttention` and `MeanPooling`."""
    shares, equal, meaningful = _shares(minutes, mask, params.minutes_sum_min)
    # torch multiplies a number by a condition in float32, and so the network is trained
    blend = np.float32(params.minutes_bias_weight) * meaningful
    value, bias = _weight(weights, "pooling.value"), weights["pooling.value.bias"]
    if params.pooling == "mean":
        summed = np.einsum("ts,tsd->td", (1.0 - blend) * equal + blend * shares, players)
        return np.asarray(summed @ value.T + bias)
    width, heads = params.hidden_width, params.attention_heads
    per_head = (heads, width // heads, width)
    if params.query == "mean":
        count = np.maximum(mask.sum(axis=1, keepdims=True), 1.0)
        mean = (players * mask[:, :, None]).sum(axis=1) / count
        queries = mean @ _weight(weights, "pooling.query").T + weights["pooling.query.bias"]
    else:
        queries = np.broadcast_to(weights["pooling.learned_query"], (len(players), width))
    key = _weight(weights, "pooling.key").reshape(per_head)
    asked = np.einsum("thd,hdw->thw", queries.reshape(-1, *per_head[:2]), key, optimize=True)
    temperature = np.clip(np.exp(weights["pooling.log_temperature"]), *TEMPERATURE_BOUNDS)
    logits = asked @ players.transpose(0, 2, 1)
    logits = logits / (math.sqrt(per_head[1]) * temperature[None, :, None])
    attention = _with_fallback(logits, mask, shares, invalid, params.collapse_threshold)
    attention = (1.0 - blend[:, :, None]) * attention + blend[:, :, None] * shares[:, None, :]
    pooled = np.einsum("thw,hdw->thd", attention @ players, value.reshape(per_head), optimize=True)
    return np.asarray(pooled.reshape(-1, width) + bias * mask.any(axis=1, keepdims=True))


def _with_fallback(
    logits: Floats, mask: Bools, replacement: Floats, invalid: Bools, threshold: float
) -> Floats:
    """Return attention [teams, heads, players], or the replacement where it is not sound."""
    valid = mask[:, None, :]
    bounded = np.nan_to_num(logits, nan=0.0, posinf=LOGIT_BOUND, neginf=-LOGIT_BOUND)
    bounded = np.where(valid, np.clip(bounded, -LOGIT_BOUND, LOGIT_BOUND), -1e30)
    power = np.exp(bounded - bounded.max(axis=2, keepdims=True))
    clean = power / power.sum(axis=2, keepdims=True) * valid
    finite = np.isfinite(np.where(valid, logits, 0.0).sum(axis=2)) & ~invalid[:, None]
    sound = (finite & (clean.sum(axis=2) > threshold)).all(axis=1)
    fallback = ~sound & mask.any(axis=1)
    return np.where(fallback[:, None, None], replacement[:, None, :], clean)
