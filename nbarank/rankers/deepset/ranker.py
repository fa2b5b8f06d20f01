"""The Deep Set as a `Ranker`: frames in, scores out."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from nbarank.core.errors import RankerError
from nbarank.core.sections import parse_section
from nbarank.core.seeds import generator
from nbarank.core.tables import write_text
from nbarank.rankers.deepset.batches import Scaler, roster_tensors
from nbarank.rankers.deepset.diagnostics import Verdict
from nbarank.rankers.deepset.fold import build_fold, held_out, recent_and_spread
from nbarank.rankers.deepset.network import MARGIN, RANK, DeepSetNetwork, Rosters
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.training import WATCHED_LISTS, Run, best_epoch, train
from nbarank.rankers.training.contract import SLOT_KEY, Ranker, RankerInputs, TrainingData
from nbarank.schemas.columns import KEY

LOG = logging.getLogger(__name__)
CHUNK = 4096
"""Teams scored at a time."""


def device_of(name: str) -> torch.device:
    """Return the device of `repro.device`.

    Raises
    ------
    RankerError
        If CUDA is asked for and there is none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise RankerError(
            "repro.device is cuda, and torch finds no CUDA device.",
            where="params.yaml: repro.device",
            allowed="auto, cpu, or cuda on a machine with a CUDA build of torch",
            next_command="set repro.device to cpu, then run the same command again",
        )
    cuda = name == "cuda" or (name == "auto" and torch.cuda.is_available())
    return torch.device("cuda" if cuda else "cpu")


