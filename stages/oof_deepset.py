"""Score every season out of fold with the Deep Set over each team's roster."""

from __future__ import annotations

import json
from pathlib import Path

from nbarank.ensemble.inputs import read_described_teams
from nbarank.in_progress import HISTORY
from nbarank.params.deepset import ModelAParams, TrainingParams
from nbarank.params.repro import ReproParams
from nbarank.rankers.contract import Ranker, RankerInputs
from nbarank.rankers.deepset.curves import curve_steps, fold_row
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.schemas.rosters import ROSTERS
from nbarank.stage import Stage, run_stage
from nbarank.tables import DATA, read_table, write_text
from nbarank.tracking import write_curves
from stages.base_model import score_out_of_fold

CURVES = Path("plots/deepset")
DIAGNOSTICS = DATA / "diagnostics" / "deepset.json"


def main(stage: Stage) -> None:
    """Read features; write oof/deepset, models/deepset, training curves and verdicts."""
    model, training = stage.params(ModelAParams), stage.params(TrainingParams)
    device = stage.params(ReproParams).device
    teams = read_described_teams(HISTORY)
    rosters = read_table(ROSTERS, HISTORY).drop(columns="player_name")
    fitted: dict[str, DeepSetRanker] = {}

    def remember(label: str, ranker: Ranker) -> None:
        assert isinstance(ranker, DeepSetRanker)
        fitted[label] = ranker

    score_out_of_fold(
        stage,
        lambda final: DeepSetRanker(model, training, device, final=final),
        RankerInputs(teams, rosters),
        training.listmle_target,
        training.margin_horizon_days,
        remember,
    )
    write_curves(CURVES, curve_steps(fitted))
    rows = [fold_row(label, ranker) for label, ranker in fitted.items()]
    write_text(DIAGNOSTICS, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    run_stage("oof_deepset", main)
