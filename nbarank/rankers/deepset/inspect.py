"""The debugger behind `nbarank inspect-attention`: is attention alive, whom does it look at.

One batch goes forward and backward through a fresh network, then through a few steps of training;
the diagnostics of each stand side by side. It needs no trained model; with one, it shows whom that
one looks at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nbarank.core.errors import RankerError
from nbarank.rankers.deepset.diagnostics import explain
from nbarank.rankers.deepset.made_up import made_up_batch
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import RankerInputs, TrainingData

STEPS = (0, 1, 10)
"""Passes over the batch after which the diagnostics are shown; 0 is the fresh network."""
SHOWN_PLAYERS = 3


def inspect_attention(
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
    """Return a report a person reads in a minute.

    Parameters
    ----------
    model, training
        Sections `model_a` and `training`, of the profile asked for.
    seed
        `repro.seed`.
    device
        'auto', 'cpu' or 'cuda'.
    data
        Described and labelled teams; None for a made-up batch.
    as_of
        Date to look at, one of `data`; None for the newest.
    trained
        A trained Deep Set to show instead of the network after a few steps.
    team_names, player_names
        Names by id; ids are shown where there is none.

    Raises
    ------
    RankerError
        If no team of `data` is described as of the date.
    """
    if data is None:
        source = "made-up batch"
        model = model.model_copy(update={"roster_features": None, "team_features": None})
        data, trained = made_up_batch(seed, model.minutes_column), None
    else:
        source = "league data"
    as_of = _date(data, as_of)
    batch = _as_of(data, as_of)
    lines = [
        f"Attention of the Deep Set on {source} as of {as_of.date()}, loss {training.loss}",
        "",
    ]

    columns, ranker = {}, None
    for passes in STEPS:
        ranker = _trained_for(model, training, seed, device, batch, passes)
        columns["fresh" if passes == 0 else f"{passes} pass(es)"] = ranker.history.iloc[-1]
    assert ranker is not None
    table = pd.DataFrame(columns).drop(index=["phase", "member", "epoch", "attention"])
    lines += [table.astype(float).to_string(float_format=lambda value: f"{value:12.5f}"), ""]
    lines += [explain(ranker.verdict), ""]

    shown = trained if trained is not None else ranker
    lines.append(f"Who gets the weight ({'trained model' if trained else 'after these passes'}):")
    lines += _contributors(shown, batch.inputs, team_names or {}, player_names or {})
    return "\n".join(lines) + "\n"


def _date(data: TrainingData, as_of: pd.Timestamp | None) -> pd.Timestamp:
    dates = pd.DatetimeIndex(data.targets["as_of"].unique()).sort_values()
    if as_of is None and len(dates):
        return pd.Timestamp(dates[-1])
    if as_of is None or as_of not in dates:
        near = dates[np.argsort(np.abs(dates - as_of))[:3]] if as_of is not None else dates[:3]
        raise RankerError(
            f"No team is described as of {as_of.date() if as_of is not None else 'any date'}.",
            where="--as-of",
            allowed="the weekly dates and checkpoints, near by: "
            + ", ".join(str(day.date()) for day in near),
            next_command=f"nbarank inspect-attention --as-of {near[0].date()}"
            if len(near)
            else "dvc repro",
        )
    return as_of


def _as_of(data: TrainingData, day: pd.Timestamp) -> TrainingData:
    """Return the rows of one day."""

    def rows(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["as_of"] == day].reset_index(drop=True)

    rosters, games = data.inputs.rosters, data.games
    inputs = RankerInputs(rows(data.inputs.teams), None if rosters is None else rows(rosters))
    return TrainingData(inputs, rows(data.targets), None if games is None else rows(games))


def _trained_for(
    model: ModelAParams,
    training: TrainingParams,
    seed: int,
    device: str,
    batch: TrainingData,
    passes: int,
) -> DeepSetRanker:
    """Train on the batch; nought passes are one at a learning rate that moves nothing."""
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
    """Return one line a team: score, and the players with the most weight beside their minutes.

    A team on the fallback gets no names: its weights are minutes, and tell nothing about players.
    """
    weights = ranker.attend(inputs)
    scores = ranker.predict(inputs).sort_values("rank_score", ascending=False)
    lines: list[str] = []
    for team, score in zip(scores["team_id"], scores["rank_score"], strict=True):
        own = weights[weights["team_id"] == team]
        name = team_names.get(int(team), str(team))
        if own["contributors_are_fallback"].any() or own.empty:
            lines.append(f"  {name:<5} {score:8.3f}  weights are the fallback's: no contributors")
            continue
        top = own.nlargest(SHOWN_PLAYERS, "weight")
        players: Sequence[str] = [
            f"{player_names.get(int(player), str(player))} {weight:.0%} (minutes {share:.0%})"
            for player, weight, share in zip(
                top["player_id"], top["weight"], top["minutes_share"], strict=True
            )
        ]
        lines.append(f"  {name:<5} {score:8.3f}  {', '.join(players)}")
    return lines
