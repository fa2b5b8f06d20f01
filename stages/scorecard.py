"""Summarise the tidy scorecard on a page and in small files.

Separate from `evaluate`, because git tracks its outputs: DVC's run cache never serves such a
stage, so it must be cheap.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, write_text
from nbarank.evaluation.comparisons import read_scorecard
from nbarank.evaluation.scorecard import scored_seasons
from nbarank.evaluation.scorecard_page import scorecard_page
from nbarank.evaluation.summary import attention_text, read_diagnostics, summary_text

METRICS = Path("metrics")
FOLDER = DATA / "evaluation"


def main(stage: Stage) -> None:
    """Read the tidy scorecard; write summary.json, attention.json and scorecard.md."""
    scorecard = read_scorecard(METRICS / "scorecard.csv")
    seasons = scored_seasons(stage.params(SeasonsParams), set(scorecard["season"]))
    folds = read_diagnostics(DATA / "diagnostics" / "deepset.json")
    page = scorecard_page(
        scorecard,
        pd.read_csv(METRICS / "intervals.csv"),
        seasons,
        stage.value("evaluation.interval", float),
        pd.read_csv(FOLDER / "calibration.csv"),
        pd.read_csv(FOLDER / "game_tests.csv"),
        folds,
    )
    write_text(METRICS / "attention.json", attention_text(folds))
    write_text(METRICS / "summary.json", summary_text(scorecard, seasons))
    write_text(METRICS / "scorecard.md", page)


if __name__ == "__main__":
    run_stage("scorecard", main)