class DeepSetRanker(Ranker):
    """Model A.

    Parameters
    ----------
    model, training
        Sections `model_a` and `training`.
    device
        'auto', 'cpu' or 'cuda'.
    final
        The final fit (`max_final_batches`) rather than an out-of-fold one (`max_lists_oof`).
    """

    name: ClassVar[str] = "deepset"
    needs_rosters: ClassVar[bool] = True

    def __init__(
        self,
        model: ModelAParams,
        training: TrainingParams,
        device: str = "cpu",
        final: bool = False,
    ) -> None:
        super().__init__()
        self.model, self.training, self.final = model, training, final
        self.device = device_of(device)
        self.networks: list[DeepSetNetwork] = []
        self.player_scaler: Scaler | None = None
        self.team_scaler: Scaler | None = None
        self.margin_scale = 1.0
        self.history = pd.DataFrame()
        self.verdict: list[Verdict] = []
        self.stopped = ""

    def settings(self) -> dict[str, Any]:
        """Return both sections; the device is the machine's, not the model's."""
        return {
            "model_a": self.model.model_dump(mode="json"),
            "training": self.training.model_dump(mode="json"),
            "final": self.final,
        }

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Build an unfitted ranker on the processor."""
        model = parse_section(ModelAParams, settings["model_a"], "ranker.json")
        training = parse_section(TrainingParams, settings["training"], "ranker.json")
        return cls(model, training, final=settings["final"])

    def _fit(self, data: TrainingData, seed: int) -> None:
        rosters = data.inputs.rosters
        assert rosters is not None
        self.player_scaler = Scaler.fit(rosters, self._player_columns())
        self.team_scaler = Scaler.fit(data.inputs.teams, self._team_columns())
        fold = build_fold(data, self._tensors(data.inputs), self.training)
        self.margin_scale = fold.margin_scale
        most = self.training.max_lists_oof
        if self.final:
            batches = self.training.max_final_batches
            most = None if batches is None else batches * self.model.lists_per_batch
        days = self.training.history_days
        fold = fold.pick(recent_and_spread(fold.lists, days, most))

        watched = held_out(fold.lists, self.model)
        epochs, runs = self.model.epochs, []
        seeds = [
            int(generator(seed, "deepset member", member).integers(2**31))
            for member in range(self.model.members)
        ]
        if watched.any():
            older, newest = fold.pick(~watched), fold.pick(watched)
            patience = self.model.early_stopping_patience
            probe = train(
                self.model, self.training, older, newest, self.device, seeds[0], epochs, patience
            )
            runs.append(("probe", 0, probe))
            if patience and not ({"impossible loss", "not learning"} & set(probe.verdict)):
                epochs = best_epoch(probe)
        some = fold.pick(recent_and_spread(fold.lists, None, WATCHED_LISTS))
        for member, member_seed in enumerate(seeds):
            run = train(self.model, self.training, fold, some, self.device, member_seed, epochs)
            runs.append(("final", member, run))
        self._remember(runs)

    def _remember(self, runs: list[tuple[str, int, Run]]) -> None:
        """Keep the networks, the epochs of all runs, and the most severe names of any of them."""
        self.networks = [run.network.cpu() for phase, _, run in runs if phase == "final"]
        rows = [
            {"phase": phase, "member": member, **row}
            for phase, member, run in runs
            for row in run.epochs
        ]
        self.history = pd.DataFrame(rows)
        named = [name for _, _, run in runs for name in run.verdict if name != "healthy"]
        self.verdict = list(dict.fromkeys(named)) or ["healthy"]
        self.stopped = "; ".join(
            f"{phase} {member}: {run.stopped}" for phase, member, run in runs if run.stopped
        )

    def _player_columns(self) -> list[str]:
        columns = self.model.roster_features
        known = [name for name in self.roster_columns if name != "player_id"]
        return self._known(known if columns is None else columns, known, "roster_features")

    def _team_columns(self) -> list[str]:
        columns = self.model.team_features
        known = list(self.team_columns or ())
        return self._known(known if columns is None else columns, known, "team_features")

    def _known(self, columns: list[str], known: list[str], key: str) -> list[str]:
        given = {*known, self.model.minutes_column} if key == "roster_features" else set(known)
        missing = [name for name in columns if name not in given]
        if key == "roster_features":
            needed = (self.model.minutes_column, "player_id")
            missing += [name for name in needed if name not in self.roster_columns]
        if missing:
            raise RankerError(
                f"The Deep Set's inputs lack {', '.join(dict.fromkeys(missing))}.",
                where=f"params.yaml: model_a.{key}",
                allowed=", ".join(known),
                next_command="edit params.yaml, or dvc repro roster_features team_features",
            )
        return columns

    def _tensors(self, inputs: RankerInputs) -> Rosters:
        assert inputs.rosters is not None and self.player_scaler and self.team_scaler
        return roster_tensors(
            inputs.teams,
            inputs.rosters,
            self.player_scaler,
            self.team_scaler,
            self.model.minutes_column,
            self.model.embedding_buckets,
        )

    @torch.no_grad()
    def _predict(self, inputs: RankerInputs) -> pd.DataFrame:
        rosters = self._tensors(inputs)
        mean = torch.stack([_scores(network, rosters) for network in self.networks])
        if self.training.loss == "margin":
            mean[..., RANK] = mean[..., MARGIN] * self.margin_scale
        scores = mean.mean(dim=0).double().numpy()
        spread = self._spread(rosters, inputs.teams, mean)
        if self.training.loss != "margin" and self.training.margin_weight == 0:
            scores[:, MARGIN], spread[:, MARGIN] = 0.0, 0.0
        points = np.array([1.0, self.margin_scale])
        return pd.DataFrame(
            {
                "rank_score": scores[:, RANK],
                "rank_score_sd": spread[:, RANK],
                "margin_score": scores[:, MARGIN] * points[MARGIN],
                "margin_score_sd": spread[:, MARGIN] * points[MARGIN],
            }
        )

    def _spread(self, rosters: Rosters, teams: pd.DataFrame, mean: Tensor) -> NDArray[np.float64]:
        """Return the standard deviation over sampled networks of each score: [teams, 2].

        Every sample is centred within its date first: a shift common to all teams of a date is
        no uncertainty about their order. Without sampling, the spread is that over members.
        """
        samples = [mean]
        if self.model.mc_dropout_samples and self.model.dropout:
            per_member = -(-self.model.mc_dropout_samples // len(self.networks))
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                samples = [
                    _scores(network, rosters, shared=True).unsqueeze(0)
                    for network in self.networks
                    for _ in range(per_member)
                ]
        drawn = torch.cat(samples)
        if self.training.loss == "margin":
            drawn[..., RANK] = drawn[..., MARGIN] * self.margin_scale
        index = torch.tensor(teams.groupby(["season", "as_of"]).ngroup().to_numpy(copy=True))
        count = torch.bincount(index).clamp_min(1).to(drawn.dtype)
        sums = torch.zeros((len(drawn), len(count), 2)).index_add_(1, index, drawn)
        centred = drawn - (sums / count[None, :, None])[:, index]
        return np.asarray(centred.double().std(dim=0, unbiased=False).numpy())

    def attend(self, inputs: RankerInputs) -> pd.DataFrame:
        """Return whom each team's score looks at: one row a player slot.

        Returns
        -------
        pandas.DataFrame
            season, as_of, team_id, slot, player_id, weight (mean over members and heads; missing
            where the team's weights came from the fallback, which tells nothing about players),
            minutes_share, contributors_are_fallback.
        """
        inputs = self._ordered(inputs)
        assert inputs.rosters is not None
        if not self.networks:
            raise RankerError("The Deep Set was asked whom it looks at before it was fitted.")
        tensors = self._tensors(inputs)
        weights, fallback = attention_of(self.networks, tensors)
        index = pd.MultiIndex.from_frame(inputs.teams[list(KEY)])
        row = index.get_indexer(pd.MultiIndex.from_frame(inputs.rosters[list(KEY)]))
        slots = inputs.rosters.loc[row >= 0, [*SLOT_KEY, "player_id"]].reset_index(drop=True)
        row = row[row >= 0]
        place = pd.Series(row).groupby(row).cumcount().to_numpy()
        total = tensors.minutes.clamp_min(0).sum(dim=1, keepdim=True).clamp_min(1e-9)
        shares = (tensors.minutes.clamp_min(0) / total).numpy()
        slots["minutes_share"] = shares[row, place].astype(float)
        slots["contributors_are_fallback"] = fallback[row]
        slots["weight"] = np.where(fallback[row], np.nan, weights[row, place])
        return slots

    def _save(self, folder: Path) -> None:
        assert self.player_scaler and self.team_scaler
        for number, network in enumerate(self.networks):
            # one file a member, no metadata: the same bytes from the same weights
            save_file(network.state_dict(), folder / f"member_{number}.safetensors")
        state = {
            "members": len(self.networks),
            "margin_scale": self.margin_scale,
            "player_scaler": _plain(self.player_scaler),
            "team_scaler": _plain(self.team_scaler),
            "verdict": self.verdict,
            "stopped": self.stopped,
        }
        write_text(folder / "deepset.json", json.dumps(state, indent=1) + "\n")

    def _load(self, folder: Path) -> None:
        state = json.loads((folder / "deepset.json").read_text(encoding="utf-8"))
        self.margin_scale = state["margin_scale"]
        self.verdict, self.stopped = state["verdict"], state["stopped"]
        self.player_scaler = _scaler(state["player_scaler"])
        self.team_scaler = _scaler(state["team_scaler"])
        sizes = len(self.player_scaler.columns), len(self.team_scaler.columns)
        for number in range(state["members"]):
            network = DeepSetNetwork(self.model, *sizes)
            network.load_state_dict(load_file(folder / f"member_{number}.safetensors"))
            self.networks.append(network.eval())


def _scores(network: DeepSetNetwork, rosters: Rosters, shared: bool = False) -> Tensor:
    """Score all teams in chunks; with `shared`, by one sampled network."""
    network.share_draws(shared)
    state = torch.get_rng_state()
    parts = []
    for start in range(0, len(rosters.mask), CHUNK):
        rows = torch.arange(start, min(start + CHUNK, len(rosters.mask)))
        torch.set_rng_state(state)  # the same draw of units for every chunk
        parts.append(network(rosters.rows(rows)).scores)
    network.share_draws(False)
    return torch.cat(parts)


@torch.no_grad()
def attention_of(
    networks: list[DeepSetNetwork], rosters: Rosters
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return final weights [teams, players], mean over networks, and which teams fell back."""
    outputs = [network(rosters).attention for network in networks]
    weights = torch.stack([output.weights for output in outputs]).mean(dim=0).double().numpy()
    fallback = torch.stack([output.fallback for output in outputs]).any(dim=0).numpy()
    return weights, fallback


def _plain(scaler: Scaler) -> dict[str, Any]:
    spread = [value if np.isfinite(value) else None for value in scaler.spread.tolist()]
    return {"columns": list(scaler.columns), "mean": scaler.mean.tolist(), "spread": spread}


def _scaler(state: dict[str, Any]) -> Scaler:
    spread = [np.inf if value is None else value for value in state["spread"]]
    return Scaler(tuple(state["columns"]), np.array(state["mean"]), np.array(spread))
