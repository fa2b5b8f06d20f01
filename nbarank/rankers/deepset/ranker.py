"""The Deep Set as a `Ranker`.

A fold is trained on all of its lists. With early stopping it is first trained on the older lists
and watched on the newest: the probe, which gives a validation curve and the number of epochs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from nbarank.core.errors import RankerError
from nbarank.core.sections import parse_section
from nbarank.core.seeds import generator
from nbarank.core.tables import write_text
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.roster_arrays import (
    Floats,
    RosterArrays,
    Scaler,
    placed_slots,
    roster_arrays,
)
from nbarank.rankers.deepset.scoring import MARGIN, RANK, Weights, network_scores
from nbarank.rankers.training.contract import SLOT_KEY, Ranker, RankerInputs, TrainingData
from nbarank.rankers.training.model_files import read_mapping, reading

if TYPE_CHECKING:  # torch is imported to fit and to explain, not to predict
    import torch

    from nbarank.rankers.deepset.health import Verdict
    from nbarank.rankers.deepset.network import DeepSetNetwork
    from nbarank.rankers.deepset.rosters import Rosters
    from nbarank.rankers.deepset.training_loop import Run

STATE_FILE = "deepset.json"
CHUNK = 4096
"""Teams scored at a time."""
WATCHED_LISTS = 64
"""Maximum number of lists watched after each epoch if nothing is held out."""


def device_of(name: str) -> torch.device:
    """Return the device of `repro.device`; RankerError for cuda without a CUDA device."""
    import torch

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
    """Model A, with `device` 'auto', 'cpu' or 'cuda'.

    `final`: the final fit (`max_final_batches`) rather than an out-of-fold one (`max_lists_oof`).
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
        self.device = device
        self.weights: list[Weights] = []
        self._networks: list[DeepSetNetwork] = []
        self.player_scaler: Scaler | None = None
        self.team_scaler: Scaler | None = None
        self.margin_scale = 1.0
        self.history = pd.DataFrame()
        self.verdict: list[Verdict] = []
        self.stopped = ""

    def settings(self) -> dict[str, Any]:
        """Return both sections; the device is not part of the model."""
        return {
            "model_a": self.model.model_dump(mode="json"),
            "training": self.training.model_dump(mode="json"),
            "final": self.final,
        }

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Build an unfitted ranker on the CPU."""
        model = parse_section(ModelAParams, settings["model_a"], "ranker.json")
        training = parse_section(TrainingParams, settings["training"], "ranker.json")
        return cls(model, training, final=settings["final"])

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without networks, which are rebuilt from the weights."""
        return {**self.__dict__, "_networks": []}

    @property
    def networks(self) -> list[DeepSetNetwork]:
        """Return the members as networks of torch, for gradients and attention."""
        import torch

        from nbarank.rankers.deepset.network import DeepSetNetwork

        if not self._networks and self.player_scaler and self.team_scaler:
            sizes = len(self.player_scaler.columns), len(self.team_scaler.columns)
            for weights in self.weights:
                with torch.device("meta"):  # no initialisation
                    network = DeepSetNetwork(self.model, *sizes)
                # Clones are aligned in memory, as in training: sums have the same last bits.
                state = {name: torch.from_numpy(one).clone() for name, one in weights.items()}
                network.load_state_dict(state, assign=True)
                self._networks.append(network.eval())
        return self._networks

    def _fit(self, data: TrainingData, seed: int) -> None:
        from nbarank.rankers.deepset.fold_tensors import fold_tensors
        from nbarank.rankers.deepset.lists import held_out_lists, recent_lists
        from nbarank.rankers.deepset.training_loop import FAILURES, train

        device = device_of(self.device)
        rosters = data.inputs.rosters
        assert rosters is not None
        player_columns = [name for name in self.roster_columns if name != "player_id"]
        team_columns = list(self.team_columns or ())
        self.player_scaler = Scaler.fit(rosters, self._chosen("roster_features", player_columns))
        self.team_scaler = Scaler.fit(
            data.inputs.teams, self._chosen("team_features", team_columns)
        )
        fold = fold_tensors(data, self.tensors(data.inputs), self.training)
        self.margin_scale = fold.margin_scale
        maximum = self.training.max_lists_oof
        if self.final:
            batches = self.training.max_final_batches
            maximum = None if batches is None else batches * self.model.lists_per_batch
        fold = fold.pick(recent_lists(fold.lists, self.training.history_days, maximum))

        held_out = held_out_lists(fold.lists, self.model.early_stopping_val_frac)
        epochs, runs = self.model.epochs, []
        seeds = [
            int(generator(seed, "deepset member", member).integers(2**31))
            for member in range(self.model.members)
        ]
        patience = self.model.early_stopping_patience
        if patience and held_out.any():
            older, newest = fold.pick(~held_out), fold.pick(held_out)
            probe = train(
                self.model, self.training, older, newest, device, seeds[0], epochs, patience
            )
            runs.append(("probe", 0, probe))
            if not FAILURES & set(probe.verdict):
                epochs = probe.best_epoch
        some = fold.pick(recent_lists(fold.lists, None, WATCHED_LISTS))
        for member, member_seed in enumerate(seeds):
            run = train(self.model, self.training, fold, some, device, member_seed, epochs)
            runs.append(("final", member, run))
        self._record(runs)

    def _record(self, runs: list[tuple[str, int, Run]]) -> None:
        """Keep the networks of the final fits, and epochs and verdicts of all runs."""
        final = [run.network for phase, _, run in runs if phase == "final"]
        self._networks = [network.cpu().double() for network in final]
        self.weights = [
            {name: values.numpy() for name, values in network.state_dict().items()}
            for network in self._networks
        ]
        self.history = pd.DataFrame(
            [
                {"phase": phase, "member": member, **row}
                for phase, member, run in runs
                for row in run.epochs
            ]
        )
        named = [name for _, _, run in runs for name in run.verdict if name != "healthy"]
        self.verdict = list(dict.fromkeys(named)) or ["healthy"]
        self.stopped = "; ".join(
            f"{phase} {member}: {run.stopped}" for phase, member, run in runs if run.stopped
        )

    def _chosen(self, key: str, known: list[str]) -> list[str]:
        """Return the columns that `model_a.<key>` names; all if it is null."""
        columns: list[str] | None = getattr(self.model, key)
        columns = known if columns is None else columns
        needed = (self.model.minutes_column, "player_id")
        missing = [name for name in columns if name not in known]
        missing += [name for name in needed if name not in self.roster_columns]
        if missing:
            raise RankerError(
                f"Inputs of the Deep Set are missing: {', '.join(dict.fromkeys(missing))}.",
                where=f"params.yaml: model_a.{key}",
                allowed=", ".join(known),
                next_command="edit params.yaml, or dvc repro roster_features team_features",
            )
        return columns

    def tensors(self, inputs: RankerInputs) -> Rosters:
        """Return scaled inputs as tensors, row for row with `inputs.teams`; sorted by key."""
        from nbarank.rankers.deepset.rosters import Rosters

        return Rosters.of(self._arrays(inputs))

    def _arrays(self, inputs: RankerInputs) -> RosterArrays:
        if inputs.rosters is None or self.player_scaler is None or self.team_scaler is None:
            raise RankerError(
                "The Deep Set needs rosters and a fitted model.",
                next_command="dvc repro oof_deepset",
            )
        return roster_arrays(
            inputs.teams,
            inputs.rosters,
            self.player_scaler,
            self.team_scaler,
            self.model.minutes_column,
            self.model.embedding_buckets,
        )

    def _predict(self, inputs: RankerInputs) -> pd.DataFrame:
        rosters = self._arrays(inputs)
        by_member = np.concatenate([self._scores(weights, rosters) for weights in self.weights])
        self._copy_margin(by_member)
        scores = by_member.mean(axis=0)
        sd = self._sd(rosters, inputs.teams, by_member)
        if self.training.loss != "margin" and self.training.margin_weight == 0:
            scores[:, MARGIN], sd[:, MARGIN] = 0.0, 0.0
        return pd.DataFrame(
            {
                "rank_score": scores[:, RANK],
                "rank_score_sd": sd[:, RANK],
                "margin_score": scores[:, MARGIN] * self.margin_scale,
                "margin_score_sd": sd[:, MARGIN] * self.margin_scale,
            }
        )

    def _scores(
        self, weights: Weights, rosters: RosterArrays, member: int | None = None, samples: int = 0
    ) -> Floats:
        """Return [samples, teams, 2] scores in chunks; a sample has the same draw in each chunk."""
        parts = []
        for start in range(0, max(len(rosters.mask), 1), CHUNK):
            chunk = rosters.rows(slice(start, start + CHUNK))
            draws = None
            if member is not None:
                draws = [generator(0, "MC dropout", member, number) for number in range(samples)]
            parts.append(network_scores(weights, self.model, chunk, draws))
        return np.concatenate(parts, axis=1)

    def _copy_margin(self, scores: Floats) -> None:
        """With the margin loss, the margin in points is the rank score too."""
        if self.training.loss == "margin":
            scores[..., RANK] = scores[..., MARGIN] * self.margin_scale

    def _sd(self, rosters: RosterArrays, teams: pd.DataFrame, by_member: Floats) -> Floats:
        """Return the SD of each score over networks sampled by dropout: [teams, 2].

        Every sample is first centred within its date: a shift common to all teams of a date does
        not affect their order. Without sampling, the SD is that over members.
        """
        samples = by_member
        if self.with_sd and self.model.mc_dropout_samples and self.model.dropout:
            per_member = -(-self.model.mc_dropout_samples // len(self.weights))
            samples = np.concatenate(
                [
                    self._scores(weights, rosters, member, per_member)
                    for member, weights in enumerate(self.weights)
                ]
            )
            self._copy_margin(samples)
        index = teams.groupby(["season", "as_of"]).ngroup().to_numpy()
        by_team = samples.transpose(1, 0, 2)
        sums = np.zeros((int(index.max(initial=0)) + 1, *by_team.shape[1:]))
        np.add.at(sums, index, by_team)
        mean = sums / np.maximum(np.bincount(index, minlength=len(sums)), 1)[:, None, None]
        return np.asarray((by_team - mean[index]).std(axis=1))

    def attend(self, inputs: RankerInputs) -> pd.DataFrame:
        """Return the attention behind each team's score: one row per player slot.

        season, as_of, team_id, slot, player_id, minutes_share, contributors_are_fallback, weight
        (mean over members and heads; missing if any member's weights are the fallback's).
        """
        import torch

        inputs = self.ordered(inputs)
        tensors = self.tensors(inputs)
        with torch.no_grad():
            outputs = [network(tensors).attention for network in self.networks]
        weights = torch.stack([output.weights for output in outputs]).mean(dim=0).double().numpy()
        fallback = torch.stack([output.fallback for output in outputs]).any(dim=0).numpy()
        assert inputs.rosters is not None
        slots = placed_slots(inputs.teams, inputs.rosters)
        row, place = slots["row"].to_numpy(), slots["place"].to_numpy()
        minutes = tensors.minutes.clamp_min(0)
        shares = (minutes / minutes.sum(dim=1, keepdim=True).clamp_min(1e-9)).numpy()
        return slots[[*SLOT_KEY, "player_id"]].assign(
            minutes_share=shares[row, place].astype(float),
            contributors_are_fallback=fallback[row],
            weight=np.where(fallback[row], np.nan, weights[row, place]),
        )

    def _save(self, folder: Path) -> None:
        assert self.player_scaler and self.team_scaler
        for number, weights in enumerate(self.weights):
            # one file per member, no metadata: the same bytes for the same weights
            save_file(dict(weights), folder / f"member_{number}.safetensors")
        state = {
            "members": len(self.weights),
            "margin_scale": self.margin_scale,
            "player_scaler": self.player_scaler.to_json(),
            "team_scaler": self.team_scaler.to_json(),
            "verdict": self.verdict,
            "stopped": self.stopped,
        }
        write_text(folder / STATE_FILE, json.dumps(state, indent=1) + "\n")

    def _load(self, folder: Path) -> None:
        path = folder / STATE_FILE
        state = read_mapping(path, self.name)
        with reading(path, self.name):
            self.margin_scale = float(state["margin_scale"])
            self.verdict, self.stopped = state["verdict"], state["stopped"]
            self.player_scaler = Scaler.from_json(state["player_scaler"])
            self.team_scaler = Scaler.from_json(state["team_scaler"])
            members = int(state["members"])
        for number in range(members):
            path = folder / f"member_{number}.safetensors"
            with reading(path, self.name):
                self.weights.append(load_file(path))
