"""Score every season out of fold with the Deep Set (Model A) over each team's roster."""

from __future__ import annotations

import json
from pathlib import Path

import torch  # noqa: F401  # before `run_stage`, which sets its threads

from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, read_table, write_text
from nbarank.core.tracking import write_curves
from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
from nbarank.rankers.deepset.ranker import DeepSetRanker, device_of
from nbarank.rankers.deepset.training_history import curve_steps, fold_row
from nbarank.rankers.training.contract import Ranker, RankerInputs
from nbarank.rankers.training.described_teams import read_described_teams
from nbarank.rankers.training.out_of_fold import score_out_of_fold
from nbarank.schemas.features import ROSTERS
from nbarank.schemas.season_split import ENDED

CURVES = Path("plots/deepset")
DIAGNOSTICS = DATA / "diagnostics" / "deepset.json"


def main(stage: Stage) -> None:
    """Read features; write oof/deepset, models/deepset, training curves and verdicts."""
    model, training = stage.params(ModelAParams), stage.params(TrainingParams)
    device = stage.value("repro.device", str)
    rosters = read_table(ROSTERS, ENDED).drop(columns="player_name")
    fitted: dict[str, DeepSetRanker] = {}

    def keep(label: str, ranker: Ranker) -> None:
        assert isinstance(ranker, DeepSetRanker)
        fitted[label] = ranker

    score_out_of_fold(
        stage,
        lambda final: DeepSetRanker(model, training, device, final=final),
        RankerInputs(read_described_teams(ENDED), rosters),
        training.listmle_target,
        keep,
        report_curve=True,
        # A fork cannot use CUDA.
        processes=stage.threads if device_of(device).type == "cpu" else 1,
    )
    write_curves(CURVES, curve_steps(fitted))
    rows = [fold_row(label, ranker) for label, ranker in fitted.items()]
    write_text(DIAGNOSTICS, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    run_stage("oof_deepset", main)
