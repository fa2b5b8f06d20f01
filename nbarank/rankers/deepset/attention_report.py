"""The report of `nbarank inspect-attention`: health of attention, and the players with most weight.

One batch is trained on from a fresh network for a few passes; the numbers of each are shown side
by side. No trained model is needed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbarank.core.errors import RankerError
from nbarank.rankers.deepset.health import Verdict, explain
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.deepset.synthetic_batch import synthetic_batch
from nbarank.rankers.training.contract import RankerInputs, TrainingData

PASSES = (0, 1, 10)
"""Passes over the batch before its numbers are shown; 0 is the fresh network."""
SHOWN_PLAYERS = 3
LEAST_FALL = 0.01
"""Share by which the loss falls, or rise of Spearman, in a network that learns."""


def attention_report(
    model: ModelAParams,
    training: TrainingParams,
    seed: int,
    device: str,
    data: TrainingData | None = None,
    as_of: pd.Timestamp | None = None,
    trained: DeepSetRanker | None = None,
    team_names: Mapping[int, str] | None = None,
    player_names: Mapping[int, str] | None = None,
) -> str:
    """Return the report as text.

    Parameters
    ----------
    model, training, seed, device
        Sections `model_a` and `training`; `repro.seed`; 'auto', 'cpu' or 'cuda'.
    data
        Described teams with targets; None for a synthetic batch.
    as_of
        A date of `data`; None for the newest.
    trained
        A trained Deep Set to show instead of the network after the last pass.
    team_names, player_names
        Names by id; ids without a name are shown as numbers.

    Raises
    ------
    RankerError
        If no team of `data` is described as of the date.
    """
    source = "league data"
    if data is None:
        source = "a synthetic batch"
        model = model.model_copy(update={"roster_features": None, "team_features": None})
        data, trained = synthetic_batch(seed, model.minutes_column), None
    as_of = _date(data, as_of)
    batch = data.restrict([as_of], "as_of")
    columns, ranker = {}, None
    for passes in PASSES:
        ranker = _fitted(model, training, seed, device, batch, passes)
        name = "1 pass" if passes == 1 else f"{passes} passes"
        columns["fresh" if passes == 0 else name] = ranker.history.iloc[-1]
    assert ranker is not None
    table = pd.DataFrame(columns).drop(index=["phase", "member", "epoch", "attention"])
    first, last = table.iloc[:, 0], table.iloc[:, -1]
    lines = [
        f"Attention of the Deep Set on {source} as of {as_of.date()}, loss {training.loss}",
        "",
        table.astype(float).to_string(float_format=lambda value: f"{value:12.5f}"),
        "",
        _learnt(first, last, passes),
        explain(_verdict(ranker, first, last)),
        "",
        f"Players with most weight ({'trained model' if trained else 'after these passes'}):",
        *_contributors(trained or ranker, batch.inputs, team_names or {}, player_names or {}),
    ]
    return "\n".join(lines) + "\n"


def _learnt(first: pd.Series[float], last: pd.Series[float], passes: int) -> str:
    """Return how far loss, rank correlation and attention moved."""
    shown = {"loss": 3, "spearman": 3, "attention_spread": 4}
    moved = [f"{name} {first[name]:.{n}f} -> {last[name]:.{n}f}" for name, n in shown.items()]
    return f"From the fresh network to {passes} passes: {', '.join(moved)}"


def _verdict(
    ranker: DeepSetRanker, first: pd.Series[float], last: pd.Series[float]
) -> list[Verdict]:
    """Return the verdicts on the last pass; one that did not learn is not healthy.

    Dropout alone moves the loss by half a per cent.
    """
    learnt = last["loss"] < first["loss"] * (1.0 - LEAST_FALL)
    if learnt or last["spearman"] > first["spearman"] + LEAST_FALL:
        return ranker.verdict
    return list(dict.fromkeys(["not learning", *(v for v in ranker.verdict if v != "healthy")]))


def _date(data: TrainingData, as_of: pd.Timestamp | None) -> pd.Timestamp:
    dates = pd.DatetimeIndex(data.targets["as_of"].unique()).sort_values()
    if as_of is None and len(dates):
        return pd.Timestamp(dates[-1])
    if as_of is None or as_of not in dates:
        nearest = dates[np.argsort(np.abs(dates - as_of))[:3]] if as_of is not None else dates[:3]
        raise RankerError(
            f"No team is described as of {as_of.date() if as_of is not None else 'any date'}.",
            where="--as-of",
            allowed="the weekly dates and checkpoints; nearest: "
            + ", ".join(str(day.date()) for day in nearest),
            next_command=f"nbarank inspect-attention --as-of {nearest[0].date()}"
            if len(nearest)
            else "dvc repro",
        )
    return as_of


def _fitted(
    model: ModelAParams,
    training: TrainingParams,
    seed: int,
    device: str,
    batch: TrainingData,
    passes: int,
) -> DeepSetRanker:
    """Train on the batch; zero passes are one at a learning rate too small to change anything."""
    changes: dict[str, object] = {
        "epochs": max(passes, 1),
        "members": 1,
        "early_stopping_patience": 0,
        "early_stopping_val_frac": 0.0,
        "learning_rate_decay": "none",
    }
    if passes == 0:
        changes["learning_rate"] = 1e-30
    every = training.model_copy(update={"max_lists_oof": None, "history_days": None})
    return DeepSetRanker(model.model_copy(update=changes), every, device).fit(batch, seed)


def _contributors(
    ranker: DeepSetRanker,
    inputs: RankerInputs,
    team_names: Mapping[int, str],
    player_names: Mapping[int, str],
) -> list[str]:
    """Return one line per team: score, and the players with most weight with their minutes.

    A team on the fallback has no such players: its weights are minutes.
    """
    weights = ranker.attend(inputs)
    scores = ranker.predict(inputs).sort_values("rank_score", ascending=False)
    lines: list[str] = []
    for team, score in zip(scores["team_id"], scores["rank_score"], strict=True):
        own = weights[weights["team_id"] == team]
        players = "weights are the fallback's: no contributors"
        if len(own) and not own["contributors_are_fallback"].any():
            top = own.nlargest(SHOWN_PLAYERS, "weight")
            players = ", ".join(
                f"{player_names.get(int(player), str(player))} {weight:.0%} (minutes {share:.0%})"
                for player, weight, share in zip(
                    top["player_id"], top["weight"], top["minutes_share"], strict=True
                )
            )
        lines.append(f"  {team_names.get(int(team), str(team)):<5} {score:8.3f}  {players}")
    return lines
